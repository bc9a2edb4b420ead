"""A folder that only we can enter, for one process of the engine's: its socket and its log."""

from __future__ import annotations

import os
from pathlib import Path

from freehold.errors import EngineError

SOCKET = "s.sock"
"""The ending tells llama-server that it is no host name."""

_SOCKET_PATH_LIMIT = 100  # the smallest system allows 104 bytes, with the final zero


def make_private_folder(for_socket: bool) -> Path:
    """A new one (mode 0700); with `for_socket`, its path short enough for a socket in it."""
    name = f"freehold-{os.urandom(8).hex()}"
    wanted = os.environ.get("TMPDIR") or os.environ.get("TEMP") or "/tmp"  # noqa: S108
    places = [Path(wanted).absolute(), Path("/tmp")]  # noqa: S108
    if for_socket:
        places = [
            place
            for place in places
            if len(os.fsencode(place / name / SOCKET)) < _SOCKET_PATH_LIMIT
        ]
    for place in places:
        try:
            (place / name).mkdir(mode=0o700)
        except OSError as error:
            trouble = error
            continue
        return place / name
    raise EngineError(
        f"No folder for the engine can be made in {places[0]}: {trouble.strerror}.",
        "Set TMPDIR to a folder that you can write to.",
    )


def clear_private_folder(folder: Path) -> None:
    """Remove it. The process in it does the same: whoever is left does it."""
    try:
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        folder.rmdir()
    except FileNotFoundError:
        return
