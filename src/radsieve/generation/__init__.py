"""The generation track: a generator trained on real images, its images, and what they are good for."""
