"""What an earlier playlist for an emotion means for the next one: one rule for window and command line.

The newest draft of the emotion decides:

- None, or one for another music service: a new playlist.
- `new` was asked for: a new playlist, whatever there is. One that is not finished stays as it is, and is
  forgotten here.
- It may exist at the service without its songs (`SENT`, `MADE`), of whatever day: it is finished with its
  own songs. If other songs are asked for, it gets those instead, so that no empty playlist is left behind.
- The service knows nothing of it (`PLANNED`): today's is made with its own songs, unless other songs are
  asked for; an older one counts for nothing.
- It is finished (`DONE`): the user's setting says whether today's is updated, or another is made, or the
  user is asked. One of another day is left alone.

Other songs are asked for by a track count or a lift that differs from what the draft was planned with, or by
a plan that the user sees already. A command line cannot ask: it updates instead.
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
        new: Another playlist in any case.
        track_count: A number of tracks that was given for this playlist alone, None without one.
        lift: Whether this playlist alone is to lift the mood, None if that was not said.
        fresh: The user sees a new plan, such as that of a capture, and expects its songs.
    """

    second: str
    new: bool = False
    track_count: int | None = None
    lift: bool | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class BeginNew:
    """Make a new playlist."""


@dataclass(frozen=True, slots=True)
class Continue:
    """Finish this draft with the tracks that it has."""

    draft: PlaylistDraft


@dataclass(frozen=True, slots=True)
class Update:
    """Put other tracks into the playlist of this draft; see `PlaylistDraft.with_tracks`."""

    draft: PlaylistDraft


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the user whether to update the playlist of this draft or to make another."""

    draft: PlaylistDraft


Decision = BeginNew | Continue | Update | Ask


def decide(before: PlaylistDraft | None, *, service: str, today: date, wish: Wish) -> Decision:
    """Decides what to do about the newest draft of an emotion, by the rule of this module.

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
