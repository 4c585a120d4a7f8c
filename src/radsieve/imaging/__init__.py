"""Decode, hash and draw films."""
