"""Sound texture: more of a sound that has no notes."""
