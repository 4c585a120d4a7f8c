"""The models that tell from a latent whether its film will be good."""
