"""The five scores of an image, and how they answer to alterations."""
