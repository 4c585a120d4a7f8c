"""Screening: segmentation, symmetry, sex, and the five scores of an image."""
