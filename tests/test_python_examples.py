"""The Python sessions in the documentation say what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY

PAGES = [
    page for page in sorted(REPOSITORY.glob("docs/*.md")) if "\n>>> " in page.read_text("utf-8")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_session_goes_as_written(page: Path, owning: Path) -> None:
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried
    assert not failed
