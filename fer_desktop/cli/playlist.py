"""`fer-desktop playlist`: a playlist for an emotion, without the window."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from datetime import datetime
from typing import TYPE_CHECKING

from fer_desktop.cli.account import attempt, open_session
from fer_desktop.domain import Emotion
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.creation import create_playlist, find_tracks
from fer_desktop.playlist.moods import FILE_NAME, load_moods
from fer_desktop.playlist.planner import DEFAULT_TRACKS, MAX_TRACKS, MIN_TRACKS, plan_playlist

if TYPE_CHECKING:
    from fer_desktop.domain import Playlist, PlaylistPlan, Track


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand's options."""
    parser = subparsers.add_parser(
        "playlist",
        help="create a Spotify playlist for an emotion",
        description="Searches Spotify for songs that fit an emotion and makes a playlist of them.",
        epilog="Exit codes: 0 done, 2 wrong options, 3 not connected, 4 refused by Spotify, 5 no network.",
    )
    parser.add_argument("--emotion", required=True, choices=[emotion.value for emotion in Emotion])
    parser.add_argument(
        "--count",
        type=_track_count,
        default=DEFAULT_TRACKS,
        metavar="N",
        help=f"how many songs, {MIN_TRACKS} to {MAX_TRACKS} (default: %(default)s)",
    )
    parser.add_argument("--preview", action="store_true", help="only show the songs, create nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Creates or previews the playlist; returns the exit code."""
    return attempt(lambda: _create(args))


def _create(args: argparse.Namespace) -> None:
    emotion = Emotion(args.emotion)
    mood = load_moods(resources_dir() / FILE_NAME)[emotion]
    today = datetime.now().astimezone().date()
    plan = plan_playlist(emotion, mood, today=today, track_count=args.count)
    service = open_session(args.profile_dir).service()
    tracks = find_tracks(service, plan, progress=lambda _found, _wanted: None, cancel=threading.Event())
    if len(tracks) < plan.track_count:
        print(f"fer-desktop: only {len(tracks)} of {plan.track_count} songs found", file=sys.stderr)
    playlist = None if args.preview else create_playlist(service, plan, tracks)
    if args.json:
        print(json.dumps(_as_json(plan, tracks, playlist), ensure_ascii=False, indent=2))
        return
    print(plan.name)
    for number, track in enumerate(tracks, start=1):
        minutes, seconds = divmod(track.duration_ms // 1000, 60)
        song = f"{track.title} - {', '.join(track.artists)}"
        print(f"{number:3}. {song} ({minutes}:{seconds:02}, {track.keyword})")
    if playlist is not None:
        print(playlist.url)


def _as_json(plan: PlaylistPlan, tracks: tuple[Track, ...], playlist: Playlist | None) -> dict[str, object]:
    return {
        "emotion": plan.emotion,
        "name": plan.name,
        "id": playlist.id if playlist else None,
        "url": playlist.url if playlist else None,
        "tracks": [
            {
                "uri": track.uri,
                "title": track.title,
                "artists": track.artists,
                "duration_ms": track.duration_ms,
                "url": track.url,
                "keyword": track.keyword,
            }
            for track in tracks
        ],
    }


def _track_count(text: str) -> int:
    if not text.isdecimal() or not MIN_TRACKS <= int(text) <= MAX_TRACKS:
        raise argparse.ArgumentTypeError(f"{text} is not a number from {MIN_TRACKS} to {MAX_TRACKS}")
    return int(text)
