"""Registries that want to know who is there: challenges, tokens, Docker's logins."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from freehold.errors import AccessDenied, SourceError, UsageError
from freehold.sources.oci_login import Challenge, DockerLogins, authorise, parse_challenges
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.sources.registries.conftest import FakeRegistry

SCOPE = "repository:a/b:pull"
LOGIN = "Basic " + base64.b64encode(b"ann:pass:word").decode()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            'Bearer realm="https://a/token",service="s,t",scope="repository:a/b:pull,push"',
            [("bearer", {"realm": "https://a/token", "service": "s,t",
                         "scope": "repository:a/b:pull,push"})],
        ),
        ('bearer Realm=x , service = "y\\"z"', [("bearer", {"realm": "x", "service": 'y"z'})]),
        (
            'Basic realm="r", Bearer realm="https://a"',
            [("basic", {"realm": "r"}), ("bearer", {"realm": "https://a"})],
        ),
        ("Negotiate, Basic realm=r", [("negotiate", {}), ("basic", {"realm": "r"})]),
        ("Negotiate", [("negotiate", {})]),
        ('Bearer realm="never closed', [("bearer", {})]),
        ("", []),
        ("=,=,=", []),
    ],
)  # fmt: skip
def test_challenges(header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    found = parse_challenges(header)
    assert list(found[: len(expected)]) == [Challenge(*each) for each in expected]


def test_long_nonsense_is_read_in_no_time() -> None:
    for header in (
        "a" * 60_000,
        "Bearer " + "a=," * 20_000,
        'Bearer a="' + "\\" * 60_001,
        " ," * 30_000,
    ):
        parse_challenges(header)


def bearer(fake: FakeRegistry, path: str = "/token", more: str = "") -> str:
    return f'Bearer realm="{fake.url}{path}",service="the registry"{more}'


def give(fake: FakeRegistry, path: str, document: object, status: int = 200) -> None:
    fake.give(path, json.dumps(document).encode(), status)


QUERY = "service=the+registry&scope=repository%3Aa%2Fb%3Apull"


@pytest.mark.parametrize("name", ["token", "access_token"])
def test_an_anonymous_token_for_what_is_asked(
    client: HttpClient, fake: FakeRegistry, name: str
) -> None:
    give(fake, f"/token?{QUERY}", {name: "abc.def-_=", "expires_in": 60})
    assert authorise(client, bearer(fake), fake.host, SCOPE, DockerLogins()) == "Bearer abc.def-_="
    assert "Authorization" not in fake.asked[0].headers


def test_the_scope_and_the_query_of_the_challenge_are_kept(
    client: HttpClient, fake: FakeRegistry
) -> None:
    give(fake, "/token?x=1&service=the+registry&scope=other", {"token": "t"})
    header = bearer(fake, "/token?x=1", ',scope="other"')
    assert authorise(client, header, fake.host, SCOPE, DockerLogins()) == "Bearer t"


def write(path: Path, host: str, entry: object, **more: object) -> None:
    path.write_text(json.dumps({"auths": {host: entry}, **more}))


@pytest.mark.parametrize(
    "entry",
    [
        {"auth": base64.b64encode(b"ann:pass:word").decode()},
        {"username": "ann", "password": "pass:word"},
    ],
)
def test_a_login_of_dockers_goes_to_the_token_server(
    client: HttpClient, fake: FakeRegistry, docker_config: Path, entry: object
) -> None:
    write(docker_config, fake.host, entry)
    give(fake, f"/token?{QUERY}", {"token": "t"})
    assert authorise(client, bearer(fake), fake.host, SCOPE, DockerLogins()) == "Bearer t"
    assert fake.asked[0].headers["Authorization"] == LOGIN


def test_a_login_for_one_registry_is_never_shown_to_another(
    client: HttpClient, fake: FakeRegistry, docker_config: Path
) -> None:
    write(docker_config, "ghcr.io", {"auth": base64.b64encode(b"ann:pass:word").decode()})
    give(fake, f"/token?{QUERY}", {"token": "t"})
    authorise(client, bearer(fake), fake.host, SCOPE, DockerLogins())
    assert "Authorization" not in fake.asked[0].headers
    with pytest.raises(AccessDenied, match="wants a login"):
        authorise(client, "Basic realm=x", fake.host, SCOPE, DockerLogins())


def test_basic_is_answered_with_dockers_login(client: HttpClient, docker_config: Path) -> None:
    write(docker_config, "h.example:5000", {"auth": base64.b64encode(b"ann:pass:word").decode()})
    header = 'Basic realm="x"'
    assert authorise(client, header, "h.example:5000", SCOPE, DockerLogins()) == LOGIN


@pytest.mark.parametrize("asked", ["docker.io", "registry-1.docker.io", "index.docker.io"])
def test_docker_hub_has_several_names(docker_config: Path, asked: str) -> None:
    write(docker_config, "https://index.docker.io/v1/", {"username": "u", "password": "p"})
    assert DockerLogins().basic(asked) is not None
    assert DockerLogins().basic("docker.io.example") is None


def test_without_a_login_nothing_is_wrong(docker_config: Path, tmp_path: Path) -> None:
    assert DockerLogins().basic("ghcr.io") is None
    assert DockerLogins(tmp_path / "nowhere").basic("ghcr.io") is None
    for text in (
        "[]",
        "{}",
        '{"auths": []}',
        '{"auths": {"ghcr.io": 5}}',
        '{"auths": {"ghcr.io": {}}}',
    ):
        docker_config.write_text(text)
        assert DockerLogins().basic("ghcr.io") is None


def test_credential_helpers_are_never_run(
    docker_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper, trace = tmp_path / "docker-credential-spy", tmp_path / "it-ran"
    helper.write_text(f"#!/bin/sh\ntouch {trace}\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    write(docker_config, "ghcr.io", {}, credsStore="spy", credHelpers={"ghcr.io": "spy"})
    assert DockerLogins().basic("ghcr.io") is None
    assert not trace.exists()


@pytest.mark.parametrize(
    "auth", ["!!!", "YW5u!OnBhc3M=", base64.b64encode(b"no colon").decode(), "é"]
)
def test_a_login_that_cannot_be_read_is_said_so(docker_config: Path, auth: str) -> None:
    write(docker_config, "ghcr.io", {"auth": auth})
    with pytest.raises(UsageError, match=r"ghcr\.io.*config\.json") as caught:
        DockerLogins().basic("ghcr.io")
    assert auth not in str(caught.value)
    docker_config.write_text("{")
    with pytest.raises(UsageError, match="not valid JSON"):
        DockerLogins().basic("ghcr.io")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_explained(
    client: HttpClient, fake: FakeRegistry, docker_config: Path, status: int
) -> None:
    give(fake, f"/token?{QUERY}", {}, status)
    with pytest.raises(AccessDenied, match="without a login") as caught:
        authorise(client, bearer(fake), fake.host, SCOPE, DockerLogins())
    assert f"docker login {fake.host}" in str(caught.value.hint)
    write(docker_config, fake.host, {"username": "u", "password": "secret-word"})
    with pytest.raises(AccessDenied, match="does not accept") as caught:
        authorise(client, bearer(fake), fake.host, SCOPE, DockerLogins())
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    "answer", [{}, [], {"token": ""}, {"token": 5}, {"token": "a\r\nX: y"}, {"token": "a" * 40_000}]
)
def test_a_token_that_is_none_is_refused(
    client: HttpClient, fake: FakeRegistry, answer: object
) -> None:
    give(fake, f"/token?{QUERY}", answer)
    with pytest.raises(SourceError, match="no usable token"):
        authorise(client, bearer(fake), fake.host, SCOPE, DockerLogins())


@pytest.mark.parametrize(
    "realm",
    [
        "http://auth.example/token",
        "ftp://auth.example/token",
        "file:///etc/passwd",
        "/token",
        "",
        "https://ann:word@auth.example/token",
        "http://127.0.0.1:9/token",
        "https://localhost/token",
        "http://[::1/token",
    ],
)
def test_a_token_is_asked_for_only_where_that_is_safe(
    client: HttpClient, docker_config: Path, realm: str
) -> None:
    """A registry elsewhere must not make us talk in the open, or to this machine's own services."""
    write(docker_config, "far.example", {"username": "u", "password": "p"})
    with pytest.raises(AccessDenied, match="refused"):
        authorise(client, f'Bearer realm="{realm}"', "far.example", SCOPE, DockerLogins())


def test_a_challenge_of_an_unknown_kind_is_no_way_in(client: HttpClient) -> None:
    with pytest.raises(AccessDenied, match="wants a login"):
        authorise(client, "Negotiate", "far.example", SCOPE, DockerLogins())
