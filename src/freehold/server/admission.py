"""Who may come in: with no key made and only loopback open, anybody here; else whoever has a key.

A key comes as `Authorization: Bearer`, as `x-api-key`, or as the cookie that the page's log-in
sets. The keys are read again when their file changes, so a removed one is out at once.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.api_keys import ApiKey, ApiKeys
from freehold.actions.api_keys import Scope as KeyScope
from freehold.errors import StorageError
from freehold.server.problem import NotAllowed, Problem
from freehold.server.refusal import Refuse, header

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "freehold_key"
_OPEN = frozenset({"/health", "/login"})
_OPEN_FOLDER = "/assets/"
"""What may be seen without a key: that the server is there, and the way in."""
_COOKIE = re.compile(rf"(?:^|;\s*){COOKIE}=([A-Za-z0-9_-]+)")
_HOW = "Send one as `Authorization: Bearer KEY`; freehold key add NAME makes one."


class KeyRing:
    """The keys as they are on the disk now."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._seen: tuple[int, int] | None = None
        self._keys = ApiKeys(home)

    def now(self) -> ApiKeys:
        """Read again only if the file is another. Raises StorageError when it is damaged."""
        try:
            found = (self._home / "keys.json").stat()
            seen = (found.st_mtime_ns, found.st_ino)
        except FileNotFoundError:
            seen = None
        if seen != self._seen:
            self._keys = ApiKeys(self._home)
            self._seen = seen
        return self._keys


class Admission:
    """Writes the key that a request came with into its scope, or turns it away."""

    def __init__(self, app: ASGIApp, refuse: Refuse, ring: KeyRing, *, always: bool) -> None:
        """`always`: a key is wanted even when none was ever made."""
        self._app, self._refuse, self._ring, self._always = app, refuse, ring, always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the module."""
        if scope["type"] == "http" and not _is_open(scope["path"]):
            found = self._admit(scope)
            if isinstance(found, Problem):
                await self._refuse(scope, found)(scope, receive, send)
                return
            if found is not None:
                scope["freehold.key"] = found
                scope["freehold.owner"] = found.id
        await self._app(scope, receive, send)

    def _admit(self, scope: Scope) -> ApiKey | Problem | None:
        """The key; None where none is needed."""
        try:
            keys = self._ring.now()
        except StorageError as error:
            return Problem(503, "keys_unreadable", error.message, error.hint)
        if not self._always and not keys.all():
            return None
        secret = secret_of(scope)
        if secret is None:
            return Problem(401, "key_missing", "A key is needed.", _HOW)
        return keys.check(secret) or Problem(401, "key_wrong", "This key opens nothing here.", _HOW)


def must_manage(scope: Scope) -> None:
    """Raise NotAllowed unless the request's key, where keys are asked, may change what is owned."""
    key: ApiKey | None = scope.get("freehold.key")
    if key is not None and not key.allows(KeyScope.MANAGE):
        raise NotAllowed(
            f"The key {key.name!r} may ask models and not change what is owned.",
            "freehold key add NAME --scope manage makes one that may.",
        )


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_FOLDER)


def secret_of(scope: Scope) -> str | None:
    """The secret that a request carries, wherever its protocol puts it."""
    bearer = header(scope, b"authorization")
    if bearer is not None and bearer.lower().startswith("bearer "):
        return bearer[7:].strip()
    if (plain := header(scope, b"x-api-key")) is not None:
        return plain.strip()
    found = _COOKIE.search(header(scope, b"cookie") or "")
    return found[1] if found else None
