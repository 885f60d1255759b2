"""Causal Transformers that read works of one author one after another, whatever the medium."""
