"""OpenSSF's signatures of folders, files and owned models, checked and made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.share.openssf.conftest import RECORDED, make_keys, parrot

from freehold.actions.openssf import Checked, check_signature, make_signature
from freehold.errors import FormatError, HashMismatch, StorageError, UsageError
from freehold.progress import SILENT

__all__ = ["parrot"]  # the fixture


def _check(target: Path, name: str = "files") -> Checked:
    return check_signature(target, RECORDED / f"{name}.sig", RECORDED / f"{name}.pem", SILENT)


@pytest.mark.parametrize("name", ["files", "shards"])
def test_what_model_signing_signed_holds(parrot: Path, name: str) -> None:
    checked = _check(parrot, name)
    assert checked.name == "parrot"
    # The empty file has no shards, so that shards are over the other two alone.
    assert len(checked.compared.good) == (3 if name == "files" else 2)
    assert checked.compared.holds


def test_a_single_file_holds(parrot: Path) -> None:
    assert _check(parrot / "parrot.gguf", "one").compared.holds
    (parrot / "parrot.gguf").write_bytes(b"GGUF: says what it likes\n")
    assert _check(parrot / "parrot.gguf", "one").compared.differing == (".",)


@pytest.mark.parametrize("name", ["files", "shards"])
def test_every_kind_of_change_is_named(parrot: Path, name: str) -> None:
    (parrot / "parrot.gguf").write_bytes(b"GGUF: says what it heard!")
    (parrot / "more" / "notes.txt").rename(parrot / "notes.txt")
    (parrot / ".git").mkdir()
    (parrot / ".git" / "config").write_text("x")
    compared = _check(parrot, name).compared
    assert not compared.holds
    assert compared.differing == ("parrot.gguf",)
    assert compared.missing == ("more/notes.txt",)
    assert compared.unsigned == ("notes.txt",)
    assert compared.left_out == (".git/config",)


def test_an_empty_folder_does_not_hold(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    assert not _check(tmp_path / "nothing").compared.holds
    with pytest.raises(StorageError, match="neither a file nor a folder"):
        _check(tmp_path / "nowhere")


def test_a_link_is_not_followed(parrot: Path) -> None:
    (parrot / "link").symlink_to("/etc/hostname")
    with pytest.raises(UsageError, match="is a link"):
        _check(parrot)


@pytest.mark.parametrize("inside", [True, False])
def test_what_is_made_holds_until_a_bit_changes(
    parrot: Path, tmp_path: Path, *, inside: bool
) -> None:
    private, public = make_keys(tmp_path, ec.SECP384R1())
    signature = (parrot if inside else tmp_path) / "model.sig"
    assert make_signature(parrot, signature, private, SILENT) == 3
    assert check_signature(parrot, signature, public, SILENT).compared.holds
    (parrot / "parrot.gguf").write_bytes(b"GGUF: says what it heare\n")
    compared = check_signature(parrot, signature, public, SILENT).compared
    assert compared.differing == ("parrot.gguf",)


def test_nothing_is_overwritten(parrot: Path, tmp_path: Path) -> None:
    private, _ = make_keys(tmp_path, ec.SECP256R1())
    (tmp_path / "model.sig").write_text("mine")
    with pytest.raises(UsageError, match="not overwritten"):
        make_signature(parrot, tmp_path / "model.sig", private, SILENT)
    with pytest.raises(HashMismatch):
        check_signature(parrot, RECORDED / "files.sig", RECORDED / "one.pem", SILENT)


def test_the_real_tool_accepts_what_is_made_and_makes_what_is_accepted(
    parrot: Path, tmp_path: Path
) -> None:
    tool = shutil.which("model_signing")
    if tool is None:
        pytest.skip("model-signing is not installed: pip install model-signing pyopenssl")
    private, public = make_keys(tmp_path, ec.SECP256R1())
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*words: str | Path) -> int:
        command = [tool, *map(str, words)]
        return subprocess.run(command, env=env, check=False, capture_output=True).returncode

    make_signature(parrot, parrot / "model.sig", private, SILENT)
    verify = ("verify", "key", parrot, "--public_key", public, "--signature")
    assert run(*verify, parrot / "model.sig") == 0
    theirs = tmp_path / "theirs.sig"
    sign = ("sign", "key", parrot, "--private_key", private, "--ignore-paths")
    assert run(*sign, parrot / "model.sig", "--signature", theirs) == 0
    assert check_signature(parrot, theirs, public, SILENT).compared.holds
    (parrot / "more" / "notes.txt").write_bytes(b"greem\n")
    assert run(*verify, parrot / "model.sig") != 0
    assert not check_signature(parrot, theirs, public, SILENT).compared.holds


def test_a_false_signature_is_refused_before_anything_is_hashed(tmp_path: Path) -> None:
    (tmp_path / "x.sig").write_text("{}")
    with pytest.raises(FormatError):
        check_signature(tmp_path / "nowhere", tmp_path / "x.sig", RECORDED / "one.pem", SILENT)
