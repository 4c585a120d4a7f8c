"""Texts: how well an author's style is written by a network, and recognised by a classifier."""
