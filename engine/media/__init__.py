"""Bytes ↔ tensors, with limits: nothing that an artist drops in can hurt the engine."""
