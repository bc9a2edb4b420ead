"""Bundles that lie: one clear error for each, nothing written outside and nothing owned."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from freehold.actions.import_bundle import import_bundle
from freehold.errors import FormatError, FreeholdError, HashMismatch, NotEnoughSpace, StorageError
from freehold.names import Digest
from freehold.store.store import Store

WEIGHT = "application/vnd.cncf.model.weight.v1.raw"
FILE_PATH = "org.cncf.model.filepath"

Foreign = Callable[..., Any]


@pytest.fixture
def refused(
    tmp_path: Path, elsewhere: Store
) -> Callable[[Path, type[FreeholdError], str], FreeholdError]:
    """Import must raise this error, in words that match, and leave everything as it was."""

    def check(path: Path, kind: type[FreeholdError], words: str) -> FreeholdError:
        before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
        with pytest.raises(kind, match=words) as caught:
            import_bundle(elsewhere, path)
        assert caught.value.hint
        assert elsewhere.models() == []
        assert elsewhere.unfinished() == []
        after = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
        new = [p for p in after if p not in before and not p.name.endswith((".lock", ".hold"))]
        assert [p.name for p in new if not p.name.startswith("ledger.sqlite3")] == []
        assert all(after[p] == when for p, when in before.items() if "elsewhere" not in str(p))
        return caught.value

    return check


Refused = Callable[[Path, type[FreeholdError], str], FreeholdError]


def member(name: str, kind: bytes = tarfile.REGTYPE, **fields: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def weights(data: bytes, path: str = "model.gguf") -> tuple[bytes, str, dict[str, str]]:
    return data, WEIGHT, {FILE_PATH: path}


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "../../../../tmp/outside",
        "blobs/../../outside",
        "blobs/sha256/..",
        "/etc/outside",
        "//outside",
        "blobs//sha256",
        "C:/outside",
        "..\\outside",
        "blobs/./x",
        "a\nb",
        "x\x1b]0;title",
    ],
)
def test_names_that_lead_elsewhere(
    name: str, foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    path = foreign([weights(gguf)]).write(tmp_path / "evil.tar", (member(name), b""))
    refused(path, FormatError, "which could lead out of it")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a character device"),
        (tarfile.BLKTYPE, "a block device"),
        (tarfile.FIFOTYPE, "a named pipe"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
        (tarfile.CONTTYPE, "unknown kind"),
        (b"M", "another volume"),
    ],
)
def test_links_devices_and_sparse_files(
    kind: bytes, words: str, foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    link = member("blobs/sha256/link", kind, linkname="/etc/passwd")
    path = foreign([weights(gguf)]).write(tmp_path / "evil.tar", (link, b""))
    refused(path, FormatError, words)


def test_duplicate_names(foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused) -> None:
    layout = foreign([weights(gguf)])
    info = member("index.json", size=2)
    path = layout.write(tmp_path / "evil.tar", (info, b"{}"))
    refused(path, FormatError, "'index.json' twice")
    info = member("./index.json", size=2)
    path = layout.write(tmp_path / "evil.tar", (info, b"{}"))
    refused(path, FormatError, "'index.json' twice")


def test_gnu_long_names(foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused) -> None:
    path = foreign([weights(gguf)]).write(
        tmp_path / "evil.tar", (member("x" * 300), b""), format=tarfile.GNU_FORMAT
    )
    refused(path, FormatError, "a GNU long name")


@pytest.mark.parametrize("key", ["linkpath", "GNU.sparse.major", "GNU.sparse.name", "hdrcharset"])
def test_pax_headers_with_a_second_meaning(
    key: str, foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    info = member("note")
    info.pax_headers = {key: "1"}
    path = foreign([weights(gguf)]).write(tmp_path / "evil.tar", (info, b""))
    refused(path, FormatError, f"extended header '{key}'")


def test_pax_headers_that_rename(
    foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    info = member("harmless")
    info.pax_headers = {"path": "../outside"}
    path = foreign([weights(gguf)]).write(tmp_path / "evil.tar", (info, b""))
    refused(path, FormatError, "which could lead out of it")


def test_pax_headers_for_all_members(
    foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    path = foreign([weights(gguf)]).write(tmp_path / "evil.tar", pax_headers={"path": "x"})
    refused(path, FormatError, "global header")


@pytest.mark.parametrize("text", [b"5 path", b"999999 path=x\n", b"0 path=x\n", b"9 path=\xff\n"])
def test_pax_headers_that_are_malformed(
    text: bytes, foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    info = member("x", tarfile.XHDTYPE, size=len(text))
    path = foreign([weights(gguf)]).write(
        tmp_path / "evil.tar", (info, text), format=tarfile.USTAR_FORMAT
    )
    refused(path, FormatError, "malformed|not UTF-8")


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: b"\x28\xb5\x2f\xfd" + data])
def test_compressed_archives(
    pack: Callable[[bytes], bytes], bundle: Path, tmp_path: Path, refused: Refused
) -> None:
    (tmp_path / "evil.tar").write_bytes(pack(bundle.read_bytes()[:10_000]))
    refused(tmp_path / "evil.tar", FormatError, "is compressed")


def test_other_files(tmp_path: Path, refused: Refused, gguf: bytes) -> None:
    for data in (b"", b"hello", gguf, bytes(10_240)):
        (tmp_path / "evil.tar").write_bytes(data)
        refused(tmp_path / "evil.tar", FormatError, "is not a tar archive")
    refused(tmp_path / "nothing.tar", StorageError, "There is no bundle")


def test_declared_sizes_beyond_the_file(
    small_bundle: Path, tmp_path: Path, refused: Refused
) -> None:
    from freehold.formats.tar_plain import member_header

    data = small_bundle.read_bytes()
    for size in (10**6, 8**11 - 1, 10**15, 2**87):
        evil = data[: len(data) - 1024] + member_header("bomb", size) + bytes(1024)
        (tmp_path / "evil.tar").write_bytes(evil)
        refused(tmp_path / "evil.tar", FormatError, "is cut short: 'bomb' should go on")


def test_a_sparse_bomb_needs_room_first(
    foreign: Foreign, tmp_path: Path, refused: Refused, gguf: bytes
) -> None:
    """A file of holes that claims to be a model larger than the disk."""
    from freehold.formats.tar_plain import END, member_header

    size = 1 << 43
    layout = foreign([weights(gguf)])
    hexes = [name for name, data in layout.files.items() if data == gguf]
    manifest_name = next(n for n, data in layout.files.items() if b"layers" in data)
    fake = "0" * 64
    text = layout.files[manifest_name].decode().replace(hexes[0].rsplit("/")[-1], fake)
    manifest = json.loads(text)
    manifest["layers"][0]["size"] = size
    data = json.dumps(manifest).encode()
    digest = sha256(data).hexdigest()
    index = json.loads(layout.files["index.json"])
    index["manifests"][0].update(digest=f"sha256:{digest}", size=len(data))
    spoilt = (
        layout.without(hexes[0])
        .without(manifest_name)
        .with_file(f"blobs/sha256/{digest}", data)
        .with_file("index.json", json.dumps(index).encode())
    )
    path = spoilt.write(tmp_path / "evil.tar", format=tarfile.USTAR_FORMAT)
    with path.open("r+b") as file:
        end = sum(512 + len(d) + -len(d) % 512 for d in spoilt.files.values())
        file.seek(end)
        file.write(member_header(f"blobs/sha256/{fake}", size) + gguf)
        try:
            file.truncate(end + 512 + size + len(END))
        except OSError:
            pytest.skip("this file system makes no files of 8 TB, holes or not")
    refused(path, NotEnoughSpace, "This needs 8.8 TB")


def test_something_after_the_end(small_bundle: Path, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "evil.tar").write_bytes(small_bundle.read_bytes() + b"x" * 512)
    refused(tmp_path / "evil.tar", FormatError, "goes on after its end")
    (tmp_path / "evil.tar").write_bytes(small_bundle.read_bytes() + bytes(2 << 20))
    refused(tmp_path / "evil.tar", FormatError, "goes on after its end")


def test_truncated_tails_at_every_kind_of_length(
    small_bundle: Path, tmp_path: Path, refused: Refused
) -> None:
    data = small_bundle.read_bytes()
    lengths = {*range(1, 1100, 37), *range(512, len(data), 512), *range(1, len(data), 331)}
    tried = 0
    for length in sorted(lengths):
        (tmp_path / "cut.tar").write_bytes(data[: len(data) - length])
        refused(tmp_path / "cut.tar", FormatError, "is cut short|is not a tar archive")
        tried += 1
    print(f"{tried} truncated tails, all refused")


def test_a_blob_that_is_not_there(
    foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    layout = foreign([weights(gguf)])
    name = next(name for name, data in layout.files.items() if data == gguf)
    refused(layout.without(name).write(tmp_path / "evil.tar"), FormatError, "is not in it")
    manifest = next(name for name, data in layout.files.items() if b"layers" in data)
    refused(layout.without(manifest).write(tmp_path / "evil.tar"), FormatError, "is not in it")
    for name in ("index.json", "oci-layout"):
        path = layout.without(name).write(tmp_path / "evil.tar")
        refused(path, FormatError, f"it has no {name}")


def test_a_blob_of_another_size(
    foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    layout = foreign([weights(gguf)])
    name = next(name for name, data in layout.files.items() if data == gguf)
    for data in (gguf + b"x", gguf[:-1]):
        path = layout.with_file(name, data).write(tmp_path / "evil.tar")
        refused(path, FormatError, "bytes and should have")


def test_a_blob_that_is_not_its_name(
    foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    layout = foreign([weights(gguf), (b"good", WEIGHT, {FILE_PATH: "other.gguf"})])
    name = next(name for name, data in layout.files.items() if data == gguf)
    path = layout.with_file(name, gguf[:-1] + b"!").write(tmp_path / "evil.tar")
    error = refused(path, HashMismatch, "'model.gguf' in evil.tar is damaged")
    assert error.exit_code == 4


def test_a_manifest_that_is_not_its_name(
    foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    layout = foreign([weights(gguf)])
    name, data = next((n, data) for n, data in layout.files.items() if b"layers" in data)
    path = layout.with_file(name, data.replace(b"model.gguf", b"modem.gguf"))
    refused(path.write(tmp_path / "evil.tar"), HashMismatch, "does not hash to that")


def test_a_size_that_lies_about_what_is_owned(
    foreign: Foreign, gguf: bytes, tmp_path: Path, elsewhere: Store
) -> None:
    """The bytes are owned already, so the bundle's are not read: its promise must still fit."""
    good = foreign([weights(gguf)])
    import_bundle(elsewhere, good.write(tmp_path / "good.tar"))
    spoilt = foreign([weights(gguf + b"more")])
    short = next(name for name, data in good.files.items() if data == gguf)
    long = next(name for name, data in spoilt.files.items() if data == gguf + b"more")
    manifest, text = next((n, d) for n, d in spoilt.files.items() if b"layers" in d)
    data = text.replace(long[-64:].encode(), short[-64:].encode())
    digest = sha256(data).hexdigest()
    index = spoilt.files["index.json"].replace(manifest[-64:].encode(), digest.encode())
    evil = (
        spoilt.without(long)
        .without(manifest)
        .with_file(short, gguf + b"more")
        .with_file(f"blobs/sha256/{digest}", data)
        .with_file("index.json", index)
    )
    with pytest.raises(FormatError, match="The bundle says that"):
        import_bundle(elsewhere, evil.write(tmp_path / "evil.tar"))
    assert len(elsewhere.models()) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not well-formed JSON"),
        (b"[" * 100_000, "nested absurdly deep"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "nested absurdly deep"),
        (b'{"a":[' + b"[]," * 1_000_000 + b"[]]}", "absurdly long"),
        (b" " * (5 << 20), "absurdly long"),
        (b'{"a":' + b"9" * 10_000 + b"}", "not well-formed JSON"),
        (b'{"schemaVersion":2,"schemaVersion":2,"manifests":[]}', "a key comes twice"),
        (b'{"schemaVersion":2,"manifests":[],"x":"\\ud800"}', "not well-formed JSON"),
        (b'{"schemaVersion":2,"manifests":[],"x":NaN}', "NaN is not JSON"),
        (b"\xff\xfe{}", "not well-formed JSON"),
        (b"[]", "is not a JSON object"),
        (b'{"schemaVersion":1,"manifests":[]}', "of schema 1"),
        (b'{"schemaVersion":2}', "no proper list"),
        (b'{"schemaVersion":2,"manifests":[]}', "holds no model"),
        (b'{"schemaVersion":2,"manifests":[7]}', "a descriptor that is none"),
        (b'{"schemaVersion":2,"manifests":{"a":1}}', "no proper list"),
        (b'{"schemaVersion":2,"mediaType":"text/html","manifests":[]}', "wrong media type"),
        (b'{"schemaVersion":2,"manifests":[],"annotations":{"a":1}}', "not text"),
    ],
)
def test_an_index_that_is_a_bomb_or_nonsense(
    data: bytes, words: str, foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    path = foreign([weights(gguf)]).with_file("index.json", data).write(tmp_path / "evil.tar")
    refused(path, FormatError, words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"digest": "sha512:" + "0" * 128}, "something else than a SHA-256"),
        ({"digest": "sha256:../../outside"}, "no SHA-256"),
        ({"digest": 7}, "something else than a SHA-256"),
        ({"size": -1}, "absurd size"),
        ({"size": True}, "absurd size"),
        ({"size": 1.5}, "absurd size"),
        ({"size": 1 << 62}, "absurd size"),
        ({"mediaType": None}, "without a media type"),
        ({"mediaType": "application/vnd.oci.image.index.v1+json"}, "wrong media type"),
        ({"mediaType": "text/html"}, "wrong media type"),
        ({"annotations": []}, "holds no model|not text"),
        ({"annotations": {"a": 7}}, "not text"),
    ],
)
def test_a_descriptor_that_is_nonsense(
    change: dict[str, Any],
    words: str,
    foreign: Foreign,
    gguf: bytes,
    tmp_path: Path,
    refused: Refused,
) -> None:
    layout = foreign([weights(gguf)])
    index = json.loads(layout.files["index.json"])
    index["manifests"][0].update(change)
    if change == {"annotations": []}:
        index["manifests"][0]["annotations"] = [1]
    path = layout.with_file("index.json", json.dumps(index).encode()).write(tmp_path / "evil.tar")
    refused(path, FormatError, words)


@pytest.mark.parametrize(
    "changes",
    [{"mediaType": "text/html"}, {"schemaVersion": 3}, {"layers": "x"}, {"config": None}],
)
def test_a_manifest_that_is_nonsense(
    changes: dict[str, Any], foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    layout = foreign([weights(gguf)], manifest_changes=changes)
    refused(layout.write(tmp_path / "evil.tar"), FormatError, "The manifest")


@pytest.mark.parametrize("path", ["../x.gguf", "/x.gguf", "a/../../x", "C:\\x", "a//b", "x\x00y"])
def test_layers_that_want_to_be_written_elsewhere(
    path: str, foreign: Foreign, gguf: bytes, tmp_path: Path, refused: Refused
) -> None:
    layout = foreign([weights(gguf, path)])
    refused(layout.write(tmp_path / "evil.tar"), FormatError, "wants to be written to")


def test_two_files_of_one_name(
    foreign: Foreign, gguf: bytes, make_gguf: Any, tmp_path: Path, refused: Refused
) -> None:
    layout = foreign([weights(gguf), weights(make_gguf("Other", 10))])
    refused(layout.write(tmp_path / "evil.tar"), FormatError, "two different files called")


@pytest.mark.parametrize("data", [b"GGUF", b"GGUF" + b"\xff" * 100, b"GGUF\x03\0\0\0" + bytes(8)])
def test_weights_that_are_no_model(
    data: bytes, foreign: Foreign, tmp_path: Path, refused: Refused
) -> None:
    path = foreign([weights(data)]).write(tmp_path / "evil.tar")
    refused(path, FormatError, "'model.gguf' holds is not a usable model|no model")


def test_weights_that_are_compressed_or_not_gguf(
    foreign: Foreign, tmp_path: Path, refused: Refused, gguf: bytes
) -> None:
    packed = gzip.compress(gguf)
    kind = "application/vnd.cncf.model.weight.v1.tar+gzip"
    layout = foreign([(packed, kind, {FILE_PATH: "model.gguf"})])
    refused(layout.write(tmp_path / "evil.tar"), FormatError, "none has GGUF weights")


def _respun(bundle: Path, change: Callable[[dict[str, Any]], None]) -> io.BytesIO:
    """The bundle with another story, all hashes and the seal made right again."""
    from freehold.formats.oci_layout import (
        Descriptor,
        Manifest,
        read_index,
        read_manifest,
        write_index,
        write_manifest,
    )
    from freehold.formats.strict_json import canonical
    from freehold.formats.tar_plain import END, member_header, padding

    with tarfile.open(bundle) as tar:
        files = {n: tar.extractfile(n).read() for n in tar.getnames()}  # type: ignore[union-attr]
    entry = read_index(files["index.json"])[0]
    manifest = read_manifest(files.pop(f"blobs/sha256/{entry.digest.hex}"), "it")
    old = next(x for x in manifest.layers if x.annotations.get("org.freehold.role") == "provenance")
    story = json.loads(files.pop(f"blobs/sha256/{old.digest.hex}"))
    change(story)

    def described(data: bytes, like: Descriptor) -> Descriptor:
        digest = Digest(sha256(data).hexdigest())
        files[f"blobs/sha256/{digest.hex}"] = data
        return Descriptor(like.media_type, digest, len(data), like.annotations, like.artifact_type)

    new = described(canonical(story), old)
    layers = tuple(new if layer is old else layer for layer in manifest.layers)
    written = write_manifest(
        Manifest(manifest.config, layers, manifest.annotations, manifest.artifact_type)
    )
    files["index.json"] = write_index((described(written, entry),))
    out = b"".join(
        member_header(name, len(data)) + data + bytes(padding(len(data)))
        for name, data in files.items()
    )
    return io.BytesIO(out + END)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0" * 64},
        {"format": 2},
        {"format": "1"},
        {"name": ""},
        {"name": "x" * 20_000},
        {"name": None},
        {"licence": []},
        {"licence": {"spdx": 1, "name": None, "text_digest": None}},
        {"licence": {"spdx": None, "name": None, "text_digest": "../../x"}},
        {"sightings": [{"ref": "hf:a/b", "url": None, "revision": None, "seen_at": "noon"}]},
        {
            "sightings": [
                {"ref": "hf:a/b", "url": None, "revision": None, "seen_at": "2026-01-01T00:00:00"}
            ]
        },
        {"sightings": {"a": 1}},
        {"facts": [1]},
        {"facts": {"x": {"y": 1}}},
        {"facts": {"x": 1 << 80}},
        {"facts": {"x": "a\0b"}},
        {"parents": [{"id": "x"}]},
        {"tags": "abc"},
        {"tags": [7]},
        {"notes": None},
        {"signatures": "{}"},
        {"signatures": [7]},
        {"signatures": ["{}"] * 17},
        {"signatures": ["x" * 100_000]},
        {"signatures": ["two\nlines"]},
        {"signatures": ["caf\u00e9"]},
    ],
)
def test_stories_that_have_no_shape(
    change: dict[str, Any], small_bundle: Path, tmp_path: Path, refused: Refused
) -> None:
    data = _respun(small_bundle, lambda story: story.update(change)).getvalue()
    (tmp_path / "evil.tar").write_bytes(data)
    refused(tmp_path / "evil.tar", FormatError, "freehold.json")


def test_stories_are_not_believed_about_what_can_be_checked(
    small_bundle: Path, tmp_path: Path, elsewhere: Store
) -> None:
    def lie(story: dict[str, Any]) -> None:
        story["facts"]["parameters"] = 10**12
        story["licence"] = {"spdx": "CC-BY-NC-4.0", "name": None, "text_digest": None}
        story["licence"]["kind"] = "open source"
        story["sightings"].append({**story["sightings"][0], "ref": "file:/etc/passwd"})
        story["sightings"].append({**story["sightings"][0], "ref": "not a place"})
        story["name"] = "../../Evil Name\x1b"

    (tmp_path / "lie.tar").write_bytes(_respun(small_bundle, lie).getvalue())
    model = import_bundle(elsewhere, tmp_path / "lie.tar").models[0].model
    assert model.facts["parameters"] == 2_000
    assert model.licence.kind == "open with restrictions"
    assert model.name == "evil-name"
    assert "/etc/passwd" not in repr(model.sightings)


def test_a_changed_index_is_noticed_by_its_seal(
    small_bundle: Path, tmp_path: Path, refused: Refused
) -> None:
    data = small_bundle.read_bytes()
    (tmp_path / "evil.tar").write_bytes(data.replace(b'ref.name":"beta"', b'ref.name":"zeta"'))
    refused(tmp_path / "evil.tar", FormatError, "seal does not match")


def test_something_hidden_in_the_padding(
    small_bundle: Path, tmp_path: Path, refused: Refused
) -> None:
    data = bytearray(small_bundle.read_bytes())
    data[512 + 100] = 1  # behind the 30 bytes of oci-layout
    (tmp_path / "evil.tar").write_bytes(data)
    refused(tmp_path / "evil.tar", FormatError, "where zeros belong")


def test_too_many_members(
    small_bundle: Path, tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freehold.formats.tar_plain._MEMBER_LIMIT", 3)
    refused(small_bundle, FormatError, "more than 3 members")
