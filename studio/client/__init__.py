"""The engine's process and the queue of its jobs."""
