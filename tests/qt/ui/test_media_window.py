"""Photos, videos and many files in the real window."""

from __future__ import annotations

import csv
import json
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QScrollArea

from fer_desktop.controllers.batch import BatchState
from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.errors import AppError
from fer_desktop.paths import resources_dir
from fer_desktop.ui.batch_dialog import BatchDialog
from fer_desktop.vision.pipeline import FramePipeline
from fer_desktop.vision.sample_clip import SampleClip
from tests.fakes.videos import write_gif, write_video

if TYPE_CHECKING:
    from fer_desktop.domain import Frame
    from tests.fakes.app_bench import Bench

SAMPLES = resources_dir() / "samples"
NEUTRAL = SAMPLES / "neutral.jpeg"


@pytest.fixture
def frames(fresh: Bench) -> list[Frame]:
    """The frames that the window shows."""
    frames: list[Frame] = []
    fresh.app.camera.frame_changed.connect(frames.append)
    return frames


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Eight seconds that get brighter."""
    return write_video(
        tmp_path / "clip.avi", [np.full((120, 160, 3), 3 * n, np.uint8) for n in range(80)], rate=10
    )


def test_a_long_path_widens_nothing(fresh: Bench, tmp_path: Path) -> None:
    folder = tmp_path / ("wide" * 50) / ("wider" * 40)
    folder.mkdir(parents=True)
    broken = folder / ("widest" * 30 + "<b>.jpg")
    broken.write_bytes(b"no picture")
    fresh.window.resize(900, 600)
    fresh.window.sources.open(str(broken))
    fresh.until(SourceState.LOST)
    fresh.app.notifications.notify(AppError("Not a photo", f"{broken} is damaged."))
    fresh.window.read_files([broken])
    dialog = fresh.dialog(BatchDialog)
    dialog.start_button.click()
    fresh.wait(lambda: fresh.app.batch.state is BatchState.DONE)
    scroll = fresh.window.centralWidget()
    assert isinstance(scroll, QScrollArea)
    assert scroll.horizontalScrollBar().maximum() == 0
    assert "<b>" in fresh.window.stage.idle.message.text()
    assert dialog.minimumSizeHint().width() <= 560


def drop(bench: Bench, content: QMimeData, dialog: BatchDialog | None = None) -> bool:
    """Drops something on the picture or on a dialog; returns whether it is accepted."""
    area = dialog or bench.window.drop_area
    place = QPoint(100, 100)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, Qt.DropAction.CopyAction, content, left, none)
    enter.setAccepted(False)
    area.dragEnterEvent(enter)
    if enter.isAccepted():
        area.dropEvent(QDropEvent(place, Qt.DropAction.CopyAction, content, left, none))
    return enter.isAccepted()


def files(*paths: Path) -> QMimeData:
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return content


def read(bench: Bench, *paths: Path) -> BatchDialog:
    """Starts to read many files."""
    bench.window.read_files(paths)
    dialog = bench.dialog(BatchDialog)
    dialog.start_button.click()
    return dialog


def many_photos(folder: Path) -> list[Path]:
    """Returns more photos than are read before a test stops it."""
    return [Path(shutil.copy(NEUTRAL, folder / f"{number}.jpeg")) for number in range(60)]


def test_video_is_paused_seeks_and_continues(fresh: Bench, frames: list[Frame], video: Path) -> None:
    bar = fresh.window.stage.playback_bar
    fresh.window.sources.open(str(video))
    fresh.until(SourceState.LIVE)
    assert bar.isVisible()
    assert bar.pause_button.text() == "Pause"
    assert bar.time.text().endswith("/ 0:08")
    fresh.window.activateWindow()
    QTest.keyClick(fresh.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert bar.pause_button.text() == "Play"
    bar.slider.setValue(5000)
    fresh.wait(lambda: frames[-1].image.mean() == pytest.approx(150, abs=4))
    count = len(frames)
    fresh.wait(lambda: len(frames) > count + 3)
    assert frames[-1].image.mean() == pytest.approx(150, abs=4)
    assert bar.time.text() == "0:05 / 0:08"
    bar.pause_button.click()
    fresh.wait(lambda: frames[-1].image.mean() > 160)
    assert bar.slider.value() > 5000


def test_a_click_on_the_seek_bar_goes_there(fresh: Bench, video: Path) -> None:
    slider = fresh.window.stage.playback_bar.slider
    fresh.window.sources.open(str(video))
    fresh.until(SourceState.LIVE)
    fresh.window.stage.playback_bar.pause_button.click()
    for share in (0.75, 0.25):
        place = QPoint(round(slider.width() * share), slider.height() // 2)
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=place)
        assert slider.value() == pytest.approx(8000 * share, abs=400)


def test_only_what_moves_has_a_seek_bar(fresh: Bench, video: Path, tmp_path: Path) -> None:
    bar = fresh.window.stage.playback_bar
    still = write_gif(tmp_path / "still.gif", [np.full((60, 80, 3), 90, np.uint8)], [100])
    for path, moves in ((video, True), (NEUTRAL, False), (video, True), (still, False)):
        fresh.window.sources.open(str(path))
        fresh.until(SourceState.LIVE)
        assert bar.isVisible() is moves, path


def test_one_dropped_file_is_opened(fresh: Bench) -> None:
    assert drop(fresh, files(NEUTRAL))
    fresh.until(SourceState.LIVE)
    assert fresh.window.header.source_button.text() == NEUTRAL.name


def test_text_cannot_be_dropped(fresh: Bench) -> None:
    content = QMimeData()
    content.setText("just words")
    assert not drop(fresh, content)


@pytest.mark.parametrize("width", [319, 320])  # Qt pads the rows of one
def test_pasted_picture_is_read_like_a_photo(fresh: Bench, frames: list[Frame], width: int) -> None:
    picture = QImage(width, 240, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(picture)
    fresh.window.activateWindow()
    QTest.keyClick(fresh.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    fresh.until(SourceState.LIVE)
    assert fresh.window.header.source_button.text() == "Pasted picture"
    assert frames[0].image.shape == (240, width, 3)
    assert (frames[0].image == (0, 0, 255)).all()
    fresh.window.header.power_button.click()
    fresh.window.header.power_button.click()  # on again: it is still there
    fresh.until(SourceState.LIVE)


def test_pasted_file_is_opened(fresh: Bench) -> None:
    QGuiApplication.clipboard().setMimeData(files(NEUTRAL))
    fresh.window.drop_area.paste()
    fresh.until(SourceState.LIVE)
    assert fresh.window.header.source_button.text() == NEUTRAL.name


def test_nothing_to_paste_is_reported(fresh: Bench) -> None:
    QGuiApplication.clipboard().setText("just words")
    fresh.window.drop_area.paste()
    assert fresh.window.notification_bar.title.text() == "Nothing to open"


def test_many_files_are_read_into_tables_and_copies(fresh: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    for name in ("neutral.jpeg", "surprised.jpeg"):
        shutil.copy(SAMPLES / name, folder / name)
    write_video(folder / "clip.avi", [SampleClip(SAMPLES).render(130)] * 2)
    (folder / "broken.jpg").write_bytes(b"no photo")
    assert drop(fresh, files(folder / "neutral.jpeg", folder / "surprised.jpeg"))
    dialog = fresh.dialog(BatchDialog)
    assert drop(fresh, files(folder / "clip.avi", folder / "broken.jpg"))
    assert fresh.dialog(BatchDialog) is dialog
    dialog.copies.setChecked(True)
    dialog.start_button.click()
    batch = fresh.app.batch
    fresh.wait(lambda: batch.state is BatchState.DONE)
    assert dialog.now.text() == "Done: 2 faces read, 1 file could not be read."
    assert "broken.jpg" in dialog.problems.item(0).text()
    assert dialog.open_button.isVisible()
    results = batch.results
    assert results is not None
    assert results.parent == folder
    with (results / "emotions.csv").open(encoding="utf-8", newline="") as file:
        rows = [Path(row["file"]).name for row in csv.DictReader(file)]
    entries = json.loads((results / "emotions.json").read_text(encoding="utf-8"))
    assert rows == [Path(entry["file"]).name for entry in entries] == ["neutral.jpeg", "clip.avi"]
    assert len(list((results / "pictures").iterdir())) == 3


def test_many_files_can_be_paused_and_cancelled(fresh: Bench, tmp_path: Path) -> None:
    dialog, batch = read(fresh, *many_photos(tmp_path)), fresh.app.batch
    fresh.wait(lambda: dialog.progress.value() > 0)
    dialog.pause_button.click()
    assert batch.state is BatchState.PAUSED
    assert dialog.pause_button.text() == "Continue"
    assert not dialog.add_button.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert batch.state is BatchState.PAUSED
    assert dialog.isVisible()
    dialog.pause_button.click()
    assert dialog.pause_button.text() == "Pause"
    dialog.cancel_button.click()
    fresh.wait(lambda: batch.state is BatchState.CANCELLED)
    assert dialog.now.text().startswith("Stopped. The results so far are kept")
    assert batch.results is not None
    entries = json.loads((batch.results / "emotions.json").read_text(encoding="utf-8"))
    assert 0 < len(entries) < 60


def test_files_that_come_while_others_are_read_are_not_lost_silently(fresh: Bench, tmp_path: Path) -> None:
    dialog = read(fresh, *(tmp_path / str(number) for number in range(3)))
    dialog.pause_button.click()
    assert not drop(fresh, files(NEUTRAL), dialog)
    assert drop(fresh, files(NEUTRAL, SAMPLES / "angry.jpg"))
    assert fresh.window.notification_bar.title.text() == "Still analyzing"
    assert dialog.chosen.text().startswith("3 files")
    dialog.reject()
    fresh.wait(lambda: not fresh.app.batch.active)


def test_files_added_after_a_batch_start_another(fresh: Bench, tmp_path: Path) -> None:
    shutil.copy(NEUTRAL, tmp_path / "first.jpeg")
    dialog = read(fresh, tmp_path / "first.jpeg")
    fresh.wait(lambda: fresh.app.batch.state is BatchState.DONE)
    assert dialog.open_button.property("primary")
    assert not dialog.start_button.property("primary")
    fresh.window.read_files()  # what was read stays in view
    assert dialog.open_button.isVisible()
    assert drop(fresh, files(tmp_path / "second.jpeg"), dialog)
    assert dialog.chosen.text() == "second.jpeg"
    assert dialog.start_button.property("primary")
    assert not dialog.open_button.isVisible()
    dialog.reject()


def test_the_next_dialog_waits_until_the_last_one_has_ended(
    fresh: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = threading.Event()
    load = FramePipeline.load

    def load_late(*folders: Path) -> FramePipeline:
        going_on.wait()
        return load(*folders)

    monkeypatch.setattr(FramePipeline, "load", load_late)
    read(fresh, tmp_path / "first.jpeg").reject()
    shutil.copy(NEUTRAL, tmp_path / "second.jpeg")
    fresh.window.read_files([tmp_path / "second.jpeg"])
    dialog = fresh.dialog(BatchDialog)
    assert not dialog.start_button.isEnabled()
    going_on.set()
    fresh.wait(dialog.start_button.isEnabled)
    assert dialog.now.text() == ""  # nothing about the first ones
    dialog.start_button.click()
    fresh.wait(lambda: fresh.app.batch.state is BatchState.DONE)
    assert dialog.now.text() == "Done: 1 face read."


def test_a_chosen_folder_for_the_results_stays(
    fresh: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "mine"))
    fresh.window.read_files()
    dialog = fresh.dialog(BatchDialog)
    dialog.change_button.click()
    dialog.add([NEUTRAL])
    assert dialog.destination.text().endswith("mine")
    dialog.reject()


def test_closing_the_dialog_ends_the_reading(fresh: Bench, tmp_path: Path) -> None:
    shutil.copy(NEUTRAL, tmp_path / "first.jpeg")
    read(fresh, tmp_path / "first.jpeg", *(tmp_path / str(number) for number in range(3))).close()
    fresh.wait(lambda: not fresh.app.batch.active)
    assert not fresh.app.batch_jobs.busy


def test_closing_the_window_ends_the_reading(fresh: Bench, tmp_path: Path) -> None:
    dialog = read(fresh, *many_photos(tmp_path))
    fresh.wait(lambda: dialog.progress.value() > 0)
    fresh.close()  # a thread that continues would fail the test
    results = fresh.app.batch.results
    assert results is not None
    assert len(json.loads((results / "emotions.json").read_text(encoding="utf-8"))) < 60


def test_results_that_cannot_be_written_are_reported(fresh: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    dialog = read(fresh, tmp_path / "file" / "photo.jpg", NEUTRAL)
    fresh.wait(lambda: fresh.app.batch.state is BatchState.FAILED)
    assert dialog.now.text().startswith("Cannot write:")
    assert dialog.start_button.isVisible()
