"""The medium of music: scores, recordings and sound textures."""
