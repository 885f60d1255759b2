"""The generator of music: its notes as tokens, their key and their grid."""
