"""The client's requests and the sandbox's answers, against an OpenAPI description of Spotify's Web API.

SPOTIFY_OPENAPI names the description: fixed-spotify-open-api.yml of github.com/sonallux/spotify-web-api.
"""

from __future__ import annotations

import json
import os
import re
import threading
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from jsonschema_path.readers import FilePathReader
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from fer_desktop.domain import Emotion, SearchQuery
from fer_desktop.playlist.creation import make_playlist
from fer_desktop.playlist.draft import PlaylistDraft
from fer_desktop.playlist.moods import Mood
from fer_desktop.playlist.planner import Preferences, plan_playlist
from fer_desktop.playlist.search import find_tracks
from fer_desktop.spotify.sandbox import Exchange, Fault
from fer_desktop.spotify.sandbox.faults import NO_ANSWER

if TYPE_CHECKING:
    from fer_desktop.spotify.sandbox import Sandbox
    from fer_desktop.spotify.session import SpotifySession

DESCRIPTION = os.environ.get("SPOTIFY_OPENAPI", "")
TIMEOUT_S = 10

pytestmark = pytest.mark.skipif(not DESCRIPTION, reason="SPOTIFY_OPENAPI names no file")


@pytest.fixture(scope="module")
def openapi() -> OpenAPI:
    content, _ = FilePathReader(DESCRIPTION).read()
    usable = _usable(content)
    # The validator does not know OAuth; what OAuth adds to a request is a bearer token.
    usable["components"]["securitySchemes"] = {"oauth_2_0": {"type": "http", "scheme": "bearer"}}
    return OpenAPI.from_dict(usable)


def _usable(node: Any) -> Any:  # noqa: ANN401
    """Returns a part of the description without what fails in Development Mode or in the validator.

    Development Mode omits deprecated properties, even required ones. The validator mistakes discriminators
    without a mapping for references.
    """
    if isinstance(node, list):
        return [_usable(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _usable(value)
        for key, value in node.items()
        if not (key == "discriminator" and isinstance(value, dict) and "mapping" not in value)
    }
    properties, required = kept.get("properties"), kept.get("required")
    if isinstance(properties, dict) and isinstance(required, list):
        still = [name for name in required if not properties.get(name, {}).get("deprecated")]
        if still:
            kept["required"] = still
        else:
            del kept["required"]  # an empty list is not allowed
    return kept


def _validate(openapi: OpenAPI, exchange: Exchange) -> None:
    url = urlsplit(exchange.url)
    request = MockRequest(
        "https://api.spotify.com",
        exchange.method,
        url.path.rstrip("/"),  # spotipy requests /me/
        args=dict(parse_qsl(url.query)),
        headers=dict(exchange.request_headers),
        data=exchange.request_body,
        content_type=exchange.request_headers.get("Content-Type", "application/json"),
    )
    if not url.path.endswith("/images"):  # the validator does not accept a picture as a string
        openapi.validate_request(request)
    # A cover is answered without content.
    content_type = exchange.answer_headers.get("Content-Type", "application/json").partition(";")[0]
    openapi.validate_response(
        request, MockResponse(exchange.answer_body, exchange.status, content_type=content_type)
    )


@pytest.fixture
def session(session: SpotifySession) -> SpotifySession:
    """A session that has sent a request."""
    session.service().current_user()
    return session


def _api_exchanges(sandbox: Sandbox) -> list[Exchange]:
    return [exchange for exchange in sandbox.requests if exchange.path.startswith("/v1/")]


def _exchange(sandbox: Sandbox, path: str, authorization: str = "") -> Exchange:
    """Requests a path, with the token of the last request unless told otherwise."""
    authorization = authorization or _api_exchanges(sandbox)[-1].request_headers["Authorization"]
    requests.get(sandbox.api_url + path, headers={"Authorization": authorization}, timeout=TIMEOUT_S)
    return _api_exchanges(sandbox)[-1]


def test_making_a_playlist_conforms_to_the_description(
    openapi: OpenAPI, sandbox: Sandbox, session: SpotifySession
) -> None:
    sandbox.web_api.extended_quota = True
    today = date(2026, 11, 23)
    moods = {Emotion.SAD: Mood(("November",), ("acoustic",))}
    preferences = Preferences(100, own_top_tracks=True)
    plan = plan_playlist(Emotion.SAD, moods, today=today, preferences=preferences, seed=1)
    tracks = find_tracks(session.service(), plan, lambda _found, _wanted: None, threading.Event())
    sandbox.fail_next(Fault.CUT_AFTER_WORK, "/v1/me/playlists", method="POST")
    draft = PlaylistDraft.of(plan, tracks, today, "sandbox")
    make_playlist(session.service(), draft, lambda _draft: None, threading.Event(), cover=True)
    exchanges = [each for each in _api_exchanges(sandbox) if each.status != NO_ANSWER]
    session.service().create_playlist("Sad Vibes Playlist", "")
    exchanges.append(_api_exchanges(sandbox)[-1])
    asked = {(each.method, re.sub(r"playlists/\w{22}", "playlists/ID", each.path)) for each in exchanges}
    assert asked == {
        ("GET", "/v1/me/"),
        ("GET", "/v1/me/top/tracks"),
        ("GET", "/v1/search"),
        ("GET", "/v1/playlists/ID/items"),
        ("GET", "/v1/me/playlists"),
        ("POST", "/v1/me/playlists"),
        ("PUT", "/v1/playlists/ID/items"),
        ("PUT", "/v1/playlists/ID/images"),
    }
    for exchange in exchanges:
        # The description does not allow the gaps that Spotify leaves in lists of playlists.
        _validate(openapi, replace(exchange, answer_body=exchange.answer_body.replace(b", null]", b"]")))


@pytest.mark.parametrize("path", ["playlists/{id}", "playlists/{id}/items", "me/playlists"])
def test_playlists_read_back_conform_to_the_description(
    openapi: OpenAPI, sandbox: Sandbox, session: SpotifySession, path: str
) -> None:
    service = session.service()
    playlist = service.create_playlist("Sad Vibes Playlist", "")
    service.replace_tracks(playlist.id, [track.uri for track in service.search_tracks(SearchQuery("Sad"))])
    exchange = _exchange(sandbox, path.format(id=playlist.id))
    assert exchange.status == 200
    _validate(openapi, exchange)


@pytest.mark.parametrize(
    ("path", "authorization", "status"),
    [("me", "Bearer no", 401), ("tracks?ids=1", "", 403), ("recommendations", "", 403)],
)
@pytest.mark.usefixtures("session")
def test_refusals_conform_to_the_description(
    openapi: OpenAPI, sandbox: Sandbox, path: str, authorization: str, status: int
) -> None:
    exchange = _exchange(sandbox, path, authorization)
    assert exchange.status == status
    _validate(openapi, exchange)


def test_the_description_finds_a_wrong_answer(
    openapi: OpenAPI, sandbox: Sandbox, session: SpotifySession
) -> None:
    session.service().search_tracks(SearchQuery("Happy"))
    exchange = _api_exchanges(sandbox)[-1]
    answer = json.loads(exchange.answer_body)
    del answer["tracks"]["total"]
    with pytest.raises(OpenAPIError):
        _validate(openapi, replace(exchange, answer_body=json.dumps(answer).encode()))


@pytest.mark.parametrize(
    "fault", [Fault.RATE_LIMIT, Fault.QUOTA_EXCEEDED, Fault.EXPIRED_TOKEN, Fault.MISSING_SCOPE]
)
@pytest.mark.usefixtures("session")
def test_faults_conform_to_the_description(openapi: OpenAPI, sandbox: Sandbox, fault: Fault) -> None:
    sandbox.fail_next(fault, "/v1/me")
    exchange = _exchange(sandbox, "me")
    assert fault.answer is not None
    assert exchange.status == fault.answer.status
    _validate(openapi, exchange)
