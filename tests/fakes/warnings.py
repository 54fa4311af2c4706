"""The warnings that the app logs."""

from __future__ import annotations

import logging


class LoggedWarnings(logging.Handler):
    """Keeps what is logged at WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one line."""
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")
