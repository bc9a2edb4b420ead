"""The way out: one HTTP client for one action, made only if something really is to be fetched."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from freehold.progress import Progress
    from freehold.settings import Settings
    from freehold.transfer.fetch import Fetcher
    from freehold.transfer.http import HttpClient


class Network:
    """Use it in a `with` block; threads may share it. Nothing is loaded before it is needed."""

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self._settings, self._progress = settings, progress
        self._lock = threading.Lock()
        self._client: HttpClient | None = None
        self._fetcher: Fetcher | None = None

    def connect(self) -> HttpClient:
        """The client, the same one each time."""
        with self._lock:
            if self._client is None:
                from freehold.transfer.http import HttpClient

                self._client = HttpClient()
            return self._client

    def fetcher(self) -> Fetcher:
        """The transfer engine with the owner's bandwidth cap, the same one each time."""
        client = self.connect()
        with self._lock:
            if self._fetcher is None:
                from freehold.transfer.fetch import Fetcher
                from freehold.transfer.rate import parse_rate

                limit = parse_rate(self._settings.limit) if self._settings.limit else None
                self._fetcher = Fetcher(client, self._progress, limit=limit)
            return self._fetcher

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._client is not None:
            self._client.close()
