"""`fer-desktop face`: face profiles without the window."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from fer_desktop.cli.analyze import own_stderr
from fer_desktop.domain import Emotion, Frame
from fer_desktop.errors import AppError, FaceProfileError, NoFaceError, OtherModelError
from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.personal.held_out import Comparison, compare_held_out
from fer_desktop.personal.population import Population
from fer_desktop.personal.profile import FaceProfile
from fer_desktop.personal.profile_store import DEFAULT_NAME, ProfileStore
from fer_desktop.vision.media import is_folder, is_photo, read_photo
from fer_desktop.vision.model_card import ModelCard
from fer_desktop.vision.pipeline import FramePipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_desktop.domain import EmotionScores

_MIN_EMOTIONS = 2
_EXIT_USER_ERROR = 2
_EXIT_INTERRUPTED = 130  # as shells count it: 128 + SIGINT
_FOLDERS = f"Name its subfolders {', '.join(Emotion)}; at least two, with photos in them."


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand and its actions."""
    parser = subparsers.add_parser(
        "face",
        help="teach the app your face, so that it reads you better",
        description="Keeps what the model reads in your own faces as a face profile: numbers, no pictures. "
        "`fer-desktop analyze --face NAME` then reads by it.",
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    learn = actions.add_parser(
        "learn",
        help="make a profile of photos",
        description="Makes a face profile of photos of one person; it replaces the one of its name. The "
        "largest face of each photo counts. If a photo cannot be used, nothing is kept, and the exit code is "
        "2.",
    )
    learn.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help=f"has photos in subfolders named {', '.join(Emotion)}; at least two of them",
    )
    learn.add_argument("--name", default=DEFAULT_NAME, help="of the profile (default: %(default)s)")
    learn.add_argument("--json", action="store_true", help="print one JSON object")
    learn.set_defaults(run=lambda args: _learn(args))
    listing = actions.add_parser("list", help="name the profiles")
    listing.set_defaults(run=lambda args: _list(args))
    show = actions.add_parser("show", help="say what a profile holds, and whether it helps")
    show.add_argument("name", metavar="NAME")
    show.set_defaults(run=lambda args: _show(args))
    forget = actions.add_parser("forget", help="erase a profile, or all of them, from the disk")
    which = forget.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", metavar="NAME")
    which.add_argument("--all", action="store_true", help="erase all profiles")
    forget.set_defaults(run=lambda args: _forget(args))
    for action in actions.choices.values():
        action.add_argument("--profile-dir", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def _learn(args: argparse.Namespace) -> int:
    store = ProfileStore(args.profile_dir)
    store.path(args.name)  # an impossible name is told before the work
    with own_stderr() as stderr:
        try:
            profile, comparison, problems = _learned(args.folder, args.name)
        except KeyboardInterrupt:
            return _EXIT_INTERRUPTED
        for problem in problems:
            print(f"fer-desktop: {problem}", file=stderr)
    if profile is None or comparison is None:
        return _EXIT_USER_ERROR
    store.save(profile)
    if args.json:
        print(json.dumps(_summary(profile, comparison), ensure_ascii=False))
    else:
        print(f"{profile.name}: learned from {profile.moments} pictures")
        _print_comparison(comparison)
    return 0


def _learned(folder: Path, name: str) -> tuple[FaceProfile | None, Comparison | None, Sequence[AppError]]:
    """Returns the profile of the photos in a folder and how it does, or why there is none."""
    photos, problems = _labelled_photos(folder)
    if problems:
        return None, None, problems
    pipeline = FramePipeline.load(models_dir(), resources_dir())
    population = Population.from_card(pipeline.card.version, pipeline.card.personal)
    profile = FaceProfile(name, pipeline.card.version, {})
    for emotion, files in photos.items():
        readings = []
        for file in files:
            try:
                readings.append(_read(pipeline, file))
            except AppError as error:
                problems.append(error)
        profile = profile.showing(emotion, readings, datetime.now().astimezone())
    if problems:
        return None, None, problems
    return profile, compare_held_out(population, profile), ()


def _labelled_photos(folder: Path) -> tuple[dict[Emotion, list[Path]], list[AppError]]:
    """Returns the photos of each emotion, and what is wrong with the folder."""
    if not is_folder(folder):
        return {}, [FaceProfileError("No such folder", f"{folder} is not a folder.", _FOLDERS)]
    try:
        places = sorted(each for each in folder.iterdir() if each.is_dir() and each.name[0] != ".")
        found = {place: sorted(file for file in place.iterdir() if is_photo(file)) for place in places}
    except OSError as error:
        return {}, [
            FaceProfileError("Folder unreadable", f"{folder}: {error.strerror}.", "Check its permissions.")
        ]
    if not found:
        return {}, [
            FaceProfileError("Nothing to learn from", f"{folder} has no folders of photos.", _FOLDERS)
        ]
    problems: list[AppError] = []
    for place, files in found.items():
        if place.name not in set(Emotion):
            problems.append(FaceProfileError("No such emotion", f"{place} is none of the four.", _FOLDERS))
        elif not files:
            problems.append(FaceProfileError("No photos", f"{place} has none.", "Add some, or remove it."))
    if not problems and len(found) < _MIN_EMOTIONS:
        problems.append(FaceProfileError("Too few emotions", f"{folder} has only one of the four.", _FOLDERS))
    if problems:
        return {}, problems
    return {Emotion(place.name): files for place, files in found.items()}, problems


def _read(pipeline: FramePipeline, file: Path) -> EmotionScores:
    you = pipeline.analyse(Frame(read_photo(file), 0, monotonic())).you
    if you is None:
        raise NoFaceError("No face found", f"There is none in {file}.", "Remove it, or take a clearer photo.")
    return you.scores


def _list(args: argparse.Namespace) -> int:
    store, exit_code = ProfileStore(args.profile_dir), 0
    names = store.names()
    for name in names:
        try:
            profile = store.load(name)
        except AppError as error:
            print(f"fer-desktop: {error}", file=sys.stderr)
            exit_code = _EXIT_USER_ERROR
            continue
        counts = ", ".join(f"{len(each.moments)} {emotion}" for emotion, each in profile.shown.items())
        print(f"{name}: {counts} (model {profile.model_version})")
    if not names:
        print("There are no face profiles.")
    return exit_code


def _show(args: argparse.Namespace) -> int:
    profile = ProfileStore(args.profile_dir).load(args.name)
    card = ModelCard.load(models_dir() / "emotion.json")
    print(f"{profile.name}: {profile.moments} moments, read by model {profile.model_version}")
    for emotion, shown in profile.shown.items():
        means = ", ".join(f"{key} {mean:+.2f}" for key, mean in zip(Emotion, shown.mean, strict=True))
        print(
            f"{emotion}: {len(shown.moments)}, on {shown.shown_at:%Y-%m-%d}; mean log probabilities {means}"
        )
    try:
        _print_comparison(compare_held_out(Population.from_card(card.version, card.personal), profile))
    except OtherModelError as error:
        print(error)
    return 0


def _forget(args: argparse.Namespace) -> int:
    store = ProfileStore(args.profile_dir)
    if args.all:
        store.forget_all()
        print("All face profiles are erased.")
    else:
        store.forget(args.name)
        print(f"The face profile {args.name} is erased.")
    return 0


def _print_comparison(comparison: Comparison) -> None:
    print("Each moment, read by the profile of the others:")
    for emotion, count in comparison.moments.items():
        print(
            f"{emotion}: {comparison.personal[emotion]} of {count} named correctly, "
            f"by the model alone {comparison.general[emotion]}"
        )
    if not comparison.better:
        print(f"That is no better than the model alone, which stays in use. {comparison.advice}")


def _summary(profile: FaceProfile, comparison: Comparison) -> dict[str, object]:
    return {
        "name": profile.name,
        "model_version": profile.model_version,
        "emotions": {
            emotion.value: {
                "pictures": count,
                "personal_correct": comparison.personal[emotion],
                "general_correct": comparison.general[emotion],
            }
            for emotion, count in comparison.moments.items()
        },
        "better": comparison.better,
        "advice": comparison.advice,
    }
