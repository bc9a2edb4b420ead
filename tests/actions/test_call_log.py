"""The log on the disk: whole, private, gone when it is erased."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from freehold.actions.call_log import CallLog
from freehold.civic.log.entry import Kind, Outcome
from freehold.errors import StorageError, UsageError


def test_what_is_to_be_followed_up_comes_first(tmp_path: Path) -> None:
    log = CallLog(tmp_path)
    log.add("Senator A", Kind.CALL, Outcome.SPOKE)
    log.add("Senator B", Kind.LETTER, follow_up=date(2026, 12, 9))
    log.add("Senator C", Kind.VOICEMAIL, Outcome.LEFT, "x", date(2026, 12, 3))
    assert [entry.member for entry in log.entries()] == ["Senator C", "Senator B", "Senator A"]
    log.done(3)
    assert [entry.member[-1] for entry in CallLog(tmp_path).entries()] == ["B", "C", "A"]


def test_it_is_the_owners_alone(tmp_path: Path) -> None:
    log = CallLog(tmp_path)
    log.add("Senator A", Kind.CALL)
    if os.name == "posix":
        assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_two_at_a_time_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: CallLog(tmp_path).add(f"Senator {n}", Kind.CALL), range(12)))
    entries = CallLog(tmp_path).entries()
    assert len({entry.id for entry in entries}) == len(entries) == 12


def test_erasing_leaves_nothing(tmp_path: Path) -> None:
    log = CallLog(tmp_path)
    log.add("Senator A", Kind.CALL, note="unmistakable")
    assert log.erase() == 1
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and b"unmistak" in p.read_bytes()]
    assert log.entries() == ()
    assert log.erase() == 0


def test_a_damaged_log_is_named_kept_and_can_be_erased(tmp_path: Path) -> None:
    log = CallLog(tmp_path)
    log.add("Senator A", Kind.CALL)
    log.path.write_text('{"version": 1, "entries": [{"id": 1}]}')
    with pytest.raises(StorageError, match="cannot be read"):
        log.entries()
    with pytest.raises(StorageError, match="cannot be read"):
        log.add("Senator B", Kind.CALL)
    assert '"id": 1' in log.path.read_text()
    log.erase()
    assert not log.path.exists()


def test_nonsense_is_refused(tmp_path: Path) -> None:
    log = CallLog(tmp_path)
    for name in ("", " ", "a\x1b[2J", "x" * 300):
        with pytest.raises(UsageError, match="Whom"):
            log.add(name, Kind.CALL)
    with pytest.raises(UsageError, match="characters at most"):
        log.add("Senator A", Kind.CALL, note="x" * 5000)
    with pytest.raises(UsageError, match="no entry 7"):
        log.done(7)
    assert not log.path.exists()
