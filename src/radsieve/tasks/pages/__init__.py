"""Collection of pages of one site: robots.txt, one request at a time, raw answers kept, and replayed."""
