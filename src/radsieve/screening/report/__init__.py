"""The page on screening."""
