"""Sieves of latents, and whether they keep what their cards expected value."""

from radsieve.prefilter.sieve.sieve import Sieve

__all__ = ["Sieve"]
