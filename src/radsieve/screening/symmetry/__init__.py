"""The symmetry of masks, and what it reveals about images."""
