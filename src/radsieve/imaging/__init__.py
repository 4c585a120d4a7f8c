"""Decode, hash and pack films."""
