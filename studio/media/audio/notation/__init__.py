"""Music as it is written: read from what the engine exports, laid out, drawn."""
