"""Laws of our drafting: marked as drafts, with what they must have and no more."""

from __future__ import annotations

import pytest

from freehold.civic.calling.drafts import draft_law
from freehold.civic.calling.wish import LAWS
from freehold.errors import UsageError


@pytest.mark.parametrize("name", LAWS)
def test_a_draft_says_that_it_is_one_and_keeps_harm_unlawful(name: str) -> None:
    text = draft_law(name, "NH")
    assert "DRAFT FOR COUNSEL. Not legal advice; not introduced anywhere." in text.splitlines()[0]
    assert "New Hampshire" in text
    assert "{" not in text
    assert "otherwise unlawful" in text
    for word in ("license", "registration", "approval", "own", "run", "share"):
        assert word in text


def test_without_a_state_there_is_a_blank() -> None:
    assert "[STATE]" in draft_law("bill")


def test_no_state_is_refused() -> None:
    with pytest.raises(UsageError, match="no state"):
        draft_law("bill", "Atlantis")
