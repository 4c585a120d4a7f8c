"""The symmetry of masks, and what it tells of images."""
