"""Licence and lineage, as the file says them."""

from __future__ import annotations

from collections.abc import Callable

from freehold.formats.gguf import ValueType, parse_header
from freehold.formats.gguf_origin import Parent, read_origin

Build = Callable[..., bytes]


def test_licence_and_makers(build: Build) -> None:
    said = {
        "license": "other",
        "license.name": "gemma",
        "license.link": "https://example.org/terms",
        "author": "Ada",
        "organization": "Analytical Engines",
        "version": "1.1",
        "quantized_by": "Charles",
        "repo_url": "https://example.org/repo",
        "source.repo_url": "https://example.org/source",
    }
    entries = [(f"general.{key}", ValueType.STRING, value) for key, value in said.items()]
    entries.append(("general.description", ValueType.STRING, "   "))
    data = build(entries)
    origin = read_origin(parse_header(data, len(data)))
    assert (origin.licence, origin.licence_name) == ("other", "gemma")
    assert origin.licence_link == "https://example.org/terms"
    assert (origin.author, origin.organization, origin.version) == (
        "Ada",
        "Analytical Engines",
        "1.1",
    )
    assert origin.quantized_by == "Charles"
    assert origin.repository == "https://example.org/repo"
    assert origin.source_repository == "https://example.org/source"
    assert origin.description is None  # blank is nothing


def test_a_merge_names_all_its_parents(build: Build) -> None:
    entries = [
        ("general.base_model.count", ValueType.UINT32, 2),  # the entries decide, not this
        ("general.base_model.1.name", ValueType.STRING, "Mother"),
        ("general.base_model.1.repo_url", ValueType.STRING, "https://example.org/mother"),
        ("general.base_model.8.name", ValueType.STRING, "Father"),
        ("general.base_model.8.organization", ValueType.STRING, "Ancestors"),
        ("general.dataset.count", ValueType.UINT32, 1),
        ("general.dataset.0.name", ValueType.STRING, "Letters"),
    ]
    data = build(entries)
    origin = read_origin(parse_header(data, len(data)))
    assert origin.base_models == (
        Parent("Mother", None, None, None, None, "https://example.org/mother"),
        Parent("Father", None, "Ancestors", None, None, None),
    )
    assert [parent.name for parent in origin.datasets] == ["Letters"]


def test_one_language_given_as_text(build: Build) -> None:
    data = build([("general.languages", ValueType.STRING, "en")])
    assert read_origin(parse_header(data, len(data))).languages == ("en",)
