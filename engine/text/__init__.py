"""The text generator: tokens, model, adaptation, drawing of works."""
