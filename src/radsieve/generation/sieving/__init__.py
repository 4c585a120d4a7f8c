"""Ways to good films beyond filtering."""
