"""Predicting from the latent vector whether an image will be good, and keeping the latents that are worth one."""
