"""Analyzing files: which ones, where the results go, and the progress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QListWidget,
    QProgressBar,
    QPushButton,
    QWidget,
)

from fer_desktop.controllers.batch import BatchState
from fer_desktop.translation import _, ngettext
from fer_desktop.ui import theme
from fer_desktop.ui.drop_area import files_of
from fer_desktop.ui.header import media_kinds
from fer_desktop.ui.layouts import column, row
from fer_desktop.ui.text import text_label
from fer_desktop.ui.tick_box import TickBox
from fer_desktop.ui.wording import breakable
from fer_desktop.vision.media import is_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent

    from fer_desktop.controllers.batch import BatchController
    from fer_desktop.errors import AppError, FrameSourceError
    from fer_desktop.vision.batch import BatchProgress

_STEPS = 1000
"""Of the progress bar."""


class BatchDialog(QDialog):
    """Chooses files, reads them and shows the result. Closing it stops the reading; Escape does not.

    Files can be dropped on it.

    Args:
        controller: Reads the files.
        parent: The window.
    """

    def __init__(self, controller: BatchController, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Analyze files"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._controller = controller
        self._files: list[Path] = []
        self._folder: Path | None = None
        self._started = False
        self._faces = 0
        self.setAcceptDrops(True)
        self.chosen = text_label()
        self.add_button = QPushButton(_("Add files\N{HORIZONTAL ELLIPSIS}"))
        self.add_button.clicked.connect(self._add_files)
        self.add_folder_button = QPushButton(_("Add folder\N{HORIZONTAL ELLIPSIS}"))
        self.add_folder_button.clicked.connect(self._add_folder)
        self.destination = text_label()
        self.change_button = QPushButton(_("Change\N{HORIZONTAL ELLIPSIS}"))
        self.change_button.setAccessibleName(_("Change the results folder"))
        self.change_button.clicked.connect(self._change_folder)
        self.copies = TickBox(_("Also save copies of the pictures with faces boxed and labelled"))
        self.progress = QProgressBar()
        self.progress.setRange(0, _STEPS)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(_("Progress"))
        self.now = text_label()
        self.problems = QListWidget()
        self.problems.setWordWrap(True)
        self.problems.setAccessibleName(_("Files that could not be read"))
        self.start_button = QPushButton(_("Analyze"))
        self.start_button.clicked.connect(self._start)
        self.pause_button = QPushButton()
        self.pause_button.clicked.connect(self._toggle_pause)
        self.cancel_button = QPushButton(_("Cancel"))
        self.cancel_button.clicked.connect(self._cancel)
        self.open_button = QPushButton(_("Open results"))
        self.open_button.clicked.connect(self._open_results)
        self.close_button = QPushButton(_("Close"))
        self.close_button.clicked.connect(self.reject)
        self._lay_out()
        controller.state_changed.connect(self._show_chosen)
        self.finished.connect(controller.cancel)
        self._show_chosen()
        self._show_buttons(BatchState.IDLE)
        self.problems.setVisible(False)

    def add(self, files: Sequence[Path]) -> None:
        """Adds files and folders that are not chosen yet."""
        if self.reading or not files:
            return
        if self._started and self._controller.state is BatchState.DONE:  # those are done: start a new list
            self._files = []
            self._show_buttons(BatchState.IDLE)
            self.problems.setVisible(False)
            self.now.clear()
        self._files += [file for file in dict.fromkeys(files) if file not in self._files]
        self._show_chosen()
        self.start_button.setFocus()

    @property
    def reading(self) -> bool:
        """Whether its files are being read; none can be added meanwhile."""
        return self._started and self._controller.active

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Shows that files may be dropped here."""
        if files_of(event.mimeData()) and not self.reading:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Adds what was dropped."""
        event.acceptProposedAction()
        self.add(files_of(event.mimeData()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Closes on Escape, but not while reading: Cancel is for that."""
        if not (event.key() == Qt.Key.Key_Escape and self.reading):
            super().keyPressEvent(event)

    # What the user does

    @Slot()
    def _add_files(self) -> None:
        paths, _filter = QFileDialog.getOpenFileNames(
            self, _("Add files"), str(self._destination()), media_kinds()
        )
        self.add([Path(path) for path in paths])

    @Slot()
    def _add_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, _("Add folder"), str(self._destination()))
        if path:
            self.add([Path(path)])

    @Slot()
    def _change_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, _("Results folder"), str(self._destination()))
        if path:
            self._folder = Path(path)
            self._show_chosen()

    @Slot()
    def _start(self) -> None:
        self.problems.clear()
        self.problems.setVisible(False)
        self._faces = 0
        if not self._started:
            self._listen()
        self._controller.start(self._files, self._destination(), copies=self.copies.isChecked())

    @Slot()
    def _toggle_pause(self) -> None:
        self._controller.set_paused(self._controller.state is BatchState.RUNNING)

    @Slot()
    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self.pause_button.setEnabled(False)
        self.now.setText(_("Stopping\N{HORIZONTAL ELLIPSIS}"))
        self._controller.cancel()

    @Slot()
    def _open_results(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._controller.results)))

    # What the controller reports

    def _listen(self) -> None:
        """Follows the controller from the first start here; before that, it may be finishing earlier work."""
        self._started = True
        self._controller.state_changed.connect(self._on_state)
        self._controller.progress_changed.connect(self._on_progress)
        self._controller.problem_found.connect(self._on_problem)
        self._controller.failed.connect(self._on_failed)

    @Slot(object)
    def _on_state(self, state: BatchState) -> None:
        self._show_buttons(state)
        unread = self.problems.count()
        faces = ngettext("{count} face read", "{count} faces read", self._faces).format(count=self._faces)
        problems = ngettext(
            "{count} file could not be read", "{count} files could not be read", unread
        ).format(count=unread)
        if state is BatchState.PAUSED:
            self.now.setText(_("Paused"))
        elif state is BatchState.DONE:
            self.progress.setValue(_STEPS)
            results = _("{faces}, {problems}").format(faces=faces, problems=problems) if unread else faces
            self.now.setText(_("Done: {results}.").format(results=results))
        elif state is BatchState.CANCELLED:
            self.now.setText(_("Stopped. The results so far are kept: {faces}.").format(faces=faces))

    @Slot(object)
    def _on_progress(self, progress: BatchProgress) -> None:
        self._faces = progress.faces
        self.progress.setValue(round(progress.share * _STEPS))
        if self._controller.state is BatchState.RUNNING and self.cancel_button.isEnabled():
            self.now.setText(
                _("{number} of {total}: {name}").format(
                    number=progress.index + 1, total=progress.total, name=breakable(progress.file.name)
                )
            )

    @Slot(object)
    def _on_problem(self, error: FrameSourceError) -> None:
        self.problems.addItem(str(error))
        self.problems.setVisible(True)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self.now.setText(breakable(str(error)))

    # What is shown

    @Slot()
    def _show_chosen(self) -> None:
        count = len(self._files)
        if not count:
            text = _("No files chosen yet. Add photos, videos, or folders of them.")
        elif count == 1:
            text = self._files[0].name
        else:
            text = _("{count} files and folders, starting with {name}").format(
                count=count, name=self._files[0].name
            )
        self.chosen.setText(breakable(text))
        self.destination.setText(
            _("A table (CSV) and a list (JSON) of all faces are saved to a new folder in {folder}").format(
                folder=breakable(str(self._destination()))
            )
        )
        self.start_button.setEnabled(count > 0 and not self._controller.active)

    def _destination(self) -> Path:
        """Returns where the results folder is created: next to the first file, if nothing was chosen."""
        return self._folder or (self._files[0].parent if self._files else Path.home())

    def _show_buttons(self, state: BatchState) -> None:
        active = state in (BatchState.RUNNING, BatchState.PAUSED)
        for button in (self.add_button, self.add_folder_button, self.change_button, self.copies):
            button.setEnabled(not active)
        self.start_button.setVisible(not active)
        self.pause_button.setVisible(active)
        self.pause_button.setEnabled(active)
        self.pause_button.setText(_("Continue") if state is BatchState.PAUSED else _("Pause"))
        self.cancel_button.setVisible(active)
        self.cancel_button.setEnabled(active)
        self.close_button.setVisible(not active)
        results = self._controller.results
        ended = state in (BatchState.DONE, BatchState.CANCELLED, BatchState.FAILED)
        self.open_button.setVisible(ended and results is not None and is_folder(results))
        self.progress.setVisible(state is not BatchState.IDLE)
        done = state is BatchState.DONE
        theme.make_primary(self.open_button, primary=done)
        theme.make_primary(self.start_button, primary=not done)
        next_button = self.open_button if done else self.start_button
        next_button.setDefault(True)
        if state is BatchState.RUNNING:
            self.pause_button.setFocus()
        elif ended:
            next_button.setFocus()

    def _lay_out(self) -> None:
        column(
            self.chosen,
            row(self.add_button, self.add_folder_button, None),
            row(self.destination, self.change_button, growing=self.destination),
            self.copies,
            self.progress,
            self.now,
            self.problems,
            None,
            row(
                None,
                self.open_button,
                self.close_button,
                self.cancel_button,
                self.pause_button,
                self.start_button,
            ),
            owner=self,
            margin=theme.SPACE * 3,
            spacing=theme.SPACE * 2,
            growing=self.problems,
        )
        self.resize(560, 360)
