"""The page on generation."""
