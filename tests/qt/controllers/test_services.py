"""The controllers know a music service by its seam alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_desktop.controllers.account import AccountController
from fer_desktop.controllers.playlist import PlaylistController
from fer_desktop.domain import Emotion
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.draft import DraftStore
from fer_desktop.settings import SettingsStore
from fer_desktop.workers.job_runner import JobRunner
from tests.fakes.made_up_music import MadeUpMusic

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


def test_a_service_that_is_not_spotify_makes_a_playlist(qtbot: QtBot, tmp_path: Path) -> None:
    music = MadeUpMusic()
    settings, drafts = SettingsStore(tmp_path), DraftStore(tmp_path)
    settings.update(own_top_tracks=True, cover=True)
    account_jobs, jobs = JobRunner(), JobRunner()
    account = AccountController(music.provider, settings, account_jobs, drafts.clear)
    playlist = PlaylistController(account, jobs, resources_dir() / "moods.toml", drafts, settings)
    playlist.plan_for(Emotion.SAD)
    with qtbot.waitSignal(playlist.created, timeout=30_000):
        playlist.create()
    assert account.account is not None
    assert account.account.name == "Bob"
    assert [len(tracks) for tracks in music.lists.values()] == [20]
    kept = drafts.load(Emotion.SAD)
    assert kept is not None
    assert kept.service == "made-up"
    account.disconnect_account()
    qtbot.waitUntil(lambda: not account_jobs.busy, timeout=30_000)
    assert not music.connected
    jobs.close(30)
    account_jobs.close(30)
