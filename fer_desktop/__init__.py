"""FER Desktop: reads a facial expression from the webcam and turns it into a Spotify playlist."""

__version__ = "0.1.0"
