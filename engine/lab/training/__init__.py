"""Corpora and the outer loop that trains every medium."""
