"""The application: wires settings, engine, project, media and window together."""
