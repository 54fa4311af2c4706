"""The line at the bottom: how fast it goes, which model reads, and that all of it stays here."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from fer_desktop.ui import theme


class StatusLine(QLabel):
    """Rate and time of the live picture, and the model."""

    def __init__(self) -> None:
        super().__init__()
        self._model = "loading the model"
        theme.small(self)
        self.setFont(theme.tabular(self.font()))
        self.show_rate(0.0, 0.0)

    def show_model(self, version: str) -> None:
        """Names the model by the month of its training; "" where none could be loaded."""
        self._model = f"model {'-'.join(version.split('.')[:2])}" if version else "no model"

    def show_rate(self, frames_per_second: float, analysis_milliseconds: float) -> None:
        """Says how fast the live picture is; 0 frames where there is none."""
        rate = (
            [f"{frames_per_second:.0f} fps", f"{analysis_milliseconds:.0f} ms"] if frames_per_second else []
        )
        self.setText(" · ".join([*rate, self._model, "stays on this computer"]))
