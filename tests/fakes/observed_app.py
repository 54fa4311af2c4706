"""Runs the app's own `main` with an observer in the same process."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

from fer_desktop import startup as startup_module
from fer_desktop.__main__ import main
from fer_desktop.app import App

if TYPE_CHECKING:
    from collections.abc import Callable


def run_observed(arguments: list[str], observe: Callable[[App], object]) -> int:
    """Runs the app until its window is closed.

    Args:
        arguments: The command line.
        observe: Gets the app before its window is shown; its result lives as long as the app.

    Returns:
        The exit code.
    """

    class ObservedApp(App):
        def __init__(self, *args: object, **words: object) -> None:
            super().__init__(*args, **words)  # type: ignore[arg-type]  # as they come
            self.observer = observe(self)

    with patch.object(startup_module, "App", ObservedApp):
        return main(arguments)
