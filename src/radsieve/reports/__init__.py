"""Pages a reviewer reads top to bottom."""
