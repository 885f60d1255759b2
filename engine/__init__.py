"""Maquette's engine: adapt, generate, learn. No window anywhere; importable and useful alone."""

__version__ = "0.1.0"
