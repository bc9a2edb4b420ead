"""Who may come in: with no key made and only loopback open, anybody here; else whoever has a key.

A key comes as `Authorization: Bearer`, as `x-api-key`, or as the cookie that the page's log-in
sets. The keys are read again when their file changes, so a removed one is out at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from freehold.actions.api_keys import ApiKey, ApiKeys, Scope
from freehold.errors import StorageError
from freehold.server.asgi import App, Receive, Send, header, refuse
from freehold.server.asgi import Scope as AsgiScope

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
    """Puts the key, or None, into `scope["state"]["key"]`, or refuses."""

    def __init__(
        self,
        app: App,
        ring: KeyRing,
        *,
        always: bool,
        needs: Callable[[str, str], Scope],
    ) -> None:
        """`always`: a key is wanted even when none was ever made. `needs`: (method, path)."""
        self._app, self._ring, self._always, self._needs = app, ring, always, needs

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """See the module."""
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            keys = self._ring.now()
        except StorageError as error:
            await refuse(scope, send, 503, str(error))
            return
        key: ApiKey | None = None
        if self._always or keys.all():
            secret = secret_of(scope)
            key = keys.check(secret) if secret else None
            if key is None:
                said = "This key opens nothing here." if secret else f"A key is needed. {_HOW}"
                await refuse(scope, send, 401, said, headers=[(b"www-authenticate", b"Bearer")])
                return
            wanted = self._needs(scope["method"], scope["path"])
            if not key.allows(wanted):
                await refuse(
                    scope, send, 403, f"The key {key.name!r} may not do this: it wants `{wanted}`."
                )
                return
        scope.setdefault("state", {})["key"] = key
        await self._app(scope, receive, send)


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_FOLDER)


def secret_of(scope: AsgiScope) -> str | None:
    """The secret that a request carries, wherever its protocol puts it."""
    bearer = header(scope, b"authorization")
    if bearer is not None and bearer.lower().startswith("bearer "):
        return bearer[7:].strip()
    if (plain := header(scope, b"x-api-key")) is not None:
        return plain.strip()
    found = _COOKIE.search(header(scope, b"cookie") or "")
    return found[1] if found else None
