"""What one person's readings look like, and a reading that uses it. Numbers only; no Qt."""
