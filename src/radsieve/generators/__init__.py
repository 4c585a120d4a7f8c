"""What generates images from latent vectors: a decoder of phantoms, and the networks of users."""
