"""Training of a generator, and how its images are evaluated."""
