from __future__ import annotations

import pytest

from freehold.names import Digest
from freehold.store.licences import classify, in_words, name_in_text


@pytest.mark.parametrize(
    ("claim", "spdx"),
    [
        ("Apache-2.0", "Apache-2.0"),
        ("apache-2.0", "Apache-2.0"),
        ("Apache License 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("Apache Software License", "Apache-2.0"),
        ("mit", "MIT"),
        ("MIT License", "MIT"),
        ("BSD-3-Clause", "BSD-3-Clause"),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
        ("CC0-1.0", "CC0-1.0"),
        ("cdla-permissive-2.0", "CDLA-Permissive-2.0"),
        ("GPL-3.0-or-later", "GPL-3.0-or-later"),
    ],
)
def test_open_source_by_name(claim: str, spdx: str) -> None:
    found = classify(None, claim)
    assert (found.kind, found.spdx) == ("open source", spdx)
    assert found.name == claim


@pytest.mark.parametrize(
    "claim",
    [
        "gemma",
        "Gemma Terms of Use",
        "llama3.1",
        "llama2",
        "llama-3.2",
        "Llama 3.1 Community License",
        "Meta Llama 3 Community License Agreement",
        "openrail",
        "openrail++",
        "creativeml-openrail-m",
        "bigscience-bloom-rail-1.0",
        "bigscience-openrail-m",
        "bigcode-openrail-m",
        "cc-by-nc-4.0",
        "CC-BY-NC-SA-4.0",
        "cc-by-nc-nd-4.0",
        "cc-by-nd-4.0",
    ],
)
def test_restrictions_are_said(claim: str) -> None:
    found = classify(None, claim)
    assert found.kind == "open with restrictions"
    assert found.spdx is None
    assert in_words(found).startswith(f"{claim}: open with restrictions (")


@pytest.mark.parametrize("claim", [None, "", "other", "Proprietary", "llama", "my own", "CC"])
def test_what_is_not_known_is_not_guessed(claim: str | None) -> None:
    assert classify(None, claim).kind == "unknown"


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("MIT OR Apache-2.0", "open source"),
        ("MIT AND Apache-2.0", "open source"),
        ("MIT OR CC-BY-NC-4.0", "open source"),
        ("MIT AND CC-BY-NC-4.0", "open with restrictions"),
        ("(MIT AND LicenseRef-Other) OR Apache-2.0", "open source"),
        ("MIT AND LicenseRef-Other", "unknown"),
        ("GPL-3.0-only WITH GCC-exception-3.1", "open source"),
        ("LicenseRef-Gemma", "unknown"),
    ],
)
def test_expressions_are_as_good_as_their_parts_allow(expression: str, kind: str) -> None:
    found = classify(expression)
    assert (found.kind, found.spdx) == (kind, expression)


def test_the_text_is_remembered() -> None:
    digest = Digest("ab" * 32)
    assert classify("MIT", text_digest=digest).text_digest == digest


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("                 Apache License\n           Version 2.0, January 2004", "Apache-2.0"),
        (
            "Permission is hereby granted, free of charge, to any person obtaining a copy of",
            "MIT",
        ),
        ("<title>Gemma Terms of Use | Google</title>", "Gemma Terms of Use"),
        ("LLAMA 3.1 COMMUNITY LICENSE AGREEMENT", "Llama 3.1 Community License"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "GPL-3.0"),
        ("All rights reserved.", None),
    ],
)
def test_well_known_texts_are_recognised(text: str, name: str | None) -> None:
    assert name_in_text(text) == name
    if name:
        assert classify(None, name).kind != "unknown"


def test_words_for_every_kind() -> None:
    assert in_words(classify("MIT")) == "MIT: open source (free to use, study, change and share)"
    assert "read its text" in in_words(classify(None, "other"))
    assert in_words(classify()).startswith("no licence is known")
