"""Bundles in parts: cut by size, found by any name, and missing parts named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from freehold.actions.export import export
from freehold.actions.import_bundle import import_bundle, look_into
from freehold.errors import FormatError, StorageError, UsageError
from freehold.progress import Task
from freehold.store.bundle.parts import MIN_PART, part_name, part_size_below
from freehold.store.store import Store

SPLIT = 280_000


@pytest.fixture
def parts(shelf: Store, tmp_path: Path) -> list[Path]:
    """Both models in parts of less than 280,000 bytes."""
    (tmp_path / "stick").mkdir()
    done = export(shelf, shelf.models(), tmp_path / "stick" / "both.tar", split=SPLIT)
    return list(done.paths)


def test_parts_are_the_bundle_cut(parts: list[Path], bundle: Path) -> None:
    assert [path.name for path in parts] == [f"both.tar.part{n:02}" for n in range(1, 11)]
    assert b"".join(path.read_bytes() for path in parts) == bundle.read_bytes()
    sizes = [path.stat().st_size for path in parts]
    assert all(size < SPLIT for size in sizes)
    assert len(set(sizes[:-1])) == 1


@pytest.mark.parametrize("name", ["both.tar.part01", "both.tar.part07", "both.tar"])
def test_any_name_finds_them(name: str, parts: list[Path], elsewhere: Store) -> None:
    import_bundle(elsewhere, parts[0].with_name(name))
    assert [model.name for model in elsewhere.models()] == ["alpha", "beta"]
    assert elsewhere.find("alpha").sightings[-1].ref == "file:both.tar"


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ([1], r"both\.tar\.part01 is missing"),
        ([3], r"both\.tar\.part03 is missing"),
        ([10], r"both\.tar\.part10 is missing"),
        ([2, 5], r"part02, both\.tar\.part05 are missing"),
        ([9, 10], r"part09, both\.tar\.part10 are missing"),
        ([2, 3, 4, 5, 6, 7, 8, 9, 10], r"part02, .* and 1 more are missing"),
    ],
)
def test_missing_parts_are_named(
    gone: list[int], words: str, parts: list[Path], elsewhere: Store
) -> None:
    for number in gone:
        parts[number - 1].unlink()
    with pytest.raises(FormatError, match=words) as caught:
        import_bundle(elsewhere, parts[0].with_name("both.tar"))
    assert "is not complete" in caught.value.message
    assert elsewhere.models() == []


def test_a_part_that_is_cut_short_is_named(parts: list[Path]) -> None:
    parts[4].write_bytes(parts[4].read_bytes()[:-700])
    with pytest.raises(FormatError, match=r"both\.tar\.part05 has 2\d\d,\d+ bytes"):
        look_into(parts[0])
    parts[4].write_bytes(b"")
    with pytest.raises(FormatError, match=r"both\.tar\.part05 has 0 bytes"):
        look_into(parts[0])


def test_the_last_part_cut_short(parts: list[Path]) -> None:
    parts[-1].write_bytes(parts[-1].read_bytes()[:-700])
    with pytest.raises(FormatError, match="is cut short"):
        look_into(parts[0])


def test_parts_in_the_wrong_order(parts: list[Path], elsewhere: Store) -> None:
    third, fourth = parts[2].read_bytes(), parts[3].read_bytes()
    parts[2].write_bytes(fourth)
    parts[3].write_bytes(third)
    with pytest.raises((FormatError, Exception), match=r"damaged|does not add up"):
        import_bundle(elsewhere, parts[0])
    assert elsewhere.models() == []


def test_two_sets_of_parts(parts: list[Path]) -> None:
    parts[0].with_name("both.tar.part001").write_bytes(b"x")
    with pytest.raises(UsageError, match="are both part 1"):
        look_into(parts[0])


def test_nothing_there(tmp_path: Path) -> None:
    for name in ("no.tar", "no.tar.part01", "no/such/folder.tar"):
        with pytest.raises(StorageError, match="There is no bundle"):
            look_into(tmp_path / name)
    with pytest.raises(StorageError, match="There is no bundle"):
        look_into(tmp_path)


def test_a_bundle_smaller_than_a_part_is_one_file(shelf: Store, tmp_path: Path) -> None:
    done = export(shelf, [shelf.find("beta")], tmp_path / "beta.tar", split=SPLIT)
    assert [path.name for path in done.paths] == ["beta.tar"]


def test_nothing_is_overwritten(shelf: Store, parts: list[Path], bundle: Path) -> None:
    before = bundle.read_bytes()
    with pytest.raises(StorageError, match="exists already, and is not overwritten"):
        export(shelf, [shelf.find("beta")], bundle)
    for path in parts[:9]:
        path.unlink()
    with pytest.raises(StorageError, match=r"part10 exists already"):
        export(shelf, shelf.models(), parts[0].with_name("both.tar"), split=SPLIT)
    assert bundle.read_bytes() == before
    assert [path.name for path in parts[0].parent.iterdir()] == ["both.tar.part10"]


def test_a_name_that_is_taken_meanwhile_is_not_overwritten(shelf: Store, tmp_path: Path) -> None:
    from freehold.progress import SilentProgress

    class Rival(SilentProgress):
        """Another program, which writes to the same name while the export is at work."""

        @contextmanager
        def task(self, label: str, total: int | None = None, unit: str = "B") -> Iterator[Task]:
            (tmp_path / "out.tar").write_bytes(b"theirs")
            with super().task(label, total, unit) as task:
                yield task

    with pytest.raises(StorageError, match="exists already"):
        export(shelf, shelf.models(), tmp_path / "out.tar", progress=Rival())
    assert (tmp_path / "out.tar").read_bytes() == b"theirs"
    assert not list(tmp_path.glob(".out.tar*"))


def test_parts_do_not_join_a_whole_bundle(shelf: Store, bundle: Path) -> None:
    """With both there, their common name would mean either."""
    with pytest.raises(StorageError, match=r"both\.tar exists already"):
        export(shelf, shelf.models(), bundle, split=SPLIT)


def test_a_folder_that_is_not_there(shelf: Store, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Could not see how much space"):
        export(shelf, shelf.models(), tmp_path / "no" / "out.tar")


def test_part_sizes() -> None:
    assert part_size_below(4 << 30) == (4 << 30) - 512  # FAT32 takes one byte less than 4 GiB
    assert part_size_below(4_000_000_000) == 3_999_999_488
    with pytest.raises(UsageError, match="too small"):
        part_size_below(MIN_PART)
    assert part_name("x.tar", 7, 12) == "x.tar.part07"
    assert part_name("x.tar", 7, 1200) == "x.tar.part0007"
