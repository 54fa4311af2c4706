"""From FER-2013 to the model that the app loads: `python -m training`."""

import os

# onnxruntime sends usage data to its maker by default; it reads this when it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
