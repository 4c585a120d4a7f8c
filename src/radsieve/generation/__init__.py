"""The generation track: a generator trained on real films, its films, and what they are good for."""
