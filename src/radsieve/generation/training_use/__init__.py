"""How useful synthetic images are to a classifier."""
