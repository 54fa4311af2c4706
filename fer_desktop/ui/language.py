"""The language of the window: the app's strings and Qt's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

from fer_desktop.paths import resources_dir
from fer_desktop.translation import best_language, use_language

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

LOCALE_FOLDER = "locale"


def speak(app: QApplication, language: str) -> None:
    """Shows the strings of the app and of Qt in a language.

    Text that is already shown does not change, so this is called before the window is built.

    Args:
        app: The app.
        language: One of `LANGUAGES`, or "auto" for the system's first that the app supports.
    """
    if language == "auto":
        language = best_language(QLocale.system().uiLanguages())
    use_language(language, resources_dir() / LOCALE_FOLDER)
    QLocale.setDefault(QLocale(language))
    for before in app.findChildren(QTranslator):
        app.removeTranslator(before)
        before.deleteLater()
    translator = QTranslator(app)
    # Qt's own stay English if it has no file for the language.
    if translator.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
