"""The commands without a window. The only place that prints."""
