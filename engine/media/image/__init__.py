"""The medium of pictures."""
