"""What is said to someone who owns nothing: how large a model this machine has room for."""

from __future__ import annotations

import pytest

from freehold.actions.could_run import could_run
from freehold.device import memory as memory_module
from freehold.device.memory import Memory


def machine_with(total: int, monkeypatch: pytest.MonkeyPatch) -> str | None:
    monkeypatch.setattr(memory_module, "memory", lambda: Memory(total, total))
    return could_run()


def test_a_larger_machine_has_room_for_a_larger_model(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = (machine_with(size * 10**9, monkeypatch) for size in (4, 32))
    assert small is not None
    assert large is not None
    assert small != large
    assert "`freehold fit`" in small


def test_where_nothing_fits_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine_with(0, monkeypatch) is None
