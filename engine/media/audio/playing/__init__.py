"""Scores → finished recordings."""
