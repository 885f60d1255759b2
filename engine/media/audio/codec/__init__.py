"""Files of scores and recordings ↔ notes and samples, with limits."""
