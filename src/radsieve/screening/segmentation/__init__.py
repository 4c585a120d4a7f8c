"""Masks of organs and lesions: training, metrics, and any number of images."""
