"""Running the application: a socket, an event loop, signals, and an orderly end."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from freehold.errors import UsageError
from freehold.server.app import make_app
from freehold.server.patience import PatientHttp

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from freehold.server.desk import Desk
    from freehold.server.door import Door

_LAST_SECONDS = 5  # for answers under way to be told that the server stops


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(512)
    except OSError as error:
        opened.close()
        raise UsageError(
            f"{host}:{port} cannot be listened at: {error.strerror or error}.",
            "Another program may use that port: choose one with --port, or 0 for any free one.",
        ) from error
    return opened


class Listening:
    """One application at one socket: `run` it, and `stop` it from any thread or signal."""

    def __init__(
        self,
        app: ASGIApp,
        opened: socket.socket,
        ready: Callable[[], None] | None = None,
        http: type[PatientHttp] = PatientHttp,
    ) -> None:
        """`ready` is called when requests are answered."""
        self._opened = opened
        self._loop: asyncio.AbstractEventLoop | None = None
        self._uvicorn = _Uvicorn(_config(app, http), ready or (lambda: None), self.stop)

    def run(self) -> None:
        """Serve until it is stopped, in the main thread also by SIGTERM or Ctrl-C."""
        asyncio.run(self._run())

    def stop(self) -> None:
        """End what is being answered, and then `run`."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._uvicorn.serve([self._opened])

    def _stop(self) -> None:
        self._uvicorn.should_exit = True


class Server(Listening):
    """The server of what models answer: who is being answered is told why it ends."""

    def __init__(
        self,
        desk: Desk,
        door: Door,
        opened: socket.socket,
        ready: Callable[[], None] | None = None,
    ) -> None:
        """`ready` is called when requests are answered."""
        super().__init__(make_app(desk, door), opened, ready)
        self._desk = desk

    def _stop(self) -> None:
        self._desk.stop()
        super()._stop()


def _config(app: ASGIApp, http: type[PatientHttp]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=http,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # whoever connects is the client: no header says otherwise
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )


class _Uvicorn(uvicorn.Server):
    """Uvicorn, told what to do when it starts and when it is asked to stop."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stop: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Called by uvicorn."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Both signals mean the same here: an orderly end, with exit code 0."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(_: int, __: FrameType | None) -> None:
            self._stop()

        before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
