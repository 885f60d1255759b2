"""The generators of pictures, one folder each."""
