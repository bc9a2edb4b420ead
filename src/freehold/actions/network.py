"""The way out: one HTTP client for one action, made only if something really is to be fetched."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from freehold.transfer.http import HttpClient


class Network:
    """Use it in a `with` block. Nothing of it is loaded before `connect` is called."""

    def __init__(self) -> None:
        self._client: HttpClient | None = None

    def connect(self) -> HttpClient:
        """The client, the same one each time."""
        if self._client is None:
            from freehold.transfer.http import HttpClient

            self._client = HttpClient()
        return self._client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client is not None:
            self._client.close()
