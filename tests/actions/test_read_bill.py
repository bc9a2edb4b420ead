"""Where a bill comes from, and what this machine is taken to compute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.civic.clauses.small_bill import SMALL_BILL
from tests.serving import FileServer

from freehold.actions.read_bill import read_bill_from, this_machine
from freehold.civic.clauses.scale import Machine
from freehold.device.calibration import calibration_path, save_calibration
from freehold.device.probe import fingerprint
from freehold.device.published import specified
from freehold.errors import NotFound, UsageError
from freehold.progress import SilentProgress
from freehold.settings import Settings


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


def test_an_address_is_fetched_and_said_to_be(settings: Settings, server: FileServer) -> None:
    address = server.serve("/bills/S1.txt", SMALL_BILL.encode(), "text/plain")
    read = read_bill_from(address, settings)
    assert read.fetched
    assert len(read.report.red_lines) == 2
    with pytest.raises(NotFound):
        read_bill_from(address.replace("S1", "S2"), settings)


def test_a_file_is_not_fetched(settings: Settings, tmp_path: Path, server: FileServer) -> None:
    path = tmp_path / "S1.txt"
    path.write_text(SMALL_BILL, encoding="utf-8")
    assert not read_bill_from(str(path), settings).fetched
    assert server.requests == 0


def test_a_folder_and_a_missing_file_say_what_to_give(settings: Settings, tmp_path: Path) -> None:
    for words in (str(tmp_path), str(tmp_path / "gone.xml"), "-"):
        with pytest.raises(UsageError, match=r"Give a file|standard input"):
            read_bill_from(words, settings)


def test_what_was_measured_here_is_used_and_nothing_else(settings: Settings, home: Path) -> None:
    assert this_machine(settings) == Machine()
    here = replace(specified(10e9, 4, "avx2"), device=fingerprint())
    save_calibration(home, here)
    found = this_machine(settings)
    rates = [here.compute_rate(each) or 0.0 for each in here.types]
    assert (found.operations, found.measured) == (2 * max(rates), True)
    save_calibration(home, replace(here, device="another machine's"))
    assert this_machine(settings) == Machine()


def test_a_damaged_calibration_is_told_and_not_used(settings: Settings, home: Path) -> None:
    told: list[str] = []

    class Told(SilentProgress):
        def note(self, text: str) -> None:
            told.append(text)

    calibration_path(home).parent.mkdir(parents=True)
    calibration_path(home).write_text("{}")
    assert this_machine(settings, Told()) == Machine()
    assert len(told) == 1
