"""Synthetic rows of tables: what they keep of the real ones, and what they give away."""
