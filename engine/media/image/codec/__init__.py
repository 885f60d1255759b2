"""Files of pictures ↔ tensors, with limits."""
