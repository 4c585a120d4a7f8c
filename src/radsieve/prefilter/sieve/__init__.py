"""Sieves of latents, and whether they perform as their cards say."""

from radsieve.prefilter.sieve.sieve import Sieve

__all__ = ["Sieve"]
