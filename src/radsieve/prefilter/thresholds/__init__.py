"""The choice of the probability from which a latent is accepted."""
