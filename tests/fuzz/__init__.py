"""Damaged files of every kind that the app reads: each is read or refused, none ends the app."""
