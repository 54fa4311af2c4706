"""The threads: capture, inference, jobs. QtCore only."""
