"""Classifiers of films by transfer learning, and how they are judged."""
