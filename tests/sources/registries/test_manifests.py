"""Manifests: what is read from them, and that nothing malformed gets past."""

from __future__ import annotations

import hashlib
import json
import random
from typing import Any

import pytest

from freehold.errors import FreeholdError, NotFound, SourceError
from freehold.sources import manifests
from freehold.sources.manifests import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    Index,
    Manifest,
    choose,
    parse,
)

HEX = "ab" * 32


def descriptor(**changes: Any) -> dict[str, Any]:
    return {"mediaType": "application/x", "digest": f"sha256:{HEX}", "size": 5} | changes


def image(**changes: Any) -> dict[str, Any]:
    usual = {"schemaVersion": 2, "config": descriptor(size=2), "layers": [descriptor()]}
    return usual | changes


def read(document: object) -> Manifest | Index:
    return parse(json.dumps(document).encode(), "host.example")


def entries(*changes: dict[str, Any], media_type: str = OCI_INDEX) -> Index:
    found = [
        descriptor(digest=f"sha256:{number:064x}", mediaType=OCI_MANIFEST) | each
        for number, each in enumerate(changes)
    ]
    index = read({"schemaVersion": 2, "mediaType": media_type, "manifests": found})
    assert isinstance(index, Index)
    return index


@pytest.mark.parametrize("media_type", [DOCKER_MANIFEST, OCI_MANIFEST, None])
def test_an_image_manifest_of_any_make_is_read(media_type: str | None) -> None:
    layer = descriptor(annotations={"title": "x.gguf"})
    annotations = {"a": "b", "number": 3}
    document = image(
        mediaType=media_type, artifactType="a/b", annotations=annotations, layers=[layer]
    )
    raw = json.dumps(document).encode()
    found = parse(raw, "host.example")
    assert isinstance(found, Manifest)
    assert found.digest.hex == hashlib.sha256(raw).hexdigest()
    assert found.config is not None
    assert found.config.size == 2
    assert [(each.size, each.digest.hex) for each in found.layers] == [(5, HEX)]
    assert found.artifact_type == "a/b"
    assert found.annotations == {"a": "b"}
    assert found.layers[0].annotations == {"title": "x.gguf"}


def test_whitespace_changes_the_digest_because_it_is_of_the_raw_bytes() -> None:
    plain, spaced = json.dumps(image()).encode(), json.dumps(image(), indent=3).encode()
    assert parse(plain, "h").digest != parse(spaced, "h").digest


def test_lists_written_as_null_are_empty() -> None:
    found = read(image(layers=None, config=None))
    assert isinstance(found, Manifest)
    assert found.layers == ()
    assert found.config is None


@pytest.mark.parametrize(
    "size", [-1, 1.5, "5", True, None, manifests.LARGEST + 1, 10**30, [], float("nan")]
)
def test_a_size_that_is_no_size_is_refused(size: object) -> None:
    with pytest.raises(SourceError, match="a size is"):
        read(image(layers=[descriptor(size=size)]))


def test_the_largest_size_is_accepted() -> None:
    found = read(image(layers=[descriptor(size=manifests.LARGEST), descriptor(size=0)]))
    assert isinstance(found, Manifest)
    assert [each.size for each in found.layers] == [manifests.LARGEST, 0]


@pytest.mark.parametrize(
    "digest",
    [
        f"sha512:{HEX * 2}",
        f"sha256:{HEX.upper()}",
        f"sha256:{HEX[:-1]}",
        HEX,
        f"sha256-{HEX}",
        "sha256:../../../../etc/passwd",
        None,
        5,
    ],
)
def test_a_digest_that_is_no_sha256_is_refused(digest: object) -> None:
    with pytest.raises(SourceError, match="not a SHA-256"):
        read(image(layers=[descriptor(digest=digest)]))


@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        5,
        None,
        {},
        {"schemaVersion": 2},
        {"schemaVersion": True, "layers": []},
        {"schemaVersion": 3, "layers": []},
        image(schemaVersion="2"),
        image(manifests=[]),
        image(mediaType=OCI_INDEX),
        image(mediaType=DOCKER_LIST),
        {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "manifests": []},
        image(layers={}),
        image(layers=[5]),
        image(config=[]),
        {"errors": [{"code": "MANIFEST_UNKNOWN"}]},
    ],
)
def test_what_is_not_clearly_a_manifest_is_refused(document: object) -> None:
    with pytest.raises(SourceError, match=r"host\.example"):
        read(document)


@pytest.mark.parametrize("raw", [b"", b"<html>", b"\xff\xfe", b"[" * 200_000, b'{"schemaVersion":'])
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    with pytest.raises(SourceError, match="not a manifest") as caught:
        parse(raw, "host.example")
    assert caught.value.hint


def test_dockers_old_format_is_named() -> None:
    with pytest.raises(SourceError, match="old format 1"):
        read({"schemaVersion": 1, "fsLayers": []})


def test_a_huge_manifest_is_refused() -> None:
    raw = json.dumps(image()).encode()
    assert isinstance(parse(raw.ljust(manifests.LIMIT), "h"), Manifest)
    with pytest.raises(SourceError, match="refused"):
        parse(raw.ljust(manifests.LIMIT + 1), "h")


@pytest.mark.parametrize("media_type", [DOCKER_LIST, OCI_INDEX])
def test_the_only_entry_of_a_list_is_chosen(media_type: str) -> None:
    index = entries({"platform": {"os": "plan9", "architecture": "mips"}}, media_type=media_type)
    assert choose(index, "h", "linux/amd64").platform == "plan9/mips"


def test_attestations_are_not_models() -> None:
    index = entries(
        {"platform": {"os": "unknown", "architecture": "unknown"}},
        {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
        {"mediaType": "application/octet-stream"},
        {"size": 77},
    )
    assert choose(index, "h").size == 77


def test_the_same_manifest_for_many_machines_is_one() -> None:
    digest = f"sha256:{HEX}"
    index = entries(
        {"digest": digest, "platform": {"os": "a", "architecture": "b"}}, {"digest": digest}
    )
    assert choose(index, "h").digest.hex == HEX


def test_the_model_among_images_is_chosen() -> None:
    index = entries(
        {"platform": {"os": "linux", "architecture": "amd64"}},
        {"artifactType": "application/vnd.cncf.model.manifest.v1+json", "size": 77},
    )
    assert choose(index, "h", "linux/amd64").size == 77


def test_this_machine_s_entry_is_chosen() -> None:
    index = entries(
        {"platform": {"os": "linux", "architecture": "amd64"}},
        {"platform": {"os": "linux", "architecture": "arm64"}, "size": 77},
    )
    assert choose(index, "h", "linux/arm64").size == 77


def test_between_equals_the_owner_chooses_by_digest() -> None:
    index = entries({}, {})
    with pytest.raises(SourceError, match="2 different things") as caught:
        choose(index, "h", "linux/amd64")
    assert all(f"@sha256:{number:064x}" in str(caught.value.hint) for number in (0, 1))


def test_an_empty_list_holds_nothing() -> None:
    with pytest.raises(NotFound, match="empty list"):
        choose(entries(), "h")


def test_3000_mutated_manifests_give_a_manifest_or_one_clear_error() -> None:
    chance = random.Random(20)
    base = json.dumps(image(annotations={"a": "b"}, layers=[descriptor(), descriptor()])).encode()
    index = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": OCI_INDEX,
            "manifests": [descriptor(mediaType=OCI_MANIFEST)],
        }
    ).encode()
    tokens = [b"null", b"-1", b"1e999", b"[]", b"{}", b'""', b"9" * 5000, b"true", b"\x00", b"NaN"]
    read_ones = refused = unnamed = 0
    for _ in range(3000):
        raw = bytearray(chance.choice((base, index)))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(raw))
            match chance.randrange(4):
                case 0:
                    raw[at] ^= 1 << chance.randrange(8)
                case 1:
                    del raw[at : at + chance.randint(1, 9)]
                case 2:
                    raw[at:at] = chance.choice(tokens)
                case _:
                    raw[at : at + 1] = chance.choice(tokens)
        try:
            found = parse(bytes(raw), "host.example")
        except FreeholdError as error:
            refused += "host.example" in error.message
            unnamed += "host.example" not in error.message
        else:
            read_ones += 1
            assert found.digest.hex == hashlib.sha256(raw).hexdigest()
    assert read_ones > 100
    assert refused > 1000
    assert unnamed == 0
