"""With nothing owned: what the machine has room for, and a small one to begin with."""

from __future__ import annotations

from tests.conftest import Run


def test_the_offer_names_the_starter_and_what_there_is_room_for(freehold: Run) -> None:
    done = freehold("run", "--prompt", "Hello")
    assert done.returncode == 1
    assert "SmolLM2 135M Instruct is a small one to start with" in done.stderr
    assert "This machine has room for models up to" in done.stderr
    assert "Add --yes" in done.stderr
