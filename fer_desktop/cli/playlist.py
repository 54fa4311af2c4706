"""`fer-desktop playlist`: a playlist for an emotion, without the window."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from fer_desktop.cli.account import attempt, open_session, tell_what_login_lacks
from fer_desktop.domain import Emotion
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.creation import make_playlist
from fer_desktop.playlist.draft import DraftStore, PlaylistDraft
from fer_desktop.playlist.moods import FILE_NAME, load_moods
from fer_desktop.playlist.planner import DEFAULT_TRACKS, MAX_TRACKS, MIN_TRACKS, Preferences, plan_playlist
from fer_desktop.playlist.search import find_tracks
from fer_desktop.settings import SettingsStore

if TYPE_CHECKING:
    from fer_desktop.domain import Playlist


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand's options."""
    parser = subparsers.add_parser(
        "playlist",
        help="create a Spotify playlist for an emotion",
        description="Searches Spotify for songs that fit an emotion and makes a playlist of them.",
        epilog="A run that failed half-way is finished by the next one for the same emotion. After a "
        "finished one, the list of the day gets other songs. "
        "Exit codes: 0 done, 2 a mistake of yours, 3 not connected, 4 refused by Spotify, 5 no network.",
    )
    parser.add_argument("--emotion", required=True, choices=[emotion.value for emotion in Emotion])
    parser.add_argument(
        "--count",
        type=_track_count,
        metavar="N",
        help=f"how many songs, {MIN_TRACKS} to {MAX_TRACKS} (default: as in the settings, {DEFAULT_TRACKS})",
    )
    parser.add_argument("--lift", action="store_true", help="choose songs that lead away from the mood")
    parser.add_argument("--new", action="store_true", help="make another list, even if there is one of today")
    parser.add_argument("--preview", action="store_true", help="only show the songs, create nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Creates or previews the playlist; returns the exit code."""
    return attempt(lambda: _create(args), lambda: _left_behind(args))


def _create(args: argparse.Namespace) -> None:
    emotion = Emotion(args.emotion)
    settings = SettingsStore.load(args.profile_dir).current
    chosen = Preferences.of(settings)
    preferences = replace(chosen, track_count=args.count or chosen.track_count, lift=args.lift)
    moods = load_moods(resources_dir() / FILE_NAME)
    today = datetime.now().astimezone().date()
    drafts = DraftStore(args.profile_dir)
    before = drafts.load(emotion)
    session = open_session(settings, args.profile_dir)
    cancel = threading.Event()
    service = session.service(cancel)
    tell_what_login_lacks(session)
    if before is not None and not before.finished and not args.preview:
        draft = before
        print(f"fer-desktop: finishing the list begun on {draft.begun_on.isoformat()}", file=sys.stderr)
    else:
        plan = plan_playlist(emotion, moods, today=today, preferences=preferences)
        tracks = find_tracks(service, plan, progress=lambda _found, _wanted: None, cancel=cancel)
        if len(tracks) < plan.track_count:
            print(f"fer-desktop: only {len(tracks)} of {plan.track_count} songs found", file=sys.stderr)
        of_today = before is not None and before.begun_on == today
        if before is not None and of_today and not args.new:
            draft = before.with_tracks(tracks)
        else:
            draft = PlaylistDraft.of(plan, tracks, today, session.capabilities.service)
    playlist = draft.playlist
    if not args.preview:
        drafts.keep(draft)
        playlist = make_playlist(service, draft, drafts.keep, cancel, cover=settings.cover)
    if args.json:
        print(json.dumps(_as_json(emotion, playlist), indent=2))
        return
    print(playlist.name)
    for number, track in enumerate(playlist.tracks, start=1):
        minutes, seconds = divmod(track.duration_ms // 1000, 60)
        song = f"{track.title} - {', '.join(track.artists)}"
        print(f"{number:3}. {song} ({minutes}:{seconds:02}, {track.reason})")
    if not args.preview:
        print(playlist.url)


def _left_behind(args: argparse.Namespace) -> str:
    draft = DraftStore(args.profile_dir).load(Emotion(args.emotion))
    if args.preview or draft is None or draft.finished:
        return ""
    return f'; "{draft.name}" was begun {draft.url}'.rstrip() + "; the next run finishes it"


def _as_json(emotion: Emotion, playlist: Playlist) -> dict[str, object]:
    return {
        "emotion": emotion,
        "name": playlist.name,
        "id": playlist.id or None,
        "url": playlist.url or None,
        "tracks": [
            {
                "uri": track.uri,
                "title": track.title,
                "artists": track.artists,
                "duration_ms": track.duration_ms,
                "url": track.url,
                "reason": track.reason,
            }
            for track in playlist.tracks
        ],
    }


def _track_count(text: str) -> int:
    if not text.isdecimal() or not MIN_TRACKS <= int(text) <= MAX_TRACKS:
        raise argparse.ArgumentTypeError(f"{text} is not a number from {MIN_TRACKS} to {MAX_TRACKS}")
    return int(text)
