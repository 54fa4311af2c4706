"""The sandbox's Web API, with the rules of Development Mode as of November 2026.

https://developer.spotify.com/documentation/web-api/tutorials/february-2026-migration-guide
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fer_desktop.spotify.sandbox.catalogue import Song, made_up_id, search, songs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, object]
Answer = tuple[HTTPStatus, Json]

USER_ID = "sandbox-listener"
USER_NAME = "Ada"
_MAX_NAME = 100
_MAX_DESCRIPTION = 300
_MAX_COVER = 256 * 1024

_REMOVED = re.compile(
    r"/(users/.*|playlists/[^/]+/(tracks|followers)|tracks|albums|artists|artists/[^/]+/(top-tracks|related-artists)"
    r"|browse/.*|markets|recommendations.*|audio-(features|analysis).*|me/following.*)"
)


@dataclass(slots=True)
class SandboxPlaylist:
    """A playlist of the sandbox's user."""

    id: str
    name: str
    description: str
    public: bool
    url: str
    songs: list[Song] = field(default_factory=list)
    cover: bytes = b""
    changes: int = 0


class WebApi:
    """Holds the user's playlists and answers requests. One thread at a time.

    Attributes:
        playlists: By id, in the order of their creation.
        extended_quota: Simulates a large organization's app, which may read other users' playlists.
    """

    def __init__(self, host_url: str) -> None:
        self.playlists: dict[str, SandboxPlaylist] = {}
        self.extended_quota = False
        self._made = 0
        self._host_url = host_url
        self._songs = {song.uri: song for song in songs()}

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: bytes, scopes: set[str]
    ) -> Answer:
        """Answers a request by a user who granted these scopes; `path` starts after /v1."""
        path = path.rstrip("/")
        if _REMOVED.fullmatch(path):
            return refusal(HTTPStatus.FORBIDDEN, "Forbidden")
        items = re.fullmatch(r"/playlists/([^/]+)(/items)?", path)
        images = re.fullmatch(r"/playlists/([^/]+)/images", path)
        match method, path:
            case "GET", "/me":
                return HTTPStatus.OK, self._user() | {"account_id": made_up_id(USER_ID), "images": []}
            case "GET", "/search":
                return self._search(query)
            case "GET", "/me/top/tracks":
                return self._top_tracks(query, scopes)
            case "PUT", _ if images:
                return self._put_cover(images[1], body, scopes)
            case "GET", "/me/playlists":
                return self._own_playlists(query, scopes)
            case "POST", "/me/playlists":
                return self._create(body, scopes)
            case "GET", _ if items:
                return self._playlist(items[1], query, rows_only=items[2] is not None)
            case (("POST" | "PUT"), _) if items and items[2]:
                return self._put_tracks(items[1], body, scopes, replace=method == "PUT")
        return refusal(HTTPStatus.NOT_FOUND, "Service not found")

    def _search(self, query: Mapping[str, str]) -> Answer:
        text = query.get("q", "")
        if not text:
            return refusal(HTTPStatus.BAD_REQUEST, "No search query")
        bounds = _bounds(query, default=5, largest=10, last=1000)
        if isinstance(bounds, str):
            return refusal(HTTPStatus.BAD_REQUEST, bounds)
        answer: Json = {}
        for kind in query.get("type", "").split(","):
            if kind == "track":
                rows: Sequence[Json | None] = [self._track(song) for song in search(text)]
            elif kind == "playlist":
                # As at Spotify since 2024: other users' playlists, with gaps for those that may not be shown.
                rows = [self._foreign_playlist(text), None]
            else:
                return refusal(HTTPStatus.BAD_REQUEST, "Bad search type field")
            url = f"{self._host_url}v1/search?{urlencode({'q': text, 'type': kind})}"
            answer[f"{kind}s"] = _page(url, rows, bounds)
        return HTTPStatus.OK, answer

    def _top_tracks(self, query: Mapping[str, str], scopes: set[str]) -> Answer:
        if "user-top-read" not in scopes:
            return refusal(HTTPStatus.FORBIDDEN, "Insufficient client scope")
        bounds = _bounds(query, default=20, largest=50, last=100_000)
        if isinstance(bounds, str):
            return refusal(HTTPStatus.BAD_REQUEST, bounds)
        rows = [self._track(song) for song in songs()[::7]]
        return HTTPStatus.OK, _page(f"{self._host_url}v1/me/top/tracks", rows, bounds)

    def _put_cover(self, playlist_id: str, body: bytes, scopes: set[str]) -> Answer:
        playlist = self.playlists.get(playlist_id)
        if playlist is None:
            return refusal(HTTPStatus.FORBIDDEN, "Forbidden")
        if "ugc-image-upload" not in scopes:
            return refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized.")
        if len(body) > _MAX_COVER:
            return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Image too large")
        try:
            picture = base64.b64decode(body, validate=True)
        except ValueError:
            picture = b""
        if not picture.startswith(b"\xff\xd8"):
            return refusal(HTTPStatus.BAD_REQUEST, "Invalid image")
        playlist.cover = picture
        return HTTPStatus.ACCEPTED, {}

    def _own_playlists(self, query: Mapping[str, str], scopes: set[str]) -> Answer:
        bounds = _bounds(query, default=20, largest=50, last=100_000)
        if isinstance(bounds, str):
            return refusal(HTTPStatus.BAD_REQUEST, bounds)
        rows = [
            self._summary(playlist)
            for playlist in reversed(self.playlists.values())
            if playlist.public or "playlist-read-private" in scopes
        ]
        return HTTPStatus.OK, _page(f"{self._host_url}v1/me/playlists", rows, bounds)

    def _create(self, body: bytes, scopes: set[str]) -> Answer:
        wanted = _object(body)
        name = wanted.get("name")
        description = wanted.get("description") or ""
        public = wanted.get("public", True) is not False
        if not isinstance(name, str) or not name.strip():
            return refusal(HTTPStatus.BAD_REQUEST, "Missing required field: name")
        if len(name) > _MAX_NAME:
            return refusal(HTTPStatus.BAD_REQUEST, "Playlist name is too long")
        if not isinstance(description, str) or len(description) > _MAX_DESCRIPTION or "\n" in description:
            return refusal(HTTPStatus.BAD_REQUEST, "Invalid playlist description")
        if _modify_scope(public=public) not in scopes:
            return refusal(HTTPStatus.FORBIDDEN, "Insufficient client scope")
        playlist_id = made_up_id(f"playlist {self._made}")
        self._made += 1
        playlist = SandboxPlaylist(
            playlist_id, name, description, public, f"{self._host_url}playlist/{playlist_id}"
        )
        self.playlists[playlist_id] = playlist
        return HTTPStatus.CREATED, self._details(playlist)

    def _playlist(self, playlist_id: str, query: Mapping[str, str], *, rows_only: bool) -> Answer:
        playlist = self.playlists.get(playlist_id)
        if playlist is None and self.extended_quota and rows_only:
            playlist = SandboxPlaylist(playlist_id, "", "", public=True, url="", songs=list(songs()[-100:]))
        if playlist is None:
            return refusal(HTTPStatus.FORBIDDEN, "Forbidden")  # someone else's
        if not rows_only:
            return HTTPStatus.OK, self._details(playlist)
        bounds = _bounds(query, default=20, largest=50, last=100_000)
        if isinstance(bounds, str):
            return refusal(HTTPStatus.BAD_REQUEST, bounds)
        return HTTPStatus.OK, self._rows(playlist, bounds)

    def _put_tracks(self, playlist_id: str, body: bytes, scopes: set[str], *, replace: bool) -> Answer:
        playlist = self.playlists.get(playlist_id)
        if playlist is None:
            return refusal(HTTPStatus.FORBIDDEN, "Forbidden")
        if _modify_scope(public=playlist.public) not in scopes:
            return refusal(HTTPStatus.FORBIDDEN, "Insufficient client scope")
        uris = _object(body).get("uris")
        if not isinstance(uris, list) or not uris:
            return refusal(HTTPStatus.BAD_REQUEST, "No uris provided")
        if len(uris) > 100:
            return refusal(HTTPStatus.BAD_REQUEST, "You can add a maximum of 100 tracks per request.")
        unknown = [uri for uri in uris if uri not in self._songs]
        if unknown:
            return refusal(HTTPStatus.BAD_REQUEST, f"Invalid track uri: {unknown[0]}")
        added = [self._songs[uri] for uri in uris]
        playlist.songs = added if replace else playlist.songs + added
        playlist.changes += 1
        status = HTTPStatus.OK if replace else HTTPStatus.CREATED
        return status, {"snapshot_id": _snapshot_id(playlist)}

    def _user(self) -> Json:
        return self._thing("user", USER_ID) | {"display_name": USER_NAME}

    def _thing(self, kind: str, thing_id: str) -> Json:
        """Returns the fields that all of Spotify's objects have."""
        return {
            "id": thing_id,
            "type": kind,
            "uri": f"spotify:{kind}:{thing_id}",
            "href": f"{self._host_url}v1/{kind}s/{thing_id}",
            "external_urls": {"spotify": f"{self._host_url}{kind}/{thing_id}"},
        }

    def _track(self, song: Song) -> Json:
        artists = [self._thing("artist", made_up_id(name)) | {"name": name} for name in song.artists]
        album = self._thing("album", made_up_id(song.album)) | {
            "name": song.album,
            "album_type": "album",
            "artists": artists[:1],
            "images": [self._image(song, side) for side in (640, 300, 64)],
            "release_date": "2026",
            "release_date_precision": "year",
            "total_tracks": 14,
        }
        return self._thing("track", song.id) | {
            "name": song.title,
            "album": album,
            "artists": artists,
            "disc_number": 1,
            "track_number": 1,
            "duration_ms": song.duration_ms,
            "explicit": song.explicit,
            "external_ids": {"isrc": song.isrc},
            "is_local": False,
            "is_playable": True,
        }

    def _image(self, song: Song, side: int) -> Json:
        return {"url": f"{self._host_url}image/{side}/{song.id}.png", "width": side, "height": side}

    def _summary(self, playlist: SandboxPlaylist) -> Json:
        href = f"{self._host_url}v1/playlists/{playlist.id}/items"
        return self._thing("playlist", playlist.id) | {
            "name": playlist.name,
            "description": playlist.description,
            "collaborative": False,
            "public": playlist.public,
            "images": [],
            "owner": self._user(),
            "snapshot_id": _snapshot_id(playlist),
            "items": {"href": href, "total": len(playlist.songs)},
        }

    def _details(self, playlist: SandboxPlaylist) -> Json:
        return self._summary(playlist) | {
            "followers": {"href": None, "total": 0},
            "items": self._rows(playlist, (100, 0)),
        }

    def _rows(self, playlist: SandboxPlaylist, bounds: tuple[int, int]) -> Json:
        rows = [self._row(song) for song in playlist.songs]
        return _page(f"{self._host_url}v1/playlists/{playlist.id}/items", rows, bounds)

    def _row(self, song: Song) -> Json:
        return {
            "added_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "added_by": self._thing("user", USER_ID),
            "is_local": False,
            "item": self._track(song),
        }

    def _foreign_playlist(self, words: str) -> Json:
        """Returns someone else's playlist: in Development Mode, without its items."""
        return self._thing("playlist", made_up_id(f"foreign {words}")) | {
            "name": f"{words} by somebody else",
            "description": "",
            "collaborative": False,
            "public": True,
            "images": [],
            "owner": self._thing("user", "somebody-else") | {"display_name": "Somebody else"},
            "snapshot_id": made_up_id(f"snapshot {words}"),
        }


def refusal(status: HTTPStatus, message: str) -> Answer:
    """Returns an answer in Spotify's error format."""
    return status, {"error": {"status": status.value, "message": message}}


def _modify_scope(*, public: bool) -> str:
    return "playlist-modify-public" if public else "playlist-modify-private"


def _snapshot_id(playlist: SandboxPlaylist) -> str:
    return made_up_id(f"snapshot {playlist.id} {playlist.changes}")


def _bounds(query: Mapping[str, str], *, default: int, largest: int, last: int) -> tuple[int, int] | str:
    """Returns limit and offset, or Spotify's message if one is out of range."""
    limit, offset = query.get("limit", str(default)), query.get("offset", "0")
    if not limit.isdecimal() or not 1 <= int(limit) <= largest:
        return "Invalid limit"
    if not offset.isdecimal() or int(offset) > last:
        return "Invalid offset"
    return int(limit), int(offset)


def _page(url: str, rows: Sequence[Json | None], bounds: tuple[int, int]) -> Json:
    limit, offset = bounds
    join = "&" if "?" in url else "?"

    def link(start: int) -> str:
        return f"{url}{join}{urlencode({'limit': limit, 'offset': start})}"

    return {
        "href": link(offset),
        "limit": limit,
        "offset": offset,
        "total": len(rows),
        "next": link(offset + limit) if offset + limit < len(rows) else None,
        "previous": link(max(0, offset - limit)) if offset > 0 else None,
        "items": list(rows[offset : offset + limit]),
    }


def _object(body: bytes) -> Json:
    """Returns a JSON object; an empty one, which lacks the required fields, for anything else."""
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
