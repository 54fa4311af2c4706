"""Seeing: frames in, faces and emotions out. Knows no Qt.

OpenCV is set up here, since it reads its variables when it is first imported.
"""

from __future__ import annotations

import os

MAX_PHOTO_PIXELS = 2**27
"""They take 384 MiB; OpenCV's own limit would take 3 GiB."""

# A variable that the user has set wins.
for _name, _value in {
    "OPENCV_FFMPEG_LOGLEVEL": "-8",  # AV_LOG_QUIET, as for the log below
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MAX_PHOTO_PIXELS),
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",  # else Windows opens a camera in 4 to 20 s
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",  # seconds; else an unplugged camera blocks for 10
    "OPENCV_AVFOUNDATION_SKIP_AUTH": "1",  # macOS: the window asks for permission, on the GUI thread
}.items():
    os.environ.setdefault(_name, _value)

import cv2  # noqa: E402  # after its variables are set

# Small images gain nothing from more threads, and its idle workers take the cores from the model.
cv2.setNumThreads(1)
# What matters of its messages becomes an error of ours; the command line keeps to one line an error.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
