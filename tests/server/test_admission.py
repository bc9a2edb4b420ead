"""Keys at the door: none wanted on loopback until there is one; then the right one alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Scope_
from tests.server.asking import ask, greet, refuse

from freehold.actions.api_keys import ApiKeys, Scope
from freehold.server.admission import Admission, KeyRing, must_manage
from freehold.server.problem import NotAllowed

HERE = ("host", "127.0.0.1:2411")


def guarded(home: Path, *, always: bool = False) -> ASGIApp:
    return Admission(greet, refuse, KeyRing(home), always=always)


def test_with_no_key_made_anybody_on_loopback_comes_in(home: Path) -> None:
    assert ask(guarded(home)).status == 200


def test_opened_to_others_a_key_is_wanted_even_when_none_was_made(home: Path) -> None:
    answer = ask(guarded(home, always=True))
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "carry",
    [
        lambda secret: ("authorization", f"Bearer {secret}"),
        lambda secret: ("authorization", f"bearer  {secret} "),
        lambda secret: ("x-api-key", secret),
        lambda secret: ("cookie", f"theme=dark; freehold_key={secret}"),
    ],
)
def test_a_key_is_taken_wherever_its_protocol_puts_it(home: Path, carry: object) -> None:
    secret = ApiKeys(home).make("phone").secret
    assert callable(carry)
    assert ask(guarded(home), headers=[HERE, carry(secret)]).status == 200


@pytest.mark.parametrize(
    "header", [("authorization", "Bearer wrong"), ("x-api-key", "fh-00000000-" + "a" * 43),
               ("authorization", "Basic Zm9v"), ("cookie", "other=1")],
)  # fmt: skip
def test_a_wrong_key_is_refused(home: Path, header: tuple[str, str]) -> None:
    ApiKeys(home).make("phone")
    assert ask(guarded(home), headers=[HERE, header]).status == 401


def test_a_key_that_may_only_run_cannot_manage(home: Path) -> None:
    run = ("x-api-key", ApiKeys(home).make("phone").secret)
    manage = ("x-api-key", ApiKeys(home).make("owner", tuple(Scope)).secret)

    async def removing(scope: Scope_, receive: Receive, send: Send) -> None:
        must_manage(scope)
        await greet(scope, receive, send)

    app = Admission(removing, refuse, KeyRing(home), always=False)
    with pytest.raises(NotAllowed, match="'phone' may ask models"):
        ask(app, "/api/delete", "DELETE", [HERE, run])
    assert ask(app, "/api/delete", "DELETE", [HERE, manage]).status == 200


def test_a_removed_key_is_out_at_the_next_request(home: Path) -> None:
    app = guarded(home)
    ApiKeys(home).make("other")
    made = ApiKeys(home).make("phone")
    header = ("x-api-key", made.secret)
    assert ask(app, headers=[HERE, header]).status == 200
    ApiKeys(home).remove("phone")
    assert ask(app, headers=[HERE, header]).status == 401


def test_a_damaged_key_file_lets_nobody_in(home: Path) -> None:
    app = guarded(home)
    home.mkdir()
    (home / "keys.json").write_text("{")
    answer = ask(app)
    assert answer.status == 503
    assert "freehold key add" in answer.json["error"]["message"]


def test_the_way_in_is_open(home: Path) -> None:
    ApiKeys(home).make("phone")
    assert ask(guarded(home), "/health").status == 200
    assert ask(guarded(home), "/assets/page.css").status == 200
    assert ask(guarded(home), "/healthy").status == 401
    assert ask(guarded(home), "/assets").status == 401
