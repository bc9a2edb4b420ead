"""The environment, home folder and system that decide where programs keep their models.

All of it is given, so that a test can lay out a machine of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Surroundings:
    """One user on one machine."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    platform: str = "linux"
    """As `sys.platform` has it."""
    root: Path = Path("/")
    """Where the system's own folders begin."""

    @classmethod
    def here(cls) -> Surroundings:
        """This user, this machine."""
        try:
            home = Path.home()
        except RuntimeError:  # a user whom the system doesn't know, as in some containers
            home = Path("/nonexistent")
        return cls(home, os.environ, sys.platform)

    def variable(self, name: str) -> list[Path]:
        """The folder that an environment variable names; empty when it is not set."""
        value = self.environment.get(name, "").strip()
        return [self._expanded(value)] if value else []

    @property
    def cache(self) -> Path:
        """Where programs keep caches by this system's convention."""
        if self.platform == "darwin":
            return self.home / "Library" / "Caches"
        if self.platform == "win32":
            return self._local_data
        return next(iter(self.variable("XDG_CACHE_HOME")), self.home / ".cache")

    @property
    def data(self) -> Path:
        """Where programs keep data by this system's convention."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if self.platform == "win32":
            return self._local_data
        return next(iter(self.variable("XDG_DATA_HOME")), self.home / ".local" / "share")

    @property
    def _local_data(self) -> Path:
        return next(iter(self.variable("LOCALAPPDATA")), self.home / "AppData" / "Local")

    def _expanded(self, text: str) -> Path:
        # Not expanduser: `~` is the home of these surroundings.
        if text == "~" or text.startswith(("~/", "~\\")):
            return self.home / text[2:]
        return Path(text)
