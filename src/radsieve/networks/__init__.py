"""Networks: where they run, how they are stored, and how they are applied to images."""
