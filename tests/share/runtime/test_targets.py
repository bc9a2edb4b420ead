"""Which machines a stick is for."""

from __future__ import annotations

import pytest

from freehold.errors import UsageError
from freehold.share.runtime.targets import (
    MACHINES,
    PYTHONS,
    expected_bytes,
    targets_for,
    this_machine,
)


def test_nothing_named_means_every_machine_and_python() -> None:
    targets = targets_for((), ())
    assert len(set(targets)) == len(MACHINES) * len(PYTHONS)
    assert {target.machine.system for target in targets} == {"Linux", "Darwin", "Windows"}


def test_one_machine_twice_is_one() -> None:
    targets = targets_for(("linux-arm64", "linux-arm64"), ("3.12",))
    assert [target.label for target in targets] == ["Linux, ARM, Python 3.12"]
    assert expected_bytes(targets) < expected_bytes(targets_for((), ()))


def test_this_is_the_machine_here_where_there_is_an_engine_for_it() -> None:
    if this_machine() in {machine.name for machine in MACHINES}:
        assert targets_for(("this",), ("3.12",)) == targets_for((this_machine(),), ("3.12",))
    else:
        with pytest.raises(UsageError, match="no engine to take along"):
            targets_for(("this",), ())


@pytest.mark.parametrize("name", ["amiga", "", "windows"])
def test_an_unknown_machine_is_refused_with_those_known(name: str) -> None:
    with pytest.raises(UsageError, match="windows-x86_64"):
        targets_for((name,), ())


@pytest.mark.parametrize("version", ["3", "3.10", "2.7", "3.12.1", "three", "3.x", "3.12; x"])
def test_a_python_that_is_none_is_refused(version: str) -> None:
    with pytest.raises(UsageError, match="no Python for Freehold"):
        targets_for((), (version,))
