"""The models that predict from a latent whether its image will be good."""
