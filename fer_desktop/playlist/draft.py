"""A playlist on its way to the music service, kept in a file so that another start can continue it."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from fer_desktop.domain import Emotion, Playlist, Track
from fer_desktop.errors import SettingsError
from fer_desktop.files import erase, from_json, to_json, write_whole
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_desktop.domain import PlaylistPlan
    from fer_desktop.files import Migration

FILE_NAME = "playlists.json"


def _from_version_1(content: dict[str, Any]) -> dict[str, Any]:
    """Adds the service, which was always Spotify, and what was asked for."""
    return {
        "drafts": [
            {
                "started_on": draft.pop("begun_on"),
                "service": "spotify",
                "track_count": len(draft["tracks"]),
                "lift": ", to lift it." in draft["description"],
                **draft,
            }
            for draft in map(dict, content["drafts"])
        ]
    }


_MIGRATIONS: tuple[Migration, ...] = (_from_version_1,)


class Stage(StrEnum):
    """How far a draft has progressed."""

    PLANNED = "planned"  # the service does not know of it
    SENT = "sent"  # it may exist: look for it before creating it
    MADE = "made"  # it exists, without all of its tracks
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PlaylistDraft:
    """All that is needed to create a playlist, or to finish it.

    Attributes:
        emotion: What it is for.
        name: Its title.
        description: One line about it; includes the mark.
        mark: Distinguishes it from others of the same name.
        started_on: The day on which it was planned.
        service: The key of the music service that it is for; see `MusicCapabilities`.
        track_count: How many tracks were asked for; fewer may have been found or chosen.
        lift: It was meant to lead away from the mood.
        tracks: Its tracks, in order.
        stage: How far it has progressed.
        playlist_id: The service's id, "" until there is one.
        url: Its page, "" until there is one.
    """

    emotion: Emotion
    name: str
    description: str
    mark: str
    started_on: date
    service: str
    track_count: int
    lift: bool
    tracks: tuple[Track, ...]
    stage: Stage = Stage.PLANNED
    playlist_id: str = ""
    url: str = ""

    @classmethod
    def of(cls, plan: PlaylistPlan, tracks: Sequence[Track], today: date, service: str) -> PlaylistDraft:
        """Returns the draft of a new playlist at a music service, which is named by its key."""
        mark = secrets.token_hex(3)
        return cls(
            plan.emotion,
            plan.name,
            f"{plan.description} [{mark}]",
            mark,
            today,
            service,
            plan.track_count,
            plan.lift,
            tuple(tracks),
        )

    @property
    def playlist(self) -> Playlist:
        """The playlist made of it."""
        return Playlist(self.playlist_id, self.name, self.url, self.tracks)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.stage is Stage.DONE

    def with_tracks(self, tracks: Sequence[Track], plan: PlaylistPlan | None = None) -> PlaylistDraft:
        """Returns the draft that gives its playlist other tracks: those of another plan, if one is given.

        A finished playlist is looked for again: the user may have deleted it meanwhile, and changes to a
        deleted playlist succeed without anyone seeing them.
        """
        return replace(
            self,
            tracks=tuple(tracks),
            track_count=self.track_count if plan is None else plan.track_count,
            lift=self.lift if plan is None else plan.lift,
            stage=Stage.SENT if self.stage is Stage.DONE else self.stage,
        )


class DraftStore:
    """The newest draft of each emotion, in a file of the profile folder."""

    def __init__(self, profile_dir: Path) -> None:
        self._path = profile_dir / FILE_NAME

    def load(self, emotion: Emotion) -> PlaylistDraft | None:
        """Returns the newest draft of an emotion, None if there is none.

        Raises:
            SettingsError: The file cannot be read.
        """
        return self._drafts().get(emotion)

    def unfinished(self, service: str) -> PlaylistDraft | None:
        """Returns a draft that may have left an unfinished playlist at a service, None if there is none.

        Raises:
            SettingsError: The file cannot be read.
        """
        drafts = (draft for draft in self._drafts().values() if draft.service == service)
        return next((draft for draft in drafts if draft.stage in (Stage.SENT, Stage.MADE)), None)

    def keep(self, draft: PlaylistDraft) -> None:
        """Writes a draft; it replaces the one of its emotion.

        Raises:
            SettingsError: The file cannot be read or written.
        """
        self._write(self._drafts() | {draft.emotion: draft})

    def forget(self, draft: PlaylistDraft) -> None:
        """Erases the draft of an emotion.

        Raises:
            SettingsError: The file cannot be read or written.
        """
        drafts = self._drafts()
        if drafts.pop(draft.emotion, None) is not None:
            self._write(drafts)

    def clear(self) -> None:
        """Erases all drafts.

        Raises:
            SettingsError: The file cannot be deleted.
        """
        try:
            erase(self._path)
        except OSError as error:
            raise self._not_written(error) from error

    def _drafts(self) -> dict[Emotion, PlaylistDraft]:
        try:
            content = from_json(self._path.read_text(encoding="utf-8"), _MIGRATIONS, self._path)
            return {draft.emotion: draft for draft in map(_draft, content["drafts"])}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                _("Unfinished playlists unreadable"),
                _("{path} cannot be read or is damaged.").format(path=self._path),
                _("Delete the file. An unfinished playlist is then started from scratch."),
            ) from error

    def _write(self, drafts: dict[Emotion, PlaylistDraft]) -> None:
        kept = [asdict(draft) | {"started_on": draft.started_on.isoformat()} for draft in drafts.values()]
        try:
            write_whole(self._path, to_json({"drafts": kept}, _MIGRATIONS))
        except OSError as error:
            raise self._not_written(error) from error

    def _not_written(self, error: OSError) -> SettingsError:
        return SettingsError(
            _("Playlist progress not saved"),
            _("{path} cannot be written ({reason}).").format(path=self._path, reason=error.strerror),
            _("Free some space or choose another folder with --profile-dir."),
        )


def _draft(content: dict[str, Any]) -> PlaylistDraft:
    kept = dict(content)
    tracks = tuple(Track(**track | {"artists": tuple(track["artists"])}) for track in kept.pop("tracks"))
    emotion, stage = Emotion(kept.pop("emotion")), Stage(kept.pop("stage"))
    started_on = date.fromisoformat(kept.pop("started_on"))
    return PlaylistDraft(emotion=emotion, stage=stage, started_on=started_on, tracks=tracks, **kept)
