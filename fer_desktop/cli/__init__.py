"""The commands that need no window. The only place that prints."""
