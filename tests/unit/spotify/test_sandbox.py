"""The sandbox applies the rules of Development Mode to every client."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pytest
import requests

from fer_desktop.spotify.config import SpotifyConfig
from fer_desktop.spotify.factory import sandbox_config
from fer_desktop.spotify.login import code_challenge, log_in
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.spotify.sandbox.catalogue import search, songs

TIMEOUT_S = 10
VERIFIER = "v" * 43
REDIRECT_URI = "http://127.0.0.1:5555/callback"


@pytest.fixture
def web_api(sandbox: Sandbox) -> _WebApi:
    config = sandbox_config(sandbox, own_top_tracks=True, cover=True)
    token = log_in(config, sandbox.open_url, threading.Event(), TIMEOUT_S)
    return _WebApi(sandbox.api_url, token.access_token)


class _WebApi:
    """A client that follows no rules."""

    def __init__(self, api_url: str, access_token: str) -> None:
        self._api_url = api_url
        self._headers = {"Authorization": f"Bearer {access_token}"}

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401
        return requests.request(
            method, self._api_url + path, headers=self._headers, timeout=TIMEOUT_S, **more
        )

    def create(self, name: str = "n") -> Any:  # noqa: ANN401
        """Creates a private playlist, and returns what the sandbox says about it."""
        return self.ask("POST", "me/playlists", json={"name": name, "public": False}).json()

    def first_track(self) -> Any:  # noqa: ANN401
        params = {"q": "Happy", "type": "track"}
        return self.ask("GET", "search", params=params).json()["tracks"]["items"][0]


def test_catalogue_is_made_for_the_moods() -> None:
    assert len({song.id for song in songs()}) == len(songs()) == 658
    assert max(Counter(song.isrc for song in songs()).values()) == 2
    assert search('Rage genre:"metal"')
    assert search("Rage genre:metal") == search('rage genre:"Metal"')
    assert not search('Rage genre:"pop"')


def test_catalogue_is_always_the_same() -> None:
    # Links of the demo lead to the same songs in every version.
    assert hashlib.sha256(repr(songs()).encode()).hexdigest()[:16] == "24ee1bd93aec01c5"


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"limit": "10"}, 200, ""),
        ({"limit": "11"}, 400, "Invalid limit"),
        ({"limit": "50"}, 400, "Invalid limit"),
        ({"limit": "0"}, 400, "Invalid limit"),
        ({"limit": "ten"}, 400, "Invalid limit"),
        ({"offset": "1000"}, 200, ""),
        ({"offset": "1001"}, 400, "Invalid offset"),
        ({"q": ""}, 400, "No search query"),
        ({"type": "mood"}, 400, "type"),
    ],
)
def test_search_limits(web_api: _WebApi, query: dict[str, str], status: int, words: str) -> None:
    answer = web_api.ask("GET", "search", params={"q": "Happy", "type": "track"} | query)
    assert answer.status_code == status
    assert words in answer.text


def test_a_search_page_has_five_rows_by_default(web_api: _WebApi) -> None:
    page = web_api.ask("GET", "search", params={"q": "Happy", "type": "track"}).json()["tracks"]
    assert len(page["items"]) == page["limit"] == 5
    assert page["previous"] is None
    following = web_api.ask("GET", page["next"].split("/v1/")[1]).json()["tracks"]
    assert following["offset"] == 5
    assert following["items"][0] not in page["items"]


@pytest.mark.parametrize("path", ["me/top/tracks", "me/playlists", "playlists/{id}/items"])
def test_other_pages_have_twenty_rows_by_default(web_api: _WebApi, path: str) -> None:
    for number in range(60):
        made = web_api.create(str(number))
    path = path.format(id=made["id"])
    uris = [song.uri for song in songs()[:60]]
    web_api.ask("PUT", f"playlists/{made['id']}/items", json={"uris": uris})
    page = web_api.ask("GET", path).json()
    assert (len(page["items"]), page["limit"], page["offset"]) == (20, 20, 0)
    page = web_api.ask("GET", path, params={"limit": 50, "offset": 3}).json()
    assert len(page["items"]) == 50
    assert "limit=50&offset=0" in page["previous"]
    for bounds, status in (
        ({"limit": "51"}, 400),
        ({"limit": "0"}, 400),
        ({"limit": "1"}, 200),
        ({"offset": "100000"}, 200),
        ({"offset": "100001"}, 400),
    ):
        assert web_api.ask("GET", path, params=bounds).status_code == status


@pytest.mark.parametrize(("limit", "offset", "following"), [(5, 5, "offset=10"), (5, 6, None), (6, 5, None)])
def test_the_last_page_has_no_next_one(
    web_api: _WebApi, limit: int, offset: int, following: str | None
) -> None:
    for number in range(11):
        web_api.create(str(number))
    page = web_api.ask("GET", "me/playlists", params={"limit": limit, "offset": offset}).json()
    assert [row["name"] for row in page["items"]] == [
        str(10 - place) for place in range(offset, min(11, offset + limit))
    ]
    assert page["total"] == 11
    assert page["next"] is following is None or following in page["next"]


def test_playlist_search_has_gaps_and_hides_tracks_of_others(web_api: _WebApi) -> None:
    rows = web_api.ask("GET", "search", params={"q": "Happy", "type": "playlist"}).json()["playlists"][
        "items"
    ]
    assert None in rows
    (foreign,) = (row for row in rows if row is not None)
    assert "items" not in foreign
    assert web_api.ask("GET", f"playlists/{foreign['id']}/items").status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "users/sandbox-listener/playlists"),
        ("GET", "playlists/1/tracks"),
        ("POST", "playlists/1/tracks"),
        ("GET", "tracks?ids=1,2"),
        ("GET", "recommendations?seed_genres=pop"),
        ("GET", "audio-features/1"),
        ("GET", "browse/new-releases"),
        ("GET", "artists/1/top-tracks"),
        ("PUT", "playlists/1/followers"),
    ],
)
def test_removed_endpoints_are_forbidden(web_api: _WebApi, method: str, path: str) -> None:
    answer = web_api.ask(method, path)
    assert answer.status_code == 403
    assert answer.json() == {"error": {"status": 403, "message": "Forbidden"}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{}", "name"),
        (b'{"name": " "}', "name"),
        (b"nonsense", "name"),
        (b'{"name": 5}', "name"),
        (b'["name"]', "name"),
        (b'{"name": "' + b"n" * 101 + b'"}', "too long"),
        (b'{"name": "n", "public": false, "description": "two\\nlines"}', "description"),
        (b'{"name": "n", "public": false, "description": "' + b"d" * 301 + b'"}', "description"),
        (b'{"name": "n", "public": false, "description": 5}', "description"),
    ],
)
def test_playlist_that_spotify_would_refuse(
    sandbox: Sandbox, web_api: _WebApi, body: bytes, words: str
) -> None:
    answer = web_api.ask("POST", "me/playlists", data=body)
    assert answer.status_code == 400
    assert words in answer.text
    assert not sandbox.playlists


def test_the_longest_name_and_description(sandbox: Sandbox, web_api: _WebApi) -> None:
    longest = {"name": "n" * 100, "description": "d" * 300, "public": False}
    assert web_api.ask("POST", "me/playlists", json=longest).status_code == 201
    assert web_api.ask("POST", "me/playlists", json={"name": "n", "description": None}).status_code == 201
    assert [playlist.description for playlist in sandbox.playlists] == ["d" * 300, ""]


def test_what_spotify_says_about_a_track_and_a_playlist(sandbox: Sandbox, web_api: _WebApi) -> None:
    made = web_api.create()
    numbers_and_flags = ("collaborative", "public", "images", "followers")
    assert [made[name] for name in numbers_and_flags] == [False, False, [], {"href": None, "total": 0}]
    put = web_api.ask("PUT", f"playlists/{made['id']}/items", json={"uris": [songs()[0].uri]})
    assert put.status_code == 200
    details = web_api.ask("GET", f"playlists/{made['id']}").json()
    assert made["snapshot_id"] != put.json()["snapshot_id"] == details["snapshot_id"]
    (row,) = details["items"]["items"]
    track = row["item"]
    assert row["is_local"] is False
    names = ("disc_number", "track_number", "duration_ms", "explicit", "is_local", "is_playable")
    assert [track[name] for name in names] == [1, 1, songs()[0].duration_ms, False, False, True]
    assert track["album"]["total_tracks"] == 14
    assert [image["width"] for image in track["album"]["images"]] == [640, 300, 64]
    assert web_api.ask("GET", "me/playlists").json()["items"][0]["items"]["total"] == 1


def test_tracks_that_spotify_would_refuse(sandbox: Sandbox, web_api: _WebApi) -> None:
    path = f"playlists/{web_api.create()['id']}/items"
    uri = songs()[0].uri
    refused: list[object] = [
        {"uris": []},
        {"uris": [uri] * 101},
        {"uris": [uri, "spotify:track:no"]},
        [uri],
    ]
    for body in refused:
        assert web_api.ask("POST", path, json=body).status_code == 400
    assert not sandbox.playlists[0].songs
    assert web_api.ask("POST", path, json={"uris": [uri] * 100}).status_code == 201
    rows = web_api.ask("GET", path, params={"limit": 50, "offset": 60}).json()
    assert (rows["total"], len(rows["items"])) == (100, 40)
    assert rows["items"][0]["item"]["uri"] == uri
    assert web_api.ask("GET", path, params={"limit": 51}).status_code == 400


def test_playlists_are_public_by_default(sandbox: Sandbox, web_api: _WebApi) -> None:
    web_api.ask("POST", "me/playlists", json={"name": "n"})
    web_api.ask("POST", "me/playlists", json={"name": "n", "public": True})
    assert [playlist.public for playlist in sandbox.playlists] == [True, True]
    assert len({playlist.id for playlist in sandbox.playlists}) == 2
    assert len(web_api.ask("GET", "me/playlists").json()["items"]) == 2


def test_a_user_who_is_not_listed_can_only_log_in(sandbox: Sandbox, web_api: _WebApi) -> None:
    sandbox.accounts.listed = False
    assert "not registered" in web_api.ask("GET", "me").text
    sandbox.accounts.listed = True
    sandbox.accounts.owner_has_premium = False
    assert "premium" in web_api.ask("GET", "search", params={"q": "a", "type": "track"}).text


def test_extended_quota_shows_tracks_of_others(sandbox: Sandbox, web_api: _WebApi) -> None:
    assert web_api.ask("GET", "playlists/foreign/items").status_code == 403
    sandbox.web_api.extended_quota = True
    assert web_api.ask("GET", "playlists/foreign").status_code == 403
    page = web_api.ask("GET", "playlists/foreign/items", params={"limit": 50}).json()
    assert (page["total"], len(page["items"])) == (100, 50)
    assert page["items"][0]["item"]["id"] == songs()[-100].id


def test_top_tracks(web_api: _WebApi) -> None:
    rows = web_api.ask("GET", "me/top/tracks", params={"limit": 3}).json()["items"]
    assert [row["id"] for row in rows] == [song.id for song in songs()[:21:7]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"/9j/", 202),
        (b"no base 64", 400),
        (b"YWJj", 400),
        (b"/9j/" * 65_536, 202),
        (b"/9j/" * 65_537, 413),
    ],
)
def test_covers(sandbox: Sandbox, web_api: _WebApi, body: bytes, status: int) -> None:
    made = web_api.create()
    assert web_api.ask("PUT", f"playlists/{made['id']}/images", data=body).status_code == status
    assert bool(sandbox.playlists[0].cover) is (status == 202)
    assert web_api.ask("PUT", "playlists/foreign/images", data=body).status_code == 403


def test_pictures_of_albums(web_api: _WebApi) -> None:
    picture = requests.get(web_api.first_track()["album"]["images"][-1]["url"], timeout=TIMEOUT_S)
    assert picture.headers["Content-Type"] == "image/png"
    pixels = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    assert pixels.shape == (64, 64, 3)
    one_colour = (pixels == pixels[0, 0]).all(axis=2)
    assert one_colour.sum(axis=1).tolist() == list(range(64, 0, -1))


@pytest.mark.parametrize(
    ("fault", "expected", "after_work"),
    [
        (Fault.RATE_LIMIT, 429, False),
        (Fault.RATE_LIMIT_WITHOUT_TIME, 429, False),
        (Fault.QUOTA_EXCEEDED, 429, False),
        (Fault.ERROR_BEFORE_WORK, 500, False),
        (Fault.ERROR_AFTER_WORK, 500, True),
        (Fault.CUT_BEFORE_WORK, 0, False),
        (Fault.CUT_AFTER_WORK, 0, True),
        (Fault.PLAIN_TEXT, 503, False),
        (Fault.ERROR_IS_A_STRING, 400, False),
        (Fault.EMPTY_SUCCESS, 200, False),
        (Fault.REMOVED_ENDPOINT, 403, False),
        (Fault.MISSING_SCOPE, 403, False),
        (Fault.EXPIRED_TOKEN, 401, False),
    ],
)
def test_faults(sandbox: Sandbox, web_api: _WebApi, fault: Fault, expected: int, *, after_work: bool) -> None:
    sandbox.fail_next(fault, "/v1/me/playlists", method="POST")
    assert web_api.ask("GET", "me/playlists").status_code == 200
    try:
        answer = web_api.ask("POST", "me/playlists", json={"name": "n", "public": False})
        status = answer.status_code
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            error = answer.json()["error"]
            assert error == "string" or error["status"] == status
    except requests.ConnectionError:
        status = 0
    assert status == expected
    assert len(sandbox.playlists) == after_work
    assert web_api.ask("POST", "me/playlists", json={"name": "n", "public": False}).status_code == 201


def test_slow_answers_come_when_they_are_released(sandbox: Sandbox, web_api: _WebApi) -> None:
    sandbox.fail_next(Fault.SLOW, "/v1/me")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(web_api.ask, "GET", "me")
        assert sandbox.held.wait(TIMEOUT_S)
        assert not answer.done()
        sandbox.let_go()
        assert answer.result(TIMEOUT_S).status_code == 200


def test_a_deleted_playlist_is_not_listed(sandbox: Sandbox, web_api: _WebApi) -> None:
    sandbox.delete_playlist(web_api.create()["id"])
    assert web_api.ask("GET", "me/playlists").json()["items"] == []


@pytest.mark.parametrize(
    ("authorization", "words"),
    [
        ("", "No token"),
        ("Bearer", "No token"),
        ("Basic x", "No token"),
        ("Bearer made-up", "Invalid access token"),
    ],
)
def test_no_entry_without_a_token(sandbox: Sandbox, authorization: str, words: str) -> None:
    answer = requests.get(sandbox.api_url + "me", headers={"Authorization": authorization}, timeout=TIMEOUT_S)
    assert answer.status_code == 401
    assert words in answer.text


def test_missing_scope(sandbox: Sandbox) -> None:
    token = _redeem(sandbox, _authorize(sandbox, scope="playlist-modify-public")).json()["access_token"]
    web_api = _WebApi(sandbox.api_url, token)
    answer = web_api.ask("POST", "me/playlists", json={"name": "n", "public": False})
    assert answer.status_code == 403
    assert "scope" in answer.text


def _authorize(sandbox: Sandbox, **changes: str) -> str:
    """Returns where the browser is sent, "" if nowhere."""
    question = {
        "client_id": sandbox.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "scope": " ".join(SpotifyConfig("").needed_scopes()),
        "code_challenge_method": "S256",
        "code_challenge": code_challenge(VERIFIER),
    } | changes
    answer = requests.get(
        sandbox.accounts_url + "authorize", params=question, timeout=TIMEOUT_S, allow_redirects=False
    )
    return answer.headers.get("Location", "")


def _redeem(sandbox: Sandbox, location: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(location).query)["code"][0],
        "redirect_uri": REDIRECT_URI,
        "client_id": sandbox.client_id,
        "code_verifier": VERIFIER,
    } | changes
    return requests.post(sandbox.accounts_url + "api/token", data=form, timeout=TIMEOUT_S)


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://localhost:5555/callback",
        "https://127.0.0.1:5555/callback",
        "http://127.0.0.1:5555/callback/",
        "http://127.0.0.1:5555/other",
        "http://127.0.0.1.evil.example:5555/callback",
        "http://127.0.0.1:5555@evil.example/callback",
        "",
    ],
)
def test_redirect_uri_has_to_be_exact(sandbox: Sandbox, redirect_uri: str) -> None:
    assert _authorize(sandbox, redirect_uri=redirect_uri) == ""


@pytest.mark.parametrize(
    "changes", [{"code_challenge_method": "plain"}, {"code_challenge": "short"}, {"response_type": "token"}]
)
def test_question_without_pkce_is_refused(sandbox: Sandbox, changes: dict[str, str]) -> None:
    location = _authorize(sandbox, **changes)
    assert "error=" in location
    assert "code=" not in location


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:5556/callback"},
        {"client_id": "f" * 32},
        {"code": "made-up"},
        {"grant_type": "password"},
    ],
)
def test_code_needs_its_proof(sandbox: Sandbox, changes: dict[str, str]) -> None:
    assert _redeem(sandbox, _authorize(sandbox), **changes).status_code == 400


def test_code_works_once(sandbox: Sandbox) -> None:
    location = _authorize(sandbox, state="mine")
    assert "state=mine" in location
    assert len(parse_qs(urlsplit(location).query)["code"][0]) == 43
    redeemed = _redeem(sandbox, location)
    assert redeemed.status_code == 200
    assert [len(redeemed.json()[name]) for name in ("access_token", "refresh_token")] == [64, 64]
    assert _redeem(sandbox, location).status_code == 400


def test_page_of_a_playlist_lists_its_songs(sandbox: Sandbox, web_api: _WebApi) -> None:
    made = web_api.create("<b>Mine</b>")
    web_api.ask("POST", f"playlists/{made['id']}/items", json={"uris": [songs()[0].uri]})
    page = requests.get(made["external_urls"]["spotify"], timeout=TIMEOUT_S)
    assert page.status_code == 200
    assert songs()[0].title in page.text
    assert "<b>" not in page.text


def test_page_of_a_song(sandbox: Sandbox, web_api: _WebApi) -> None:
    track = web_api.first_track()
    page = requests.get(track["external_urls"]["spotify"], timeout=TIMEOUT_S)
    assert track["name"] in page.text
    assert requests.get(sandbox.accounts_url + "track/none", timeout=TIMEOUT_S).status_code == 404


def test_page_of_a_search(sandbox: Sandbox) -> None:
    page = requests.get(sandbox.pages_url + 'search/Rage%20genre%3A"metal"', timeout=TIMEOUT_S)
    assert page.status_code == 200
    assert search('Rage genre:"metal"')[0].title in page.text
    page = requests.get(sandbox.pages_url + "search/Happy", timeout=TIMEOUT_S)
    assert page.text.count("<p>") == 20
    assert requests.get(sandbox.pages_url + "search/Happy/more", timeout=TIMEOUT_S).status_code == 404
