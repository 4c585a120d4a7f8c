"""The five scores of an image, and how they respond to alterations."""
