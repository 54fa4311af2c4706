"""The line at the bottom: the speed, the model, and that everything stays on this computer."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from fer_desktop.translation import _
from fer_desktop.ui import theme


class StatusLine(QLabel):
    """Rate and time of the live picture, and the model."""

    def __init__(self) -> None:
        super().__init__()
        self._model = _("loading the model")
        theme.small(self)
        self.setFont(theme.tabular(self.font()))
        self.show_rate(0.0, 0.0)

    def show_model(self, version: str) -> None:
        """Names the model by the month of its training; "" if none could be loaded."""
        self._model = (
            _("model {month}").format(month="-".join(version.split(".")[:2])) if version else _("no model")
        )

    def show_rate(self, frames_per_second: float, analysis_milliseconds: float) -> None:
        """Shows how fast the live picture is; 0 frames if there is none, 0 ms if none was analysed."""
        rate = []
        if frames_per_second:
            rate.append(_("{number} fps").format(number=round(frames_per_second)))
            if analysis_milliseconds:
                rate.append(_("{number} ms").format(number=round(analysis_milliseconds)))
        self.setText(" · ".join([*rate, self._model, _("stays on this computer")]))
