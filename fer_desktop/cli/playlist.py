"""`fer-desktop playlist`: a playlist for an emotion, without the window."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from fer_desktop.cli.account import attempt, open_session, warn_about_login
from fer_desktop.domain import Emotion
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.creation import make_playlist
from fer_desktop.playlist.draft import DraftStore, PlaylistDraft
from fer_desktop.playlist.moods import FILE_NAME, load_moods
from fer_desktop.playlist.planner import DEFAULT_TRACKS, MAX_TRACKS, MIN_TRACKS, Preferences, plan_playlist
from fer_desktop.playlist.resume import Continue, Update, Wish, decide
from fer_desktop.playlist.search import find_tracks
from fer_desktop.settings import SettingsStore
from fer_desktop.translation import play_time

if TYPE_CHECKING:
    from fer_desktop.domain import Playlist
    from fer_desktop.music import MusicService
    from fer_desktop.settings import Settings


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand's options."""
    parser = subparsers.add_parser(
        "playlist",
        help="create a Spotify playlist for an emotion",
        description="Searches Spotify for songs that fit an emotion and makes a playlist of them.",
        epilog="If a run fails, the next run for the same emotion finishes its playlist with the same songs, "
        "or with other songs if its --count or --lift differs; with --new, it leaves that playlist as it is "
        "and creates another. After a run that succeeded, further runs on the same day replace the songs, "
        "unless the settings say to make another playlist. "
        "Exit codes: 0 done, 2 wrong usage or settings, 3 not connected, 4 refused by Spotify, 5 no network.",
    )
    parser.add_argument("--emotion", required=True, choices=[emotion.value for emotion in Emotion])
    parser.add_argument(
        "--count",
        type=_track_count,
        metavar="N",
        help=f"how many songs, {MIN_TRACKS} to {MAX_TRACKS} (default: as in the settings, {DEFAULT_TRACKS})",
    )
    parser.add_argument("--lift", action="store_true", help="choose songs that lead away from the mood")
    parser.add_argument("--new", action="store_true", help="always create another playlist")
    parser.add_argument("--preview", action="store_true", help="only show the songs; create nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Creates or previews the playlist; returns the exit code."""
    return attempt(lambda: _create(args), lambda: _left_behind(args))


def _create(args: argparse.Namespace) -> None:
    settings = SettingsStore.load(args.profile_dir).current
    drafts = DraftStore(args.profile_dir)
    before = drafts.load(Emotion(args.emotion))
    session = open_session(settings, args.profile_dir)
    cancel = threading.Event()
    service = session.service(cancel)
    warn_about_login(session)
    draft = _draft(args, settings, service, None if args.preview else before, cancel)
    playlist = draft.playlist
    if not args.preview:
        drafts.keep(draft)
        playlist = make_playlist(service, draft, drafts.keep, cancel, cover=settings.cover)
    if args.json:
        print(json.dumps(_as_json(draft.emotion, playlist), indent=2))
        return
    print(playlist.name)
    for number, track in enumerate(playlist.tracks, start=1):
        song = f"{track.title} - {', '.join(track.artists)}"
        print(f"{number:3}. {song} ({play_time(track.duration_ms / 1000)}, {track.reason})")
    if not args.preview:
        print(playlist.url)


def _draft(
    args: argparse.Namespace,
    settings: Settings,
    service: MusicService,
    before: PlaylistDraft | None,
    cancel: threading.Event,
) -> PlaylistDraft:
    """Returns what to create; says on stderr if it finishes an earlier playlist, or finds too few songs."""
    today = datetime.now().astimezone().date()
    key = service.capabilities.service
    second = "update" if settings.second_playlist == "ask" else settings.second_playlist
    wish = Wish(second, new=args.new, track_count=args.count, lift=args.lift or None)
    decision = decide(before, service=key, today=today, wish=wish)
    if isinstance(decision, Continue | Update) and not decision.draft.finished:
        print(
            f"fer-desktop: finishing the playlist of {decision.draft.started_on.isoformat()}", file=sys.stderr
        )
    if isinstance(decision, Continue):
        return decision.draft
    chosen = Preferences.of(settings)
    plan = plan_playlist(
        Emotion(args.emotion),
        load_moods(resources_dir() / FILE_NAME),
        today=today,
        preferences=replace(chosen, track_count=args.count or chosen.track_count, lift=args.lift),
    )
    tracks = find_tracks(service, plan, progress=lambda _found, _wanted: None, cancel=cancel)
    if len(tracks) < plan.track_count:
        print(f"fer-desktop: only {len(tracks)} of {plan.track_count} songs found", file=sys.stderr)
    if isinstance(decision, Update):
        return decision.draft.with_tracks(tracks, plan)
    return PlaylistDraft.of(plan, tracks, today, key)


def _left_behind(args: argparse.Namespace) -> str:
    draft = DraftStore(args.profile_dir).load(Emotion(args.emotion))
    if args.preview or draft is None or draft.finished:
        return ""
    return f'; "{draft.name}" was started {draft.url}'.rstrip() + "; the next run finishes it"


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
