"""Getting past a registry that asks who is there: its challenge, and a token for this one model.

Anonymous where that is enough, else with a login that `docker login` left in plain form in
Docker's configuration. Credential helpers are other people's programs and are never run.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from freehold.errors import AccessDenied, SourceError, UsageError
from freehold.transfer.proxies import is_loopback

if TYPE_CHECKING:
    from freehold.transfer.http import HttpClient

_TOKEN_ANSWER = 256 << 10
_PARAMETER = re.compile(r'([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*,?\s*')
_SCHEME = re.compile(r"\s*,?\s*([A-Za-z][\w-]*)(?:\s+|$|(?=,))")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,32768}")
_DOCKER_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})


@dataclass(frozen=True)
class Challenge:
    """What a registry wants to see: `bearer` or `basic`, with its parameters in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Read a WWW-Authenticate header. Stops at the first thing it does not understand."""
    found = []
    position = 0
    while match := _SCHEME.match(header, position):
        position = match.end()
        parameters: dict[str, str] = {}
        while pair := _PARAMETER.match(header, position):
            quoted, bare = pair[2], pair[3]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
            parameters[pair[1].lower()] = value
            position = pair.end()
        found.append(Challenge(match[1].lower(), parameters))
    return tuple(found)


class DockerLogins:
    """The logins in Docker's configuration, read when one is first needed."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` holds config.json: DOCKER_CONFIG, else ~/.docker, when not given."""
        self._folder = folder

    @property
    def path(self) -> Path:
        """The file they are read from."""
        chosen = os.environ.get("DOCKER_CONFIG")
        folder = self._folder or (Path(chosen) if chosen else Path.home() / ".docker")
        return folder / "config.json"

    def basic(self, host: str) -> str | None:
        """The value of an Authorization header for a registry; None without a plain login.

        Raises UsageError when the file cannot be understood.
        """
        entry = self._entries().get(_canonical(host))
        if not isinstance(entry, dict):
            return None
        user, secret = entry.get("username"), entry.get("password")
        encoded = entry.get("auth")
        if isinstance(encoded, str) and encoded:
            return "Basic " + base64.b64encode(self._decoded(encoded, host)).decode()
        if isinstance(user, str) and isinstance(secret, str) and user:
            return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
        return None

    def _entries(self) -> dict[str, Any]:
        try:
            document = json.loads(self.path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise UsageError(f"{self.path} cannot be read: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{self.path} is not valid JSON.", "Mend or remove it.") from error
        entries = document.get("auths") if isinstance(document, dict) else None
        if not isinstance(entries, dict):
            return {}
        return {_canonical(name): entry for name, entry in entries.items()}

    def _decoded(self, encoded: str, host: str) -> bytes:
        try:
            login = base64.b64decode(encoded, validate=True).rstrip(b"\0")
        except (binascii.Error, ValueError):
            login = b""
        if b":" not in login:
            raise UsageError(
                f"The login for {host} in {self.path} cannot be understood.",
                f"Log in again: docker login {host}",
            )
        return login


def authorise(client: HttpClient, header: str, host: str, scope: str, logins: DockerLogins) -> str:
    """Answer a registry's challenge: the value of the Authorization header it wants to see.

    `host` is the registry that asked; nobody else is shown the result. `scope` is used when the
    challenge names none. Raises AccessDenied when there is no way in.
    """
    challenges = {each.scheme: each for each in parse_challenges(header)}
    login = logins.basic(host)
    if bearer := challenges.get("bearer"):
        return "Bearer " + _token(client, bearer, host, scope, login)
    if "basic" in challenges and login:
        return login
    raise AccessDenied(f"{host} wants a login before it gives anything.", login_hint(host))


def login_hint(host: str) -> str:
    """What to try when a registry gives nothing."""
    return (
        f"Check the spelling. If it is private: docker login {host}. Freehold reads plain logins "
        "in Docker's config.json and runs no credential helper."
    )


def _token(
    client: HttpClient, challenge: Challenge, host: str, scope: str, login: str | None
) -> str:
    url = _token_url(challenge, host, scope)
    headers = {"Authorization": login} if login else {}
    try:
        answer = client.get_json(
            url, headers=headers, what=f"a token for {host}", limit=_TOKEN_ANSWER
        )
    except AccessDenied as error:
        raise AccessDenied(
            f"{host} gives this to nobody without a login."
            if login is None
            else f"{host} does not accept the login in Docker's config.json.",
            login_hint(host),
        ) from error
    token = None
    if isinstance(answer, dict):
        token = answer.get("token") or answer.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise SourceError(f"{urlsplit(url).hostname} gave no usable token for {host}.")
    return token


def _token_url(challenge: Challenge, host: str, scope: str) -> str:
    realm = challenge.parameters.get("realm", "")
    try:
        parts = urlsplit(realm)
    except ValueError:
        parts = urlsplit("")
    here = is_loopback(parts.hostname)
    at_home = is_loopback(urlsplit(f"//{host}").hostname)
    safe = parts.scheme == "https" or (parts.scheme == "http" and here)
    if not parts.hostname or parts.username or not safe or (here and not at_home):
        raise AccessDenied(
            f"{host} sends those who ask for a token to {realm[:100]!r}, which was refused.",
            "A token must come over an encrypted connection: use another source.",
        )
    query = parse_qsl(parts.query)
    query += [
        (name, value)
        for name, value in (
            ("service", challenge.parameters.get("service", "")),
            ("scope", challenge.parameters.get("scope", "") or scope),
        )
        if value
    ]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def _canonical(host: str) -> str:
    """A registry's name without the scheme and path that Docker's file may write it with."""
    name = re.sub(r"^https?://", "", host.strip().lower()).partition("/")[0]
    return "docker.io" if name in _DOCKER_HUB else name
