"""Decode, hash and pack images."""
