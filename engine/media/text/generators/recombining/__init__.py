"""The recombining generator: for languages that no model here has learned."""
