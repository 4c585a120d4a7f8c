"""The figures of generation."""
