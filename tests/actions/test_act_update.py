"""Public data: asked for only when it changed, taken from anywhere, never used when broken."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.civic.small_data import legislators, people, write_all
from tests.serving import FileServer

from freehold.actions.act_update import fetch_data, plan, take_data
from freehold.actions.civic_files import INDEX, data_here, sources_folder
from freehold.actions.civic_outcomes import Change, Updated
from freehold.actions.representatives import representatives
from freehold.civic.public_sets import PublicFile, whole_country
from freehold.errors import FormatError, StoreBusy, UsageError
from freehold.settings import Settings
from freehold.store.locks import try_lock

HERE = (1.0, 0.5)
CONGRESS = "legislators-current.json"


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    return write_all(tmp_path / "stick")


@pytest.fixture
def filled(settings: Settings, small_country: Path) -> Settings:
    shutil.copytree(small_country, settings.home)
    return settings


def published(server: FileServer, stick: Path) -> list[PublicFile]:
    return [
        PublicFile(path.name, path.stem, server.serve(f"/{path.name}", path.read_bytes()), "CC0")
        for path in sorted(stick.iterdir())
    ]


def changes(done: Updated) -> dict[str, Change]:
    return {each.name: each.change for each in done.outcomes}


def names(settings: Settings) -> list[str]:
    answer = representatives(settings.home, HERE)
    return [member.name for one in answer.candidates for member in one.members]


def test_only_what_changed_is_fetched_again_and_said(settings: Settings, stick: Path) -> None:
    with FileServer() as server:
        files = published(server, stick)
        assert set(changes(fetch_data(settings, files)).values()) == {Change.NEW}
        asked = server.requests
        again = fetch_data(settings, files)
        assert set(changes(again).values()) == {Change.SAME}
        assert server.requests == asked  # the HEADs told enough
        assert not again.is_rebuilt
        new = [{**each, "name": {"first": "Zoe", "last": "New"}} for each in people()]
        server.serve(f"/{CONGRESS}", json.dumps(new).encode())
        third = fetch_data(settings, files)
    changed = next(each for each in third.outcomes if each.change is Change.CHANGED)
    assert changed.name == CONGRESS
    assert changed.before
    assert changed.entry
    assert changed.before.sha256 != changed.entry.sha256
    assert "Zoe New" in names(settings)


def test_a_file_that_is_gone_leaves_the_old_one_in_use(filled: Settings, stick: Path) -> None:
    with FileServer() as server:
        wanted = [file for file in published(server, stick) if file.name == CONGRESS]
        server.shelves[f"/{CONGRESS}"].status = 404
        assert changes(fetch_data(filled, wanted)) == {CONGRESS: Change.FAILED}
    assert "Ada Example" in names(filled)


def test_a_transfer_that_breaks_off_goes_on(filled: Settings, stick: Path) -> None:
    body = json.dumps([*people(), {**people()[0], "pad": "x" * 300_000}]).encode()
    with FileServer() as server:
        wanted = [file for file in published(server, stick) if file.name == CONGRESS]
        server.serve(f"/{CONGRESS}", body)
        server.shelves[f"/{CONGRESS}"].cut_after = 200_000
        done = fetch_data(filled, wanted)
    entry = done.outcomes[0].entry
    assert entry is not None
    assert entry.sha256 == hashlib.sha256(body).hexdigest()
    assert not (filled.home / "civic" / "incoming").exists()


@pytest.mark.parametrize("body", [b"<html>log in</html>", b'[{"terms": [', b"PK\x03\x04half"])
def test_what_is_no_such_file_is_not_used(filled: Settings, stick: Path, body: bytes) -> None:
    with FileServer() as server:
        wanted = [file for file in published(server, stick) if file.name == CONGRESS]
        server.serve(f"/{CONGRESS}", body)
        assert changes(fetch_data(filled, wanted)) == {CONGRESS: Change.FAILED}
    assert (sources_folder(filled.home) / CONGRESS).read_bytes() == (stick / CONGRESS).read_bytes()
    assert "Ada Example" in names(filled)


def test_another_kind_than_was_asked_for_is_refused(filled: Settings, stick: Path) -> None:
    with FileServer() as server:
        wanted = whole_country()[0]
        address = server.serve("/x", (stick / "zccd.csv").read_bytes())
        done = fetch_data(filled, [replace(wanted, address=address, also=())])
    assert isinstance(done.failed[0].error, FormatError)


def test_a_second_address_is_asked_when_the_first_does_not_have_it(
    settings: Settings, stick: Path
) -> None:
    with FileServer() as server:
        good = server.serve("/good", (stick / CONGRESS).read_bytes())
        gone = f"http://{server.host}/gone"
        file = replace(whole_country()[0], address=gone, also=(good,))
        assert changes(fetch_data(settings, [file])) == {CONGRESS: Change.NEW}
        assert data_here(settings.home)[0].address == good


def test_a_host_that_is_gone_is_one_reason_for_all(filled: Settings, stick: Path) -> None:
    with FileServer() as server:
        files = published(server, stick)
    done = fetch_data(filled, files)
    assert {each.change for each in done.outcomes} == {Change.FAILED}
    assert len({id(each.error) for each in done.failed}) == 1
    assert all(each.entry for each in done.failed)  # what is here stays
    assert "Ada Example" in names(filled)


def test_copies_are_known_by_what_is_in_them(settings: Settings, stick: Path) -> None:
    odd = stick / "deep" / "er"
    odd.mkdir(parents=True)
    for number, path in enumerate(sorted(stick.glob("*.*"))):
        path.rename(odd / f"file {number}.bin")
    (odd / "letter.txt").write_text("Dear Senator")
    done = take_data(settings, [stick])
    assert CONGRESS in changes(done)
    assert "tl_2025_56_sldl.zip" in changes(done)
    assert "tab20_sldl202420_zcta520_natl.txt" in changes(done)
    assert "Eve West" in names(settings)


def test_a_copy_of_a_sources_folder_brings_dates_and_publishers(
    filled: Settings, tmp_path: Path
) -> None:
    other = Settings(home=tmp_path / "other")
    shutil.copytree(sources_folder(filled.home), tmp_path / "usb")
    take_data(other, [tmp_path / "usb"])
    assert {each.as_of for each in data_here(other.home)} == {date(2026, 6, 15)}
    senators = next(each for each in data_here(other.home) if each.name == CONGRESS)
    assert senators.address.startswith("https://unitedstates.github.io/")
    assert senators.licence == "CC0-1.0"


def test_the_folder_at_an_address_is_proven_by_its_list(filled: Settings, tmp_path: Path) -> None:
    other = Settings(home=tmp_path / "other")
    with FileServer() as server:
        for path in sources_folder(filled.home).iterdir():
            server.serve(f"/civic/{path.name}", path.read_bytes())
        server.serve(f"/civic/{CONGRESS}", b"[" + (b" " * 400) + b"]")
        done = take_data(other, [f"http://{server.host}/civic"])
    assert [each.name for each in done.failed] == [CONGRESS]
    assert data_here(other.home)[0].as_of == date(2026, 6, 15)


def test_a_list_with_paths_in_it_is_refused(settings: Settings) -> None:
    entry = {
        "kind": "congress",
        "name": "../x.json",
        "title": "x",
        "size": 1,
        "as_of": "2026-01-01",
    }
    entry |= {"fetched": "2026-01-01", "sha256": hashlib.sha256(b"").hexdigest()}
    with FileServer() as server:
        server.serve("/civic.json", json.dumps({"format": 1, "files": [entry]}).encode())
        with pytest.raises(FormatError, match="no list of public data"):
            take_data(settings, [f"http://{server.host}"])
    assert not (settings.home / INDEX).exists()


def test_a_newer_edition_takes_the_place_of_an_older_one(filled: Settings, stick: Path) -> None:
    path = sources_folder(filled.home) / "tl_2025_56_sldl.zip"
    assert path.exists()
    archive = stick / "tl_2025_56_sldl.zip"
    archive.write_bytes(archive.read_bytes().replace(b"tl_2025_56", b"tl_2026_56"))
    assert changes(take_data(filled, [archive]))["tl_2026_56_sldl.zip"] is Change.NEW
    assert not path.exists()
    assert "Eve West" in names(filled)


def test_bits_that_flipped_here_are_fetched_again(settings: Settings, stick: Path) -> None:
    with FileServer() as server:
        files = published(server, stick)
        fetch_data(settings, files)
        path = sources_folder(settings.home) / CONGRESS
        data = bytearray(path.read_bytes())
        data[50] ^= 1
        path.write_bytes(data)
        assert changes(fetch_data(settings, files))[CONGRESS] is Change.NEW
    assert path.read_bytes() == (stick / CONGRESS).read_bytes()


def test_a_file_broken_further_in_is_left_out_and_the_rest_is_used(
    settings: Settings, stick: Path
) -> None:
    table = stick / "tab20_sldl202420_zcta520_natl.txt"
    table.write_text(table.read_text() + "torn|li")
    done = take_data(settings, [stick])
    assert [each.name for each in done.failed] == [table.name]
    assert "Eve West" in names(settings)
    assert not (sources_folder(settings.home) / table.name).exists()


def test_a_damaged_index_is_built_again_from_what_is_here(filled: Settings, stick: Path) -> None:
    (filled.home / INDEX).write_bytes(b"no database")
    assert take_data(filled, [stick / "zccd.csv"]).is_rebuilt
    assert "Eve West" in names(filled)


def test_one_update_at_a_time(filled: Settings, stick: Path) -> None:
    lock = try_lock(filled.home / "civic" / "update.lock")
    assert lock is not None
    with pytest.raises(StoreBusy):
        take_data(filled, [stick])
    lock.release()


@pytest.mark.parametrize("copy", ["peer:", "peer:host:port", "/no/such/place"])
def test_places_that_are_none(settings: Settings, copy: str) -> None:
    with pytest.raises(UsageError):
        take_data(settings, [copy])


def test_the_plan_is_made_with_nobody_asked(filled: Settings) -> None:
    planned = plan(filled.home, ["CO"])
    here = {each.file.name for each in planned if each.here}
    assert {CONGRESS, "tl_2025_56_sldl.zip", "tl_2025_33_sldu.zip"} <= here
    assert "tl_2025_08_sldu.zip" in {each.file.name for each in planned}
    assert all(each.file.about > 100_000 for each in planned)


def test_an_archive_of_legislators_is_as_old_as_its_newest_entry(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "people.zip").write_bytes(legislators())
    entry = take_data(settings, [tmp_path / "people.zip"]).outcomes[0].entry
    assert entry is not None
    assert entry.name == "openstates-people.zip"
    assert entry.as_of <= entry.fetched
