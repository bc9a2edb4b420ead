"""The pages as a program sees them: types, marks, policies, and who may change what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.server.conftest import Serve, Served

from freehold.actions.api_keys import ApiKeys, Scope
from freehold.server.admission import KeyRing
from freehold.server.door import Door

HTML = {"Accept": "text/html,application/xhtml+xml"}


def test_programs_find_the_words_of_ollama_where_people_find_the_chat(fake: Served) -> None:
    assert fake.ask("GET", "/").data == b"Ollama is running"
    assert fake.ask("HEAD", "/").status == 200
    page = fake.ask("GET", "/", headers=HTML)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"<title>Chat" in page.data


@pytest.mark.parametrize("path", ["/", "/library", "/fit", "/study", "/settings", "/login"])
def test_pages_allow_nothing_from_elsewhere_and_no_script_inside(fake: Served, path: str) -> None:
    page = fake.ask("GET", path, headers=HTML)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    text = page.data.decode()
    assert "<style" not in text
    assert " style=" not in text
    assert "http" not in text.replace("https://</code>", "")
    assert all("src=" in part for part in text.split("<script")[1:])


def test_an_asset_is_sent_once(fake: Served) -> None:
    first = fake.ask("GET", "/assets/chat.js")
    assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"
    again = fake.ask("GET", "/assets/chat.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.data) == (304, b"")
    assert fake.ask("GET", "/assets/base.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("name", ["none.js", "..%2Fweb.py", "__init__.py", "%00"])
def test_no_other_file_is_an_asset(fake: Served, name: str) -> None:
    assert fake.ask("GET", f"/assets/{name}").status == 404


def test_where_a_key_is_wanted_browsers_are_shown_the_way_in(serve: Serve, tmp_path: Path) -> None:
    server = serve(door=Door(KeyRing(tmp_path), always_a_key=True))
    shown = server.ask("GET", "/settings", headers=HTML, redirect=False)
    assert (shown.status, shown.headers["Location"]) == (303, "/login")
    assert server.ask("GET", "/settings").status == 401
    assert server.ask("GET", "/page/models", headers={"Accept": "application/json"}).status == 401
    assert server.ask("GET", "/login", headers=HTML).status == 200


def test_a_key_that_may_run_changes_nothing(serve: Serve, small_home: Path) -> None:
    keys = ApiKeys(small_home)
    secret = keys.make("reader", (Scope.RUN,)).secret
    try:
        server, cookie = serve(), {"Cookie": f"freehold_key={secret}"}
        assert server.ask("GET", "/page/models", headers=cookie).status == 200
        changing = (
            *("models/get", "models/remove", "models/verify", "models/pin", "models/repair"),
            *("keys/add", "keys/remove", "conversations/forget"),
            *("act/log/add", "act/log/done", "act/log/erase"),
        )
        for path in changing:
            told = server.ask("POST", f"/page/{path}", headers=cookie, body=b"{}")
            assert told.status == 403, path
        for path in ("keys", "act/log", "act/log/csv", "act/log/ics"):
            assert server.ask("GET", f"/page/{path}", headers=cookie).status == 403, path
    finally:
        keys.remove("reader")


@pytest.mark.parametrize("ref", ["/etc/passwd", "file:/etc/passwd", "../x.gguf", "~/x"])
def test_no_path_leads_from_the_page_to_a_file(fake: Served, ref: str) -> None:
    told = fake.ask("POST", "/page/models/get", body=json.dumps({"ref": ref}).encode())
    assert told.status == 400
    assert "Files are not got through a page" in told.json()["error"]["message"]
