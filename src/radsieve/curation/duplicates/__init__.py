"""Films that show the same picture."""
