"""Predicting from the latent vector whether a film will be good, and keeping the latents that are worth drawing."""
