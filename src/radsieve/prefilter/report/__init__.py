"""The page on the prefilter."""
