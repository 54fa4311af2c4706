"""What an earlier playlist for an emotion means for the next one: one rule for window and command line.

The newest draft of the emotion decides:

- There is none, or it is for another music service: create a new playlist.
- The user asked for a new playlist: create one. An unfinished playlist stays as it is and is forgotten.
- It may exist at the service without its songs (`SENT`, `MADE`), from any day: finish it with its own songs.
  If the user asked for other songs, it gets those, so that no empty playlist is left behind.
- The service does not know of it (`PLANNED`): create today's with its own songs, unless the user asked for
  others. Ignore an older one.
- It is finished (`DONE`): for today's, the user's setting says whether to update it, to create another, or
  to ask. Leave one of another day alone.

A user asks for other songs with a track count or a lift that differs from what the draft was planned with, or
by looking at a new plan. The command line cannot ask, so it treats "ask" as "update".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_desktop.playlist.draft import Stage

if TYPE_CHECKING:
    from datetime import date

    from fer_desktop.playlist.draft import PlaylistDraft


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asks for.

    Attributes:
        second: The setting for the case that today's playlist exists: "ask", "update" or "new".
        new: A new playlist in any case.
        track_count: The number of tracks given for this playlist only, None if none was given.
        lift: Whether this playlist should lift the mood, None if that was not said.
        fresh: The user is looking at a new plan, such as that of a capture, and expects its songs.
    """

    second: str
    new: bool = False
    track_count: int | None = None
    lift: bool | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class BeginNew:
    """Create a new playlist."""


@dataclass(frozen=True, slots=True)
class Continue:
    """Finish this draft with the tracks that it already has."""

    draft: PlaylistDraft


@dataclass(frozen=True, slots=True)
class Update:
    """Give the playlist of this draft other tracks; see `PlaylistDraft.with_tracks`."""

    draft: PlaylistDraft


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the user whether to update the playlist of this draft or to create another."""

    draft: PlaylistDraft


Decision = BeginNew | Continue | Update | Ask


def decide(before: PlaylistDraft | None, *, service: str, today: date, wish: Wish) -> Decision:
    """Applies the rule of this module to the newest draft of an emotion.

    Args:
        before: The draft, None if there is none.
        service: The key of the music service that the playlist is for.
        today: The user's date.
        wish: What the user asks for.
    """
    if before is None or before.service != service or wish.new:
        return BeginNew()
    of_today = before.started_on == today
    if before.stage is Stage.DONE:
        by_setting: dict[str, Decision] = {"ask": Ask(before), "update": Update(before), "new": BeginNew()}
        return by_setting[wish.second] if of_today else BeginNew()
    other_songs = (
        wish.fresh
        or wish.track_count not in (None, before.track_count)
        or wish.lift not in (None, before.lift)
    )
    if before.stage is Stage.PLANNED:
        return BeginNew() if other_songs or not of_today else Continue(before)
    return Update(before) if other_songs else Continue(before)
