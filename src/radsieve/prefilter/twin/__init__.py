"""The twin: a simulated table of latents with the published statistics."""
