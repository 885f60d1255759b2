"""Scores, token by token, by a causal Transformer."""
