"""Classifiers of images: what they learn from, how they are evaluated, and what each mistake is worth."""
