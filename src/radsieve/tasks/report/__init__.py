"""The page on the tasks."""
