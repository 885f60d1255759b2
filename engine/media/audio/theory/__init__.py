"""What can be told of a score from its notes: key, mode, grid, part-writing."""
