"""Names for answers."""

from __future__ import annotations

import os


def new_id(prefix: str) -> str:
    """A name that no other answer has: `prefix-` and 24 random digits."""
    return f"{prefix}-{os.urandom(12).hex()}"
