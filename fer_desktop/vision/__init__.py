"""Seeing: frames in, faces and emotions out. Knows no Qt."""
