"""What a system's way to keep the server running must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Status:
    """What the system says of the service."""

    installed: bool
    running: bool
    detail: str
    """The system's own words."""


class Service(Protocol):
    """One system's way to keep the server running."""

    @property
    def file(self) -> Path:
        """The file that describes the service."""

    def install(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Write the file, and start the service now and at each log-in."""

    def remove(self) -> bool:
        """Stop it for good and remove its file. Whether there was one."""

    def start(self) -> None:
        """Start it again after `stop`."""

    def stop(self) -> None:
        """Stop it until the next log-in or `start`."""

    def status(self) -> Status:
        """Whether it is there and runs."""

    def logs(self, lines: int) -> str:
        """The last lines that it wrote."""
