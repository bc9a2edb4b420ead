"""A folder: what is beside the weights, each kind found; links are not followed outside."""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.studying import gguf, safetensors

from freehold.errors import StorageError
from freehold.study.scan.finding import ScanReport, Severity
from freehold.study.scan.scan import scan_files, scan_folder


class Shell:
    def __reduce__(self) -> tuple[object, ...]:
        return eval, ("1",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clean model folder."""
    path = tmp_path / "model"
    path.mkdir()
    (path / "model.gguf").write_bytes(gguf())
    (path / "model.safetensors").write_bytes(
        safetensors({"a": ("F32", (2,), bytes(8))}, {"format": "pt"})
    )
    (path / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    (path / "README.md").write_text("See https://example.org for more.")
    (path / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ messages }}"}))
    return path


def said(report: ScanReport) -> list[tuple[str, str, str]]:
    return [(each.severity.value, each.where, each.what) for each in report.findings]


def test_a_clean_folder(folder: Path) -> None:
    report = scan_folder(folder)
    assert report.findings == ()
    assert len(report.looked_at) >= 5
    assert any("chat_template, 14 characters of code" in line for line in report.looked_at)


def _npy(values: object) -> bytes:
    out = io.BytesIO()
    np.save(out, np.array(values, dtype=object), allow_pickle=True)
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("w/data.pkl", pickle.dumps(Shell()))
    return out.getvalue()


CASES: dict[str, tuple[str, bytes, Severity, str]] = {
    "a pickle": ("pytorch_model.bin", pickle.dumps(Shell()), Severity.DANGEROUS, "eval"),
    "a usual pickle": ("old.ckpt", pickle.dumps([1.5]), Severity.ODD, "only what rebuilds weights"),
    "code": ("sub/modeling_own.py", b"import os", Severity.SUSPICIOUS, "It is code"),
    "a script": ("setup.sh", b"echo", Severity.SUSPICIOUS, "It is code"),
    "a library": ("fast.so", b"\x7fELF", Severity.SUSPICIOUS, "It is a program"),
    "a disguised program": (
        "weights",
        b"\x7fELF" + bytes(99),
        Severity.SUSPICIOUS,
        "a Linux program",
    ),
    "code that is named": (
        "config.json",
        b'{"auto_map": {"AutoModel": "own.Model"}}',
        Severity.SUSPICIOUS,
        "own.Model",
    ),
    "a template in a file": (
        "chat_template.jinja",
        b"{{ x.__class__ }}",
        Severity.DANGEROUS,
        "__class__",
    ),
    "a template in JSON": (
        "chat_template.json",
        b'{"chat_template": "{% include y %}"}',
        Severity.DANGEROUS,
        "loads another file",
    ),
    "one of several templates": (
        "tokenizer_config.json",
        b'{"chat_template": [{"name": "rag", "template": "{{ lipsum }}"}]}',
        Severity.DANGEROUS,
        "lipsum",
    ),
    "an array of objects": ("a.npy", _npy([{}]), Severity.SUSPICIOUS, "an array of objects"),
    "a zip of PyTorch's by another name": ("w.dat", _zip(), Severity.DANGEROUS, "eval"),
    "a secret in a file without a suffix": (
        "LICENSE",
        b"All rights to -----BEGIN PRIVATE KEY-----",
        Severity.DANGEROUS,
        "a private key",
    ),
    "a secret in a note": (
        "notes.txt",
        b"AKIA" + b"ABCD" * 4,
        Severity.DANGEROUS,
        "an AWS access key",
    ),
    "a path in a configuration": (
        "generation.json",
        b'{"_name_or_path": "/home/ann/x"}',
        Severity.ODD,
        "which names 'ann'",
    ),
    "JSON that is none": ("params.json", b'{"a": 1, "a": 2}', Severity.ODD, "no well-formed JSON"),
    "broken safetensors": ("b.safetensors", bytes(16), Severity.DANGEROUS, "not a well-formed"),
    "a broken model": ("b.gguf", b"GGUF", Severity.DANGEROUS, "ends too early"),
    "a model under another name": ("model.dat", gguf({"general.x": 1}), Severity.ODD, "general.x"),
    "a secret in safetensors": (
        "c.safetensors",
        safetensors({}, {"by": "ghp_" + "a" * 36}),
        Severity.DANGEROUS,
        "a GitHub token",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_beside_it(name: str, folder: Path) -> None:
    where, data, severity, words = CASES[name]
    (folder / where).parent.mkdir(exist_ok=True)
    (folder / where).write_bytes(data)
    (finding,) = scan_folder(folder).findings
    assert finding.severity is severity
    assert finding.where.replace(os.sep, "/").startswith(where)
    assert words in finding.what


def test_what_is_not_known_is_said_not_to_be_looked_at(folder: Path) -> None:
    (folder / "thing.xyz").write_bytes(b"what is this\0")
    report = scan_folder(folder)
    assert report.findings == ()
    assert "thing.xyz: no kind of file that is known here" in report.not_looked_at
    assert "model.safetensors: whether its numbers are finite" in report.not_looked_at


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (folder / "inside.gguf").symlink_to("model.gguf")
    assert scan_folder(folder).findings == ()
    (folder / "out.txt").symlink_to(tmp_path / "secret")
    (folder / "nowhere").symlink_to("/does/not/exist")
    (folder / "up").symlink_to("..")
    assert [(where, what[:44]) for _, where, what in said(scan_folder(folder))] == [
        ("nowhere", "It is a link that leads out of the folder, t"),
        ("out.txt", "It is a link that leads out of the folder, t"),
        ("up", "It is a link that leads out of the folder, t"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_the_links_of_a_hub_cache_are_its_own(tmp_path: Path) -> None:
    repository = tmp_path / "models--org--name"
    (repository / "blobs").mkdir(parents=True)
    snapshot = repository / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (repository / "blobs" / "1234").write_bytes(gguf())
    (snapshot / "model.gguf").symlink_to("../../blobs/1234")
    report = scan_folder(snapshot)
    assert report.findings == ()
    assert report.looked_at


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are of Unix")
def test_a_pipe_is_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.bin")
    assert [where for _, where, _ in said(scan_folder(folder))] == ["pipe.bin"]


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        scan_files("x", [(tmp_path / "none.gguf", "none.gguf")])
