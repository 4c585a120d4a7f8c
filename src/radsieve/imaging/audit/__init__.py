"""How far an image is from what it should be: a score for each fault."""
