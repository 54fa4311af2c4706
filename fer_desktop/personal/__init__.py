"""What one person's readings look like, and the reading that goes by it. Numbers only; no Qt."""
