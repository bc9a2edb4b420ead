"""Commands of the system, asked as they are; what they refuse is said in their own words."""

from __future__ import annotations

import shlex
import subprocess

from freehold.errors import FreeholdError


def ask_system(command: list[str], fine: frozenset[int] | set[int] = frozenset({0})) -> str:
    """What a system command says. Raises FreeholdError when it is missing or refuses."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except FileNotFoundError as error:
        raise FreeholdError(f"{command[0]} is not on this system.") from error
    except subprocess.TimeoutExpired as error:
        raise FreeholdError(f"`{shlex.join(command)}` did not answer within a minute.") from error
    if done.returncode not in fine:
        said = " ".join((done.stderr or done.stdout).split()) or f"exit code {done.returncode}"
        raise FreeholdError(
            f"`{shlex.join(command)}` refused: {said.rstrip('.')}.",
            "Is this a log-in session? Services of a user belong to one.",
        )
    return done.stdout
