"""The page on curation."""
