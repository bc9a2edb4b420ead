"""OCI documents: written canonically, read back, sealed."""

from __future__ import annotations

import json

import pytest

from freehold.errors import FormatError
from freehold.formats.oci_layout import (
    LAYOUT_BYTES,
    MANIFEST_TYPE,
    REF_NAME,
    Descriptor,
    Manifest,
    blob_name,
    check_layout,
    read_index,
    read_manifest,
    write_index,
    write_manifest,
)
from freehold.names import Digest

BLOB = Descriptor("text/plain", Digest("ab" * 32), 7, {"a": "b"})


def test_a_manifest_comes_back() -> None:
    manifest = Manifest(BLOB, (BLOB, BLOB), {"x": "é"}, "application/x")
    assert read_manifest(write_manifest(manifest), "it") == manifest
    assert json.loads(write_manifest(manifest))["mediaType"] == MANIFEST_TYPE


def test_an_index_comes_back_and_is_sealed() -> None:
    entry = Descriptor(MANIFEST_TYPE, Digest("cd" * 32), 9, {REF_NAME: "x"}, "application/x")
    data = write_index((entry,))
    assert read_index(data) == (entry,)
    with pytest.raises(FormatError, match="its seal does not match"):
        read_index(data.replace(b'"x"', b'"y"'))
    with pytest.raises(FormatError, match="its seal does not match"):
        read_index(data.replace(b"org.freehold.seal", b"org.freehold.teal"))
    with pytest.raises(FormatError, match="its seal does not match"):
        read_index(data.replace(b'"annotations":{"org.f', b'"bnnotations":{"org.f'))


def test_an_index_of_others_needs_no_seal() -> None:
    body = {"schemaVersion": 2, "manifests": [BLOB.body()], "annotations": {"theirs": "x"}}
    assert read_index(json.dumps(body, indent=2).encode()) == (BLOB,)


def test_layout_versions() -> None:
    check_layout(LAYOUT_BYTES)
    check_layout(b'{ "imageLayoutVersion": "1.0.0" }\n')
    for data in (b'{"imageLayoutVersion":"2.0.0"}', b"{}"):
        with pytest.raises(FormatError, match=r"version .*; 1\.0\.0 is known"):
            check_layout(data)


def test_blob_names() -> None:
    assert blob_name(BLOB.digest) == "blobs/sha256/" + "ab" * 32
