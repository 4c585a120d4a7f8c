"""Screening: segmentation, symmetry, sex, and the five scores of a film."""
