"""The figures of screening."""
