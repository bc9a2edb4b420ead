"""What is said of a licence, in SPDX's words only where that is sure."""

from __future__ import annotations

import pytest

from freehold.sources.interface import LicenceClaim
from freehold.sources.licences import claim, claim_of_package, readable


@pytest.mark.parametrize(
    ("said", "spdx", "name"),
    [
        ("apache-2.0", "Apache-2.0", "apache-2.0"),
        ("Apache License 2.0", "Apache-2.0", "Apache License 2.0"),
        ("MIT", "MIT", "MIT"),
        ("cc-by-nc-4.0", "CC-BY-NC-4.0", "cc-by-nc-4.0"),
        ("gemma", None, "Gemma Terms of Use"),
        ("llama3.2", None, "Llama 3.2 Community License"),
        ("Apache", None, "Apache"),
        ("other", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_one_word(said: str | None, spdx: str | None, name: str | None) -> None:
    assert claim(said) == LicenceClaim(spdx, name)


def package(
    expression: str | None = None,
    field: str | None = None,
    classifiers: tuple[str, ...] = (),
    texts: dict[str, str] | None = None,
) -> LicenceClaim:
    return claim_of_package(expression, field, classifiers, texts or {})


def test_a_package_says_it_in_one_of_several_places() -> None:
    osi = "License :: OSI Approved :: MIT License"
    assert package("MIT OR Apache-2.0", "x").spdx == "MIT OR Apache-2.0"
    assert package(None, "Apache-2.0", (osi,)).spdx == "Apache-2.0"
    assert package(None, None, ("Topic :: X", osi)).spdx == "MIT"
    assert package(None, "My own", ("License :: OSI Approved",)).name == "My own"
    assert package(None, "A long text\nof many lines", (osi,)).spdx == "MIT"
    assert package() == LicenceClaim()


def test_terms_are_named_only_when_their_text_says_so() -> None:
    said = package(texts={"GEMMA_TERMS.html": "<title>x</title><p>Gemma Terms of Use</p>"})
    assert (said.spdx, said.name) == (None, "Gemma Terms of Use")
    assert package(texts={"GEMMA_TERMS.html": "<p>Something else</p>"}).name is None


def test_a_page_becomes_what_a_reader_sees() -> None:
    page = "<head><title>t</title></head><script>var a = '<p>';</script><p>One &amp;\n two</p><p>3"
    assert readable("TERMS.html", page) == "One & two\n3"
    assert readable("LICENSE", "<as it is>") == "<as it is>"
