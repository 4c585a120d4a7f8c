"""Images that show nearly the same picture."""
