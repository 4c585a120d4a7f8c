"""The five scores of a film, and how they answer to alterations."""
