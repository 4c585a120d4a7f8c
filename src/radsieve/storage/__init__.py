"""Read objects from S3 or a folder, and serve an embedded bucket."""
