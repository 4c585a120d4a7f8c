"""The table of latents: where it comes from, and what it looks like."""
