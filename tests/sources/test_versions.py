"""The order of versions, against the reference where it is installed."""

from __future__ import annotations

import itertools

import pytest

from freehold.sources.versions import Version

ASCENDING = [
    "0.1.dev3", "0.1a1", "0.1a2.dev1", "0.1a2", "0.1b1", "0.1rc1.dev2", "0.1rc1", "0.1",
    "0.1+local.1", "0.1.post1.dev1", "0.1.post1", "0.1.1", "0.2", "0.10", "1.0", "1.0.1",
    "2026.10.11549", "1!0.1",
]  # fmt: skip
ODD = ["v1.0", "1.0-1", "1.0-alpha.1", "1.0.ALPHA", "1.0c1", "1.0_post", "1.0.r4", "01.02", "1.0.0"]


def parsed(text: str) -> Version:
    version = Version.parse(text)
    assert version is not None
    return version


def test_each_is_older_than_the_next() -> None:
    versions = [parsed(text) for text in ASCENDING]
    for one, two in itertools.combinations(versions, 2):
        assert one < two
        assert one != two


def test_it_agrees_with_the_reference() -> None:
    reference = pytest.importorskip("packaging.version")
    for one, two in itertools.product(ASCENDING + ODD, repeat=2):
        theirs = reference.Version(one), reference.Version(two)
        assert (parsed(one) < parsed(two)) == (theirs[0] < theirs[1]), (one, two)
        assert (parsed(one) == parsed(two)) == (theirs[0] == theirs[1]), (one, two)
    for text in ASCENDING + ODD:
        assert parsed(text).is_prerelease == reference.Version(text).is_prerelease


@pytest.mark.parametrize("text", ["", "one", "1.0.x", "1..0", "1.0-", "1.0+", "latest"])
def test_what_is_no_version(text: str) -> None:
    assert Version.parse(text) is None
