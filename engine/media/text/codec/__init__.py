"""Files of texts ↔ clean lines, with limits."""
