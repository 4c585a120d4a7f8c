"""What draws films from latent vectors: phantoms with known anatomy, and the networks of users."""
