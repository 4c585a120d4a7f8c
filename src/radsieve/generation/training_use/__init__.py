"""Of what use synthetic images are to a classifier."""
