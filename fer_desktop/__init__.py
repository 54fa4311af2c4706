"""FER Desktop: reads a facial expression from the webcam and turns it into a Spotify playlist."""

import os

__version__ = "0.1.0"

# onnxruntime sends telemetry by default, and reads this when it is loaded. Nothing leaves this computer.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
