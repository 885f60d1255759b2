"""The generators of texts, one folder each."""
