"""Training of a generator, and how its films are judged."""
