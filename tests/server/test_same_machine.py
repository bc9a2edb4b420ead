"""Other people's web pages stay out; programs and our own pages come in."""

from __future__ import annotations

import pytest
from tests.server.asking import ask, greet, refuse

from freehold.server.same_machine import OwnHosts

APP = OwnHosts(greet, refuse, names={"my-laptop.local"}, origins={"app://editor"})
HERE = ("host", "127.0.0.1:2411")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:2411", "localhost:2411", "localhost", "[::1]:2411", "127.0.0.9", "my-laptop.local",
     "MY-LAPTOP.local:2411", "freehold.localhost:2411", "localhost."],
)  # fmt: skip
def test_our_own_names_are_answered(host: str) -> None:
    assert ask(APP, headers=[("host", host)]).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:2411", "127.0.0.1.evil.example", "localhost.evil.example", "",
     "10.0.0.1", "192.168.1.7:2411", "127.0.0.1:2411@evil.example", "[::1", "my-laptop.local.evil"],
)  # fmt: skip
def test_a_name_that_somebody_else_controls_is_refused(host: str) -> None:
    answer = ask(APP, headers=[("host", host)])
    assert answer.status == 403
    assert "--name" in answer.json["error"]["message"]


def test_two_host_headers_are_none() -> None:
    assert ask(APP, headers=[HERE, ("host", "evil.example")]).status == 403


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://127.0.0.1.evil.example", "null", "http://localhost:3000"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_a_foreign_page_may_not_speak(origin: str, method: str) -> None:
    answer = ask(APP, method=method, headers=[HERE, ("origin", origin)])
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


def test_our_own_page_may_speak() -> None:
    assert (
        ask(APP, method="POST", headers=[HERE, ("origin", "http://127.0.0.1:2411")]).status == 200
    )


def test_an_allowed_origin_may_speak_and_read_the_answer() -> None:
    origin = ("origin", "app://editor")
    asked = ask(
        APP,
        method="OPTIONS",
        headers=[
            HERE,
            origin,
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization"),
        ],
    )
    assert asked.status == 204
    assert asked.headers["access-control-allow-headers"] == "authorization"
    answer = ask(APP, method="POST", headers=[HERE, origin])
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "app://editor"


@pytest.mark.parametrize("mode", ["no-cors", "cors"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pictures_and_scripts_of_foreign_pages_are_refused(site: str, mode: str) -> None:
    headers = [HERE, ("sec-fetch-site", site), ("sec-fetch-mode", mode)]
    assert ask(APP, headers=headers).status == 403


def test_a_link_to_our_page_can_be_followed_but_no_foreign_form_sent() -> None:
    headers = [HERE, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]
    assert ask(APP, path="/", headers=headers).status == 200
    assert ask(APP, path="/", method="POST", headers=headers).status == 403
