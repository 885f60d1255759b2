"""Training, benches and measured figures. Nothing outside the lab imports it."""
