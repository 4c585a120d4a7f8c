"""The models that tell from a latent whether its image will be good."""
