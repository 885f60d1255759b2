"""Maquette's window: state, client and views. It knows the engine only by its messages."""

__version__ = "0.1.0"
