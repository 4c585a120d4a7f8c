"""From which probability on a latent is accepted."""
