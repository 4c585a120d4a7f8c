"""From graded images to a clean, agreed-on data set."""
