"""How much others used: a share, whatever happens meanwhile."""

from __future__ import annotations

import subprocess
import sys

from freehold.actions.other_programs import other_programs


def test_what_our_own_child_uses_is_not_others() -> None:
    with other_programs() as others:
        subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)
    assert 0.0 <= others.share <= 1.0
