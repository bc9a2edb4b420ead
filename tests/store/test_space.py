from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from freehold.errors import NotEnoughSpace
from freehold.store import space
from freehold.store.store import Store


def test_free_space_is_that_of_the_disk_the_home_will_be_on(store: Store, tmp_path: Path) -> None:
    assert abs(store.free_bytes() - shutil.disk_usage(tmp_path).free) < 10**9
    assert not store.home.exists()


def test_too_little_space_is_said_in_numbers(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda _: 3_000_000_000)
    store.require_space(3_000_000_000)
    with pytest.raises(NotEnoughSpace) as caught:
        store.require_space(4_100_000_000)
    assert "needs 4.1 GB" in caught.value.message
    assert "has 3.0 GB free: 1.1 GB too little" in caught.value.message
    assert "FREEHOLD_HOME" in str(caught.value.hint)
