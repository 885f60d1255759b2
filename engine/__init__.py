"""Maquette's engine: adapt, generate, learn. No window anywhere; importable and useful alone."""

import os

__version__ = "0.1.0"

# Read by OpenMP when torch loads it, hence here: threads that wait sleep instead of spinning, so
# that the window, or a second job, gets the core. Spinning made a busy machine four times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
