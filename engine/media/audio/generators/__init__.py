"""The generators of music, one folder each."""
