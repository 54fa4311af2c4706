"""The sandbox plays by Development Mode's rules, whoever asks."""

from __future__ import annotations

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
from fer_desktop.spotify.login import code_challenge, log_in
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.spotify.sandbox.catalogue import search, songs

TIMEOUT_S = 10
VERIFIER = "v" * 43
REDIRECT_URI = "http://127.0.0.1:5555/callback"


@pytest.fixture
def web_api(sandbox: Sandbox) -> _WebApi:
    config = SpotifyConfig(
        sandbox.client_id, sandbox.api_url, sandbox.accounts_url, own_top_tracks=True, cover=True
    )
    token = log_in(config, sandbox.open_url, threading.Event(), TIMEOUT_S)
    return _WebApi(sandbox.api_url, token.access_token)


class _WebApi:
    """A client without manners."""

    def __init__(self, api_url: str, access_token: str) -> None:
        self._api_url = api_url
        self._headers = {"Authorization": f"Bearer {access_token}"}

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401
        return requests.request(
            method, self._api_url + path, headers=self._headers, timeout=TIMEOUT_S, **more
        )


def test_catalogue_is_made_for_the_moods() -> None:
    assert 300 <= len(songs()) <= 1000
    assert len({song.id for song in songs()}) == len(songs())
    codes = Counter(song.isrc for song in songs())
    assert max(codes.values()) == 2
    assert any(song.explicit for song in songs())
    assert search('Rage genre:"metal"')
    assert search("Rage genre:metal") == search('rage genre:"Metal"')
    assert not search('Rage genre:"pop"')


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


def test_a_page_is_five_long_unless_said(web_api: _WebApi) -> None:
    page = web_api.ask("GET", "search", params={"q": "Happy", "type": "track"}).json()["tracks"]
    assert len(page["items"]) == page["limit"] == 5
    following = web_api.ask("GET", page["next"].split("/v1/")[1]).json()["tracks"]
    assert following["offset"] == 5
    assert following["items"][0] not in page["items"]


def test_playlist_search_has_gaps_and_hides_others_tracks(web_api: _WebApi) -> None:
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
        (b'{"name": "' + b"n" * 101 + b'"}', "too long"),
        (b'{"name": "n", "public": false, "description": "two\\nlines"}', "description"),
    ],
)
def test_playlist_that_spotify_would_not_make(
    sandbox: Sandbox, web_api: _WebApi, body: bytes, words: str
) -> None:
    answer = web_api.ask("POST", "me/playlists", data=body)
    assert answer.status_code == 400
    assert words in answer.text
    assert not sandbox.playlists


def test_tracks_that_spotify_would_not_add(sandbox: Sandbox, web_api: _WebApi) -> None:
    made = web_api.ask("POST", "me/playlists", json={"name": "n", "public": False})
    assert made.status_code == 201
    path = f"playlists/{made.json()['id']}/items"
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


def test_public_is_what_playlists_are_by_default(sandbox: Sandbox, web_api: _WebApi) -> None:
    web_api.ask("POST", "me/playlists", json={"name": "n"})
    assert sandbox.playlists[0].public
    assert len(web_api.ask("GET", "me/playlists").json()["items"]) == 1


def test_a_user_who_is_not_listed_gets_in_and_no_further(sandbox: Sandbox, web_api: _WebApi) -> None:
    sandbox.accounts.listed = False
    assert "not registered" in web_api.ask("GET", "me").text
    sandbox.accounts.listed = True
    sandbox.accounts.owner_has_premium = False
    assert "premium" in web_api.ask("GET", "search", params={"q": "a", "type": "track"}).text


def test_extended_quota_shows_others_tracks(sandbox: Sandbox, web_api: _WebApi) -> None:
    sandbox.extended_quota = True
    rows = web_api.ask("GET", "playlists/foreign/items").json()["items"]
    assert rows[0]["item"]["name"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"/9j/", 202), (b"no base 64", 400), (b"YWJj", 400), (b"/9j/" * 70_000, 413)],
)
def test_covers(sandbox: Sandbox, web_api: _WebApi, body: bytes, status: int) -> None:
    made = web_api.ask("POST", "me/playlists", json={"name": "n", "public": False}).json()
    assert web_api.ask("PUT", f"playlists/{made['id']}/images", data=body).status_code == status
    assert bool(sandbox.playlists[0].cover) is (status == 202)
    assert web_api.ask("PUT", "playlists/foreign/images", data=body).status_code == 403


def test_pictures_of_albums(web_api: _WebApi) -> None:
    rows = web_api.ask("GET", "search", params={"q": "Happy", "type": "track"}).json()["tracks"]["items"]
    picture = requests.get(rows[0]["album"]["images"][-1]["url"], timeout=TIMEOUT_S)
    assert picture.headers["Content-Type"] == "image/png"
    pixels = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    assert pixels.shape == (64, 64, 3)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.SLOW])
def test_faults(sandbox: Sandbox, web_api: _WebApi, fault: Fault) -> None:
    sandbox.fail_next(fault, "/v1/me/playlists", method="POST")
    assert web_api.ask("GET", "me/playlists").status_code == 200
    try:
        status = web_api.ask("POST", "me/playlists", json={"name": "n", "public": False}).status_code
    except requests.ConnectionError:
        status = 0
    assert fault.answer is not None
    assert status == fault.answer.status
    assert len(sandbox.playlists) == fault.after_work
    assert web_api.ask("POST", "me/playlists", json={"name": "n", "public": False}).status_code == 201


def test_slow_answers_come_when_they_are_let_go(sandbox: Sandbox, web_api: _WebApi) -> None:
    sandbox.fail_next(Fault.SLOW, "/v1/me")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(web_api.ask, "GET", "me")
        assert sandbox.held.wait(TIMEOUT_S)
        assert not answer.done()
        sandbox.let_go()
        assert answer.result(TIMEOUT_S).status_code == 200


def test_a_deleted_playlist_is_in_no_list(sandbox: Sandbox, web_api: _WebApi) -> None:
    made = web_api.ask("POST", "me/playlists", json={"name": "n", "public": False}).json()
    sandbox.delete_playlist(made["id"])
    assert web_api.ask("GET", "me/playlists").json()["items"] == []


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer made-up", "Basic x"])
def test_no_entry_without_a_token(sandbox: Sandbox, authorization: str) -> None:
    answer = requests.get(sandbox.api_url + "me", headers={"Authorization": authorization}, timeout=TIMEOUT_S)
    assert answer.status_code == 401


def test_missing_scope(sandbox: Sandbox) -> None:
    token = _redeem(sandbox, _authorize(sandbox, scope="playlist-modify-public")).json()["access_token"]
    web_api = _WebApi(sandbox.api_url, token)
    answer = web_api.ask("POST", "me/playlists", json={"name": "n", "public": False})
    assert answer.status_code == 403
    assert "scope" in answer.text


def _authorize(sandbox: Sandbox, **changes: str) -> str:
    """Returns where the browser is sent, "" where it is not."""
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
    location = _authorize(sandbox)
    assert _redeem(sandbox, location).status_code == 200
    assert _redeem(sandbox, location).status_code == 400


def test_page_of_a_playlist_lists_its_songs(sandbox: Sandbox, web_api: _WebApi) -> None:
    made = web_api.ask("POST", "me/playlists", json={"name": "<b>Mine</b>", "public": False}).json()
    web_api.ask("POST", f"playlists/{made['id']}/items", json={"uris": [songs()[0].uri]})
    page = requests.get(made["external_urls"]["spotify"], timeout=TIMEOUT_S)
    assert page.status_code == 200
    assert songs()[0].title in page.text
    assert "<b>" not in page.text


def test_page_of_a_song(sandbox: Sandbox, web_api: _WebApi) -> None:
    rows = web_api.ask("GET", "search", params={"q": "Happy", "type": "track"}).json()["tracks"]["items"]
    page = requests.get(rows[0]["external_urls"]["spotify"], timeout=TIMEOUT_S)
    assert rows[0]["name"] in page.text
    assert requests.get(sandbox.accounts_url + "track/none", timeout=TIMEOUT_S).status_code == 404


def test_page_of_a_search(sandbox: Sandbox) -> None:
    page = requests.get(sandbox.pages_url + 'search/Rage%20genre%3A"metal"', timeout=TIMEOUT_S)
    assert page.status_code == 200
    assert "Rage" in page.text
