"""Splits of images: whether the parts that others made share anything."""
