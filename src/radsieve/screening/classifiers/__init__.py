"""Classifiers of images by transfer learning, and how they are evaluated."""
