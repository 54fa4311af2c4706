"""Seeing: frames in, faces and emotions out. Does not use Qt.

OpenCV is configured here, because it reads its environment variables when it is first imported.
"""

from __future__ import annotations

import os

MAX_PHOTO_PIXELS = 2**27
"""A photo of this size takes 384 MiB; OpenCV's own limit would take 3 GiB."""

# A variable that the user has set takes precedence.
for _name, _value in {
    "OPENCV_FFMPEG_LOGLEVEL": "-8",  # AV_LOG_QUIET, as for the log below
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MAX_PHOTO_PIXELS),
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",  # otherwise Windows takes 4 to 20 s to open a camera
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",  # seconds; otherwise an unplugged camera blocks for 10
    "OPENCV_AVFOUNDATION_SKIP_AUTH": "1",  # macOS: the window asks for permission, on the GUI thread
}.items():
    os.environ.setdefault(_name, _value)

import cv2  # noqa: E402  # after its variables are set

# Small images gain nothing from more threads, and idle workers take cores from the model.
cv2.setNumThreads(1)
# Important messages become errors of ours; the command line prints one line per error.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
