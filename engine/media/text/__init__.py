"""The medium of texts."""
