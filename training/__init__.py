"""From FER-2013 to the model that the app loads: `python -m training`."""
