"""Sieves of latents, and whether they keep what their cards promise."""

from radsieve.prefilter.sieve.sieve import Sieve

__all__ = ["Sieve"]
