"""Of what use synthetic films are to a classifier."""
