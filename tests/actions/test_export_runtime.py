"""A stick for machines without a network: made, and used in an empty network namespace."""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import independence
import pytest

from freehold.actions.export_runtime import Stick, export_runtime
from freehold.errors import NotFound, UsageError
from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic
from freehold.share.runtime.page import start_script
from freehold.share.runtime.targets import MACHINES, targets_for, this_machine
from freehold.store.model import NewModel, OwnedFile
from freehold.store.store import Store

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Stick:
    """A stick for this machine alone, with a tiny model that the engine runs."""
    if this_machine() not in {machine.name for machine in MACHINES}:
        pytest.skip(f"there is no engine as a wheel for {this_machine()}")
    folder = tmp_path_factory.mktemp("stick")
    with (folder / "small.gguf").open("wb") as file:
        shape = SyntheticModel("llama", 2, 64, 128, 2, 1, 32, vocabulary=600, context_length=128)
        write_synthetic(file, shape, "Q8_0")
    with pytest.MonkeyPatch.context() as patch, Store.open(folder / "home") as store:
        patch.setenv("PIP_RETRIES", "0")
        record = store.add_file(folder / "small.gguf", move=False)
        file_of = OwnedFile("small.gguf", "weights", record.digest, record.size)
        model = store.add_model(NewModel("small", (file_of,)))
        targets = targets_for(("this",), (HERE,))
        try:
            return export_runtime([(store, model)], folder / "stick", targets)
        except NotFound as error:
            pytest.skip(f"no package index to fetch wheels from: {error.message}")


def test_everything_is_there_and_has_its_hash(stick: Stick) -> None:
    names = {path.name for path in stick.folder.iterdir()}
    assert names == {"START.html", "start.py", "SHA256SUMS", "models", "wheels"}
    lines = (stick.folder / "SHA256SUMS").read_text().splitlines()
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((stick.folder / name).read_bytes()).hexdigest() == digest
    files = [path for path in stick.folder.rglob("[!.]*") if path.is_file()]
    assert len(lines) == len(files) - 1
    page = (stick.folder / "START.html").read_text()
    assert "<td>small</td>" in page
    assert f"(Python {HERE})" in page
    assert "$" not in page
    projects = {path.name.split("-")[0] for path in (stick.folder / "wheels").iterdir()}
    assert {"freehold", "pip", "xllamacpp", "numpy", "cryptography"} <= projects


def test_with_no_network_and_only_python_it_installs_and_answers(
    stick: Stick, tmp_path: Path
) -> None:
    prefix = independence.empty_namespace()
    if prefix is None:
        pytest.skip("this machine does not allow an empty network namespace")
    (stick.folder / "models" / "._models.tar").write_bytes(b"what macOS leaves on a stick")
    env = {
        "HOME": str(tmp_path),
        "PATH": os.defpath,
        "FREEHOLD_VENV": str(tmp_path / "environment"),
        "FREEHOLD_HOME": str(tmp_path / "home"),
    }
    command = [*prefix, sys.executable, str(stick.folder / "start.py"), "One two"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Setting Freehold up in" in done.stdout
    assert "Yours: small" in done.stderr
    assert "From now on:" in done.stdout
    python = tmp_path / "environment" / "bin" / "python"
    where = [str(python), "-c", "import freehold; print(freehold.__file__)"]
    used = subprocess.run(where, env=env, capture_output=True, text=True, check=True).stdout
    assert Path(used.strip()).is_relative_to(tmp_path / "environment")


def test_a_damaged_stick_installs_nothing(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "pip-1-py3-none-any.whl").write_bytes(b"changed")
    (tmp_path / "start.py").write_bytes(start_script())
    promised = hashlib.sha256(b"as it was").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{promised}  wheels/pip-1-py3-none-any.whl\n")
    env = {**os.environ, "FREEHOLD_VENV": str(tmp_path / "environment")}
    command = [sys.executable, str(tmp_path / "start.py")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "damaged, so nothing was installed: wheels/pip-1-py3-none-any.whl" in done.stdout
    assert not (tmp_path / "environment").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "START.html").write_text("mine")
    with pytest.raises(UsageError, match=r"has START.html already"):
        export_runtime([], folder, targets_for((), ()))
    assert [path.name for path in folder.iterdir()] == ["START.html"]


def test_without_an_index_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(NotFound, match="could not be fetched: No matching distribution"):
        export_runtime([], tmp_path / "stick", targets_for(("linux-arm64",), ("3.12",)))
    assert not (tmp_path / "stick").exists()


def test_a_python_that_is_too_old_can_read_the_script_to_say_so() -> None:
    ast.parse(start_script(), feature_version=(3, 6))
    assert b"__future__" not in start_script()
