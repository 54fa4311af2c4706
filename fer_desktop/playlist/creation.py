"""From tracks to a playlist at the music service: create it, fill it, and continue after a failure."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from fer_desktop.errors import (
    AppError,
    CancelledError,
    MusicServiceError,
    PlaylistGoneError,
    ServiceUnreachableError,
    UnfinishedPlaylistError,
)
from fer_desktop.playlist.cover import draw_cover
from fer_desktop.playlist.draft import Stage
from fer_desktop.translation import _

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from fer_desktop.domain import Playlist
    from fer_desktop.music import MusicService
    from fer_desktop.playlist.draft import PlaylistDraft

_log = logging.getLogger(__name__)


def make_playlist(
    service: MusicService,
    draft: PlaylistDraft,
    keep: Callable[[PlaylistDraft], None],
    cancel: threading.Event,
    *,
    cover: bool = False,
) -> Playlist:
    """Creates a draft's playlist, or continues where an earlier try stopped.

    A request to create is not repeated before the draft's mark was looked for among the user's playlists:
    after a time-out, no one knows whether it was done.

    Args:
        service: Gets one request to create and one for the tracks, and one more for the cover.
        draft: Has at least one track.
        keep: Gets the draft each time it has progressed, before the next request is sent.
        cancel: Set by another thread to stop before the next request.
        cover: Also give it a picture. The playlist is made even if that fails.

    Raises:
        UnfinishedPlaylistError: The playlist exists, but its tracks are not in it.
        CancelledError: `cancel` was set, and nothing was created.
        ServiceUnreachableError: The playlist was not created; with `maybe_done`, it may have been.
        MusicServiceError: The playlist was not created.
        SettingsError: `keep` failed.
        ValueError: There are no tracks.
    """
    if not draft.tracks:
        raise ValueError("a playlist needs tracks")
    if draft.stage is not Stage.MADE:
        draft = _made(service, draft, keep, cancel)
    try:
        _fill(service, draft, cancel)
    except UnfinishedPlaylistError as error:
        if not isinstance(error.__cause__, PlaylistGoneError):
            raise
        # Deleted between two tries? If it cannot be found any more, it is created again.
        draft = _made(service, replace(draft, stage=Stage.SENT), keep, cancel)
        _fill(service, draft, cancel)
    if cover and service.capabilities.can_set_cover:
        try:
            service.set_cover(draft.playlist_id, draw_cover(draft.emotion))
        except MusicServiceError as error:
            _log.info("no cover: %s", error)
    keep(replace(draft, stage=Stage.DONE))
    return draft.playlist


def _made(
    service: MusicService,
    draft: PlaylistDraft,
    keep: Callable[[PlaylistDraft], None],
    cancel: threading.Event,
) -> PlaylistDraft:
    """Returns the draft of a playlist that exists."""
    if cancel.is_set():
        raise CancelledError
    playlist = _found(service, draft) if draft.stage is Stage.SENT else None
    if playlist is None:
        keep(replace(draft, stage=Stage.SENT))
        try:
            playlist = service.create_playlist(draft.name, draft.description)
        except ServiceUnreachableError as error:
            if not error.maybe_done:
                keep(replace(draft, stage=Stage.PLANNED))
                raise
            playlist = _found_after(error, service, draft)
        except AppError:
            keep(replace(draft, stage=Stage.PLANNED))
            raise
    draft = replace(draft, stage=Stage.MADE, playlist_id=playlist.id, url=playlist.url)
    keep(draft)
    return draft


def _found(service: MusicService, draft: PlaylistDraft) -> Playlist | None:
    return service.find_playlist(draft.name, draft.mark, draft.playlist_id)


def _found_after(error: ServiceUnreachableError, service: MusicService, draft: PlaylistDraft) -> Playlist:
    """Returns the playlist that was created even though no answer came."""
    try:
        playlist = _found(service, draft)
    except (MusicServiceError, CancelledError) as other:
        _log.info("cannot look for the playlist: %s", other)
        playlist = None
    if playlist is None:
        raise ServiceUnreachableError(
            error.title,
            _('{message} "{name}" may have been created anyway.').format(
                message=error.message, name=draft.name
            ),
            _("Try again: FER Desktop looks for it first, so that there is only one."),
            maybe_done=True,
        ) from error
    return playlist


def _fill(service: MusicService, draft: PlaylistDraft, cancel: threading.Event) -> None:
    """Adds the tracks. Safe to repeat: they replace whatever an unanswered request left there."""
    try:
        if cancel.is_set():
            raise CancelledError
        service.replace_tracks(draft.playlist_id, [track.uri for track in draft.tracks])
    except AppError as error:
        raise UnfinishedPlaylistError(
            _("The playlist is not finished"),
            _('"{name}" exists, but its {count} songs may be missing: {url} {message}').format(
                name=draft.name, count=len(draft.tracks), url=draft.url, message=error.message
            ),
            error.hint
            or _("Finish it, or delete it in {service}.").format(service=service.capabilities.service_name),
        ) from error
