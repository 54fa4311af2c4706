"""The client over HTTP: what Spotify may answer, and what the user gets to read."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import socket
import threading
from typing import TYPE_CHECKING

import pytest
import requests

from fer_desktop.domain import SearchQuery
from fer_desktop.errors import (
    CancelledError,
    MissingScopeError,
    MusicServiceError,
    NotLoggedInError,
    PlaylistGoneError,
    RateLimitError,
    ServiceRefusedError,
    ServiceUnreachableError,
)
from fer_desktop.spotify import client as client_module
from fer_desktop.spotify.client import RETRY_PAUSES_S, SpotifyClient
from fer_desktop.spotify.config import SpotifyConfig
from fer_desktop.spotify.factory import sandbox_session
from fer_desktop.spotify.limits import ServiceLimits
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.spotify.token_store import MemoryTokenStore
from fer_desktop.spotify.transport import Transport

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.spotify.session import SpotifySession

SEARCH = "/v1/search"


@pytest.fixture
def client(session: SpotifySession) -> SpotifyClient:
    return session.service()


def _client_of(api_url: str) -> SpotifyClient:
    return SpotifyClient(
        SpotifyConfig("f" * 32, api_url),
        lambda rejected="": "token",  # noqa: ARG005 - the protocol's
        cancel=threading.Event(),
        missing_scopes=(),
        limits=ServiceLimits("f" * 32),
    )


def _error(status: int, message: str, **more: str) -> dict[str, object]:
    return {"error": {"status": status, "message": message, **more}}


def test_current_user(client: SpotifyClient) -> None:
    account = client.current_user()
    assert (account.id, account.name) == ("sandbox-listener", "Ada")


def test_an_account_without_a_name_is_called_by_its_id(sandbox: Sandbox, client: SpotifyClient) -> None:
    sandbox.answer_next("/v1/me/", 200, {"id": "x1", "display_name": None})
    assert client.current_user().name == "x1"


def test_search(client: SpotifyClient) -> None:
    first = client.search_tracks(SearchQuery("Happy", "pop"))
    second = client.search_tracks(SearchQuery("Happy", "pop", offset=10), limit=3)
    assert len(first) == 10
    assert len(second) == 3
    assert not {track.id for track in first} & {track.id for track in second}
    for track in (*first, *second):
        assert "Happy" in track.title
        assert track.uri == f"spotify:track:{track.id}"
        assert track.artists
        assert track.duration_ms > 0
        assert track.url.startswith("http://127.0.0.1:")
        assert re.fullmatch(r"QZFER2[56]\d{5}", track.isrc)
        assert "/image/64/" in track.cover_url


def test_gaps_and_songs_without_an_id_are_skipped(sandbox: Sandbox, client: SpotifyClient) -> None:
    whole = {"id": "1", "uri": "spotify:track:1", "name": "One"}
    rows = [None, whole, {"id": None, "uri": "spotify:local:x", "name": "Local"}, "nonsense", {}]
    sandbox.answer_next(SEARCH, 200, {"tracks": {"items": rows}})
    (track,) = client.search_tracks(SearchQuery("x"))
    assert (track.title, track.artists, track.duration_ms, track.url, track.isrc) == ("One", (), 0, "", "")


@pytest.mark.parametrize("nonsense", [5, "words", True, {}, ["x"], [None]])
def test_nonsense_in_a_row_affects_only_its_own_field(
    sandbox: Sandbox, client: SpotifyClient, nonsense: object
) -> None:
    names = ("artists", "duration_ms", "external_ids", "external_urls", "album", "explicit")
    row = {"id": "1", "uri": "spotify:track:1", "name": "One"} | dict.fromkeys(names, nonsense)
    sandbox.answer_next(SEARCH, 200, {"tracks": {"items": [row]}})
    (track,) = client.search_tracks(SearchQuery("x"))
    assert (track.title, track.artists, track.url, track.isrc, track.cover_url) == ("One", (), "", "", "")


def test_no_list_at_all_is_an_empty_page(sandbox: Sandbox, client: SpotifyClient) -> None:
    sandbox.answer_next(SEARCH, 200, {"tracks": {"items": None}})
    assert client.search_tracks(SearchQuery("x")) == ()


@pytest.mark.parametrize("tracks", [None, [], "words", {"items": "words"}, {"items": {"1": {}}}])
def test_an_answer_without_a_page_is_an_error(
    sandbox: Sandbox, client: SpotifyClient, tracks: object
) -> None:
    sandbox.answer_next(SEARCH, 200, {"tracks": tracks})
    with pytest.raises(ServiceUnreachableError, match="Unexpected response"):
        client.search_tracks(SearchQuery("x"))


@pytest.mark.parametrize("account", [{}, {"id": ""}, {"id": None}, {"id": 5}])
def test_an_account_without_an_id_is_an_error(
    sandbox: Sandbox, client: SpotifyClient, account: dict[str, object]
) -> None:
    sandbox.answer_next("/v1/me/", 200, account)
    with pytest.raises(ServiceUnreachableError, match="Unexpected response"):
        client.current_user()


@pytest.mark.parametrize(
    ("album", "cover_url"),
    [
        ({"images": [{"url": "large"}, {"url": "medium"}, {"url": "small"}]}, "small"),
        ({"images": []}, ""),
        ({"images": None}, ""),
        ({"images": [None]}, ""),
        (None, ""),
    ],
)
def test_cover_of_a_track(
    sandbox: Sandbox, client: SpotifyClient, album: dict[str, object] | None, cover_url: str
) -> None:
    row = {"id": "1", "uri": "spotify:track:1", "name": "One", "album": album, "explicit": True}
    sandbox.answer_next(SEARCH, 200, {"tracks": {"items": [row]}})
    (track,) = client.search_tracks(SearchQuery("x"))
    assert (track.cover_url, track.explicit) == (cover_url, True)


def test_playlist_is_private_and_gets_its_tracks(sandbox: Sandbox, client: SpotifyClient) -> None:
    playlist = client.create_playlist("Sad Vibes Playlist", "words")
    uris = [track.uri for track in client.search_tracks(SearchQuery("Sad"))]
    client.replace_tracks(playlist.id, uris)
    (made,) = sandbox.playlists
    assert (made.name, made.description, made.public) == ("Sad Vibes Playlist", "words", False)
    assert [song.uri for song in made.songs] == uris
    client.replace_tracks(playlist.id, uris[:2])
    assert [song.uri for song in sandbox.playlists[0].songs] == uris[:2]
    bodies = [json.loads(each.request_body) for each in sandbox.requests if each.path.endswith("/items")]
    assert all(set(body) == {"uris"} for body in bodies)


def test_own_playlist_is_found_by_its_mark(
    sandbox: Sandbox, client: SpotifyClient, session: SpotifySession
) -> None:
    for number in range(60):
        client.create_playlist("Sad Vibes Playlist", f"words [{number:06}]")
    sandbox.requests.clear()
    client = session.service()
    assert client.find_playlist("Sad Vibes Playlist", "999999", "") is None
    assert len(sandbox.requests) == 2
    for number in (0, 9, 10, 59):  # of each page, the first and the last
        found = client.find_playlist("Sad Vibes Playlist", f"{number:06}", "")
        assert found is not None
        assert found.url == sandbox.playlists[number].url
        client = session.service()
        assert client.find_playlist("Renamed meanwhile", "none", found.id) == found
        assert client.find_playlist("Happy Vibes Playlist", f"{number:06}", "") is None
        client = session.service()


@pytest.mark.parametrize(("before", "pages"), [(0, 4), (4, 4), (5, 3), (7, 1), (9, 1)])
def test_more_requests_before_mean_fewer_pages_to_look_through(
    sandbox: Sandbox, session: SpotifySession, before: int, pages: int
) -> None:
    client = session.service()
    for _ in range(before):
        client.current_user()
    sandbox.requests.clear()
    for number in range(6):
        more: dict[str, object] = {"items": [{"id": str(number)}], "next": "another page"}
        sandbox.answer_next("/v1/me/playlists", 200, more)
    assert client.find_playlist("Sad Vibes Playlist", "000000", "") is None
    assert [each.url.rpartition("offset=")[2] for each in sandbox.requests] == [
        str(50 * page) for page in range(pages)
    ]


@pytest.mark.parametrize("rows", [[], [None], [{"name": "Sad Vibes Playlist"}]])
def test_an_empty_page_ends_the_look_through(
    sandbox: Sandbox, client: SpotifyClient, rows: list[object]
) -> None:
    sandbox.answer_next("/v1/me/playlists", 200, {"items": rows, "next": "another page"})
    assert client.find_playlist("Sad Vibes Playlist", "000000", "") is None
    assert len(sandbox.requests) == 1


def test_top_tracks(client: SpotifyClient) -> None:
    assert len(client.top_tracks()) == 50


def test_cover(sandbox: Sandbox, client: SpotifyClient) -> None:
    playlist = client.create_playlist("n", "")
    client.set_cover(playlist.id, b"\xff\xd8 a picture")
    assert sandbox.playlists[0].cover == b"\xff\xd8 a picture"


def test_what_the_login_does_not_allow_is_not_requested(sandbox: Sandbox) -> None:
    store = MemoryTokenStore()
    sandbox_session(sandbox, store).connect(threading.Event())
    later = sandbox_session(sandbox, store, own_top_tracks=True, cover=True)
    assert set(later.missing_scopes) == {"user-top-read", "ugc-image-upload"}
    sandbox.requests.clear()
    assert later.service().top_tracks() == ()
    later.service().set_cover("1", b"")
    assert not sandbox.requests


def test_playlists_of_others_are_read_if_allowed(sandbox: Sandbox, client: SpotifyClient) -> None:
    sandbox.web_api.extended_quota = True
    (playlist,) = client.search_playlists("Happy")
    assert "limit=10&" in sandbox.requests[-1].url + "&"
    assert playlist.name == "Happy by somebody else"
    assert len(client.playlist_tracks(playlist.id)) == 50


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, _error(400, "Invalid limit"), ServiceRefusedError, "Invalid limit"),
        (400, b"plain words", ServiceRefusedError, "plain words"),
        (400, {"error": "words alone"}, ServiceRefusedError, "words alone"),
        (403, _error(403, "User not registered in the Developer Dashboard"), ServiceRefusedError, "list"),
        (
            403,
            b"Check settings on developer.spotify.com/dashboard, the user may not be registered.",
            ServiceRefusedError,
            "User Management",
        ),
        (
            403,
            _error(403, "Active premium subscription required for the owner of the app."),
            ServiceRefusedError,
            "Premium",
        ),
        (403, _error(403, "Insufficient client scope"), MissingScopeError, "permission"),
        (403, _error(403, "Forbidden"), ServiceRefusedError, "Forbidden"),
        (403, {"error": "Forbidden"}, ServiceRefusedError, "Forbidden"),
        (403, b"", ServiceRefusedError, "does not allow"),
        (404, _error(404, "Not found"), ServiceRefusedError, "exist"),
        (499, _error(499, "Client closed"), ServiceRefusedError, "499"),
        (400, _error(400, "x" * 150), ServiceRefusedError, "x" * 150),
        (400, _error(400, "x" * 151), ServiceRefusedError, r"It responded with 400\."),
        (400, _error(400, " \n"), ServiceRefusedError, r"It responded with 400\."),
        (400, b"<html>Bad request</html>", ServiceRefusedError, r"It responded with 400\."),
        (429, _error(429, "API rate limit exceeded"), RateLimitError, "too many"),
        (429, _error(429, "Too many requests", reason="QUOTA_EXCEEDED"), RateLimitError, "quota"),
        (429, {"error": "Too many requests"}, RateLimitError, "too many"),
        (500, _error(500, "Server error"), ServiceUnreachableError, "500"),
        (502, b"<html>Bad gateway</html>", ServiceUnreachableError, "502"),
        (503, {"error": "unavailable"}, ServiceUnreachableError, "503"),
        (200, b"", ServiceUnreachableError, "Unexpected response"),
        (200, b"<html>Welcome to the hotel</html>", ServiceUnreachableError, "Unexpected response"),
        (200, b"[]", ServiceUnreachableError, "Unexpected response"),
        (200, {"error": "string"}, ServiceUnreachableError, "Unexpected response"),
        (0, b"", ServiceUnreachableError, "No response"),
    ],
)
def test_failures_are_typed_and_say_what_to_do(
    sandbox: Sandbox,
    client: SpotifyClient,
    status: int,
    body: bytes | dict[str, object],
    kind: type[MusicServiceError],
    words: str,
) -> None:
    # An object without what was asked for is a deliberate answer; asking again would not help.
    tries = 3 if kind is ServiceUnreachableError and (status, type(body)) != (200, dict) else 1
    for _ in range(tries):
        sandbox.answer_next(SEARCH, status, body)
    with pytest.raises(kind, match=words) as caught:
        client.search_tracks(SearchQuery("x"))
    assert caught.value.hint
    assert "<" not in str(caught.value)
    assert len(sandbox.requests) == tries
    assert client.search_tracks(SearchQuery("Happy"))


@pytest.mark.parametrize(
    ("seconds", "reason", "words"),
    [
        (20, "", r"after \d\d:\d\d\."),
        (86_400, "", r"after \d\d:\d\d on \d{4}-\d\d-\d\d"),
        (86_400, "QUOTA_EXCEEDED", r"after \d\d:\d\d on \d{4}-\d\d-\d\d"),
    ],
)
def test_a_rate_limit_says_when_it_ends(
    sandbox: Sandbox, client: SpotifyClient, seconds: int, reason: str, words: str
) -> None:
    error = _error(429, "Too many requests", reason=reason)
    sandbox.answer_next(SEARCH, 429, error, headers={"Retry-After": str(seconds)})
    with pytest.raises(RateLimitError, match=words) as caught:
        client.search_tracks(SearchQuery("x"))
    assert caught.value.retry_after == seconds
    assert len(sandbox.requests) == 1


class _Pauses(threading.Event):
    """Lets the pauses before another try pass at once, and remembers their seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return False


@pytest.mark.parametrize(
    ("answers", "pauses", "succeeds"),
    [
        ([(500, "")] * 2, [0.5, 2.0], True),
        ([(0, ""), (503, "")], [0.5, 2.0], True),
        ([(500, "")] * 3, [0.5, 2.0], False),
        ([(429, "1"), (429, "9")], [1.0, 9.0], True),
        ([(429, "1"), (429, "0")], [1.0, 2.0], True),
        ([(429, "10")], [], False),
        ([(429, "")], [], False),
        ([(400, "")], [], False),
    ],
)
def test_reading_is_tried_again_after_pauses(
    sandbox: Sandbox,
    session: SpotifySession,
    monkeypatch: pytest.MonkeyPatch,
    answers: list[tuple[int, str]],
    pauses: list[float],
    *,
    succeeds: bool,
) -> None:
    monkeypatch.setattr(client_module, "RETRY_PAUSES_S", RETRY_PAUSES_S)
    for status, retry_after in answers:
        sandbox.answer_next(SEARCH, status, headers={"Retry-After": retry_after} if retry_after else {})
    cancel = _Pauses()
    with contextlib.nullcontext() if succeeds else pytest.raises(MusicServiceError):
        session.service(cancel).search_tracks(SearchQuery("Happy"))
    assert cancel.seconds == pauses
    assert len(sandbox.requests) == len(pauses) + 1


class _CancelledWhileWaiting(threading.Event):
    """Stands for a user who cancels in the pause before another try."""

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002
        self.set()
        return True


def test_cancelling_ends_the_wait_for_another_try(sandbox: Sandbox, session: SpotifySession) -> None:
    sandbox.fail_next(Fault.ERROR_BEFORE_WORK, SEARCH)
    service = session.service(_CancelledWhileWaiting())
    for _ in range(2):
        with pytest.raises(CancelledError):
            service.search_tracks(SearchQuery("Happy"))
    assert len(sandbox.requests) == 1


def test_cancelling_ends_the_wait_for_an_answer_that_only_reads(
    sandbox: Sandbox, session: SpotifySession
) -> None:
    cancel = threading.Event()
    waiting: list[threading.Thread] = []
    sandbox.fail_next(Fault.SLOW, SEARCH)

    def cancel_once_it_is_asked() -> None:
        sandbox.held.wait(30)
        waiting.extend(each for each in threading.enumerate() if each.name == "request to Spotify")
        cancel.set()

    stopping = threading.Thread(target=cancel_once_it_is_asked)
    stopping.start()
    with pytest.raises(CancelledError):
        session.service(cancel).search_tracks(SearchQuery("Happy"))
    stopping.join()
    assert [thread.daemon for thread in waiting] == [True]  # it does not delay the end of the app
    sandbox.let_go()


def test_a_request_that_changes_something_is_awaited_after_cancelling(session: SpotifySession) -> None:
    cancel = threading.Event()
    cancel.set()
    assert session.service(cancel).create_playlist("name", "").id


def test_the_wait_for_a_slow_answer_is_limited(
    sandbox: Sandbox, session: SpotifySession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fer_desktop.spotify.client.TIMEOUTS_S", (5.0, 0.2))
    sandbox.fail_next(Fault.SLOW, "/v1/me/playlists", method="POST")
    with pytest.raises(ServiceUnreachableError, match="too long") as caught:
        session.service().create_playlist("n", "")
    assert caught.value.maybe_done
    assert len(sandbox.playlists) == 1


@pytest.mark.parametrize("status", [403, 404])
def test_a_playlist_that_is_gone_or_foreign(sandbox: Sandbox, client: SpotifyClient, status: int) -> None:
    sandbox.answer_next("/v1/playlists/foreign/items", status, _error(status, "Forbidden"))
    with pytest.raises(PlaylistGoneError, match="Not your playlist"):
        client.replace_tracks("foreign", ["spotify:track:1"])
    sandbox.answer_next("/v1/playlists/foreign/images", status, _error(status, "Forbidden"))
    with pytest.raises(PlaylistGoneError, match="Not your playlist"):
        client.set_cover("foreign", b"a picture")


@pytest.mark.parametrize("retry_after", ["", "soon", "-1", "Fri, 31 Dec 2027 23:59:59 GMT", "9" * 30])
def test_rate_limit_without_a_usable_time(sandbox: Sandbox, client: SpotifyClient, retry_after: str) -> None:
    sandbox.answer_next(SEARCH, 429, headers={"Retry-After": retry_after} if retry_after else {})
    with pytest.raises(RateLimitError, match="few minutes") as caught:
        client.search_tracks(SearchQuery("x"))
    assert caught.value.retry_after is None


@pytest.mark.parametrize("status", [0, 200, 429, 500, 502, 503])
def test_a_change_is_never_sent_twice(sandbox: Sandbox, client: SpotifyClient, status: int) -> None:
    sandbox.answer_next("/v1/me/playlists", status, headers={"Retry-After": "1"})
    with pytest.raises(MusicServiceError) as caught:
        client.create_playlist("name", "")
    assert len(sandbox.requests) == 1
    maybe_done = isinstance(caught.value, ServiceUnreachableError) and caught.value.maybe_done
    assert maybe_done is (status != 429)


def test_expired_token_is_refreshed_once(sandbox: Sandbox, client: SpotifyClient) -> None:
    sandbox.accounts.expire_access_tokens()
    client.create_playlist("name", "")
    assert len(sandbox.playlists) == 1
    assert [(each.path, each.status) for each in sandbox.requests] == [
        ("/v1/me/playlists", 401),
        ("/api/token", 200),
        ("/v1/me/playlists", 201),
    ]


def test_token_that_stays_rejected_ends_the_login(sandbox: Sandbox, client: SpotifyClient) -> None:
    sandbox.answer_next(SEARCH, 401, _error(401, "Invalid access token"))
    sandbox.answer_next(SEARCH, 401, _error(401, "Invalid access token"))
    with pytest.raises(NotLoggedInError, match="Connect"):
        client.search_tracks(SearchQuery("x"))
    assert len(sandbox.requests) == 3


def test_offline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ServiceUnreachableError, match="internet connection") as caught:
        _client_of(f"http://127.0.0.1:{port}/v1/").create_playlist("name", "")
    assert not caught.value.maybe_done


def test_a_connection_that_never_came_about_changed_nothing(
    client: SpotifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_connects(*_args: object, **_options: object) -> None:
        raise requests.ConnectTimeout

    monkeypatch.setattr(requests.Session, "request", never_connects)
    with pytest.raises(ServiceUnreachableError, match="cannot be reached") as caught:
        client.create_playlist("name", "")
    assert not caught.value.maybe_done


def test_server_that_does_not_prove_itself(sandbox: Sandbox) -> None:
    client = _client_of(sandbox.api_url.replace("http:", "https:"))
    with pytest.raises(ServiceUnreachableError, match="secure") as caught:
        client.current_user()
    assert "clock" in caught.value.hint


def test_netrc_file_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    transport = Transport("https://api.example/")
    question = requests.Request("GET", "https://api.example/me", headers={"Authorization": "Bearer token"})
    assert transport.prepare_request(question).headers["Authorization"] == "Bearer token"


def test_no_token_is_logged(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = MemoryTokenStore()
    session = sandbox_session(sandbox, store)
    session.connect(threading.Event())
    sandbox.accounts.expire_access_tokens()
    first = store.load()
    session.service().search_tracks(SearchQuery("Happy"))
    sandbox.answer_next(SEARCH, 403, b"Forbidden")
    with pytest.raises(ServiceRefusedError):
        session.service().search_tracks(SearchQuery("Happy"))
    second = store.load()
    assert first is not None
    assert second is not None
    assert caplog.text
    for token in (first, second):
        assert token.access_token not in caplog.text
        assert token.refresh_token not in caplog.text
