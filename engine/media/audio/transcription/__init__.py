"""Recordings → notes."""
