"""From FER-2013 to the model that the app loads: `python -m training`."""

import os

# onnxruntime reports to its maker by default, and reads this as it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
