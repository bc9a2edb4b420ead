"""Hostile and odd GGUF files, made one by one, each found; the real models are clean."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from tests.studying import Make

from freehold.study.scan.finding import Finding, ScanReport, Severity
from freehold.study.scan.scan import scan_files

TOKEN = "hf_" + "a1B2c3D4e5" * 4
TOKENS = ["<s>", "</s>", "a", "b"]
Q8_0 = struct.pack("<e", 0.5) + bytes(range(32))


def scan(path: Path) -> ScanReport:
    return scan_files(path.name, [(path, path.name)])


def only(path: Path) -> Finding:
    (finding,) = scan(path).findings
    return finding


METADATA: dict[str, tuple[dict[str, Any], Severity, str]] = {
    "a token": (
        {"general.description": f"key {TOKEN} "},
        Severity.DANGEROUS,
        "a Hugging Face token",
    ),
    "a private key": (
        {"general.author": "-----BEGIN RSA PRIVATE KEY-----"},
        Severity.DANGEROUS,
        "a private key",
    ),
    "a password": (
        {"general.source.url": "https://ann:hunter22@example.org/x"},
        Severity.DANGEROUS,
        "a password in an address",
    ),
    "a path": ({"general.name": "/home/ann/models/x"}, Severity.ODD, "which names 'ann'"),
    "a path of Windows": (
        {"general.source.repo_url": "C:\\Users\\Bob Ross\\x"},
        Severity.ODD,
        "a path of the machine it was made on",
    ),
    "a key nobody knows": ({"payload.stage": 2}, Severity.ODD, "'payload.stage'"),
    "a general key nobody knows": ({"general.run_me": "x"}, Severity.ODD, "'general.run_me'"),
    "an address": ({"general.description": "see http://example.org/a"}, Severity.ODD, "an address"),
    "a program": ({"general.tags": ["\x7fELF\x02"]}, Severity.SUSPICIOUS, "a Linux program (ELF)"),
    "packed data": ({"general.version": "QUJD" * 100}, Severity.SUSPICIOUS, "base64"),
    "an escape": ({"general.name": "a\x1b]0;b"}, Severity.SUSPICIOUS, "control characters"),
    "a turned name": ({"general.name": "a\u202eb"}, Severity.SUSPICIOUS, "direction of writing"),
    "a hidden key": ({"general.name\u200b": "x"}, Severity.SUSPICIOUS, "cannot be seen"),
    "a long text": ({"general.description": "x " * 530_000}, Severity.ODD, "1,060,000 characters"),
}


@pytest.mark.parametrize("name", METADATA)
def test_metadata(name: str, make: Make) -> None:
    said, severity, words = METADATA[name]
    findings = scan(make(said)).findings
    (finding,) = [each for each in findings if words in each.what]
    assert finding.severity is severity
    assert "made.gguf: " in finding.where
    assert finding.could
    assert finding.advice


def test_a_secret_is_named_and_not_shown(make: Make) -> None:
    report = scan(make({"general.description": TOKEN}))
    assert report.dangerous
    assert TOKEN[:12] not in str(report)


def test_honest_metadata_is_clean(make: Make) -> None:
    said = {
        "general.name": "A model of ours",
        "general.source.url": "https://example.org/models/a",
        "general.base_model.count": 1,
        "general.base_model.0.repo_url": "https://example.org/b",
        "general.license.link": "https://example.org/licence",
        "general.tags": ["text-generation", "en"],
        "llama.rope.freq_base": 1e5,
        "quantize.imatrix.entries_count": 7,
        "general.description": "either/or, 1/2, and/home/less",
    }
    assert scan(make(said)).findings == ()


VOCABULARY: dict[str, tuple[dict[str, Any], str]] = {
    "twice": ({"tokenizer.ggml.tokens": ["a", "b", "a"]}, "'a' (2 times)"),
    "beyond the end": (
        {"tokenizer.ggml.tokens": TOKENS, "tokenizer.ggml.eos_token_id": 4},
        "names token 4, and there are 4",
    ),
    "other lengths": (
        {"tokenizer.ggml.tokens": TOKENS, "tokenizer.ggml.token_type": [1, 1]},
        "2 entries for 4 tokens",
    ),
    "a hidden character": (
        {"tokenizer.ggml.tokens": ["<s\u200b>"], "tokenizer.ggml.token_type": [3]},
        "holds characters without width",
    ),
    "a turned token": (
        {"tokenizer.ggml.tokens": ["<\u202es>"], "tokenizer.ggml.token_type": [4]},
        "holds marks that turn the direction",
    ),
    "a blank mark": (
        {"tokenizer.ggml.tokens": [" "], "tokenizer.ggml.token_type": [3]},
        "A control token is blank",
    ),
    "two scripts": (
        {"tokenizer.ggml.tokens": ["<|us\u0435r|>"], "tokenizer.ggml.token_type": [3]},
        "letters of two scripts",
    ),
    "two alike": (
        {
            "tokenizer.ggml.tokens": ["<|end|>", "<\uff5cend\uff5c>"],
            "tokenizer.ggml.token_type": [3, 3],
        },
        "both are marks",
    ),
}


@pytest.mark.parametrize("name", VOCABULARY)
def test_vocabulary(name: str, make: Make) -> None:
    said, words = VOCABULARY[name]
    assert words in only(make(said)).what


def test_white_space_and_bytes_are_no_special_trouble(make: Make) -> None:
    said = {
        "tokenizer.ggml.tokens": [b"<s>", b"\n\n", "\u2581\u2581".encode(), b"\xff\xfe", b"<0x0A>"],
        "tokenizer.ggml.token_type": [3, 4, 4, 1, 6],
    }
    assert scan(make(said)).findings == ()


def test_a_template_is_scanned_where_it_stands(make: Make) -> None:
    path = make(
        {
            "tokenizer.chat_template": "{{ ''.__class__ }}",
            "tokenizer.chat_templates": ["tool_use"],
            "tokenizer.chat_template.tool_use": "{% include 'x' %}",
        }
    )
    wheres = [each.where for each in scan(path).findings]
    assert wheres == [
        "made.gguf: tokenizer.chat_template, character 6",
        "made.gguf: tokenizer.chat_template.tool_use, character 0",
    ]


def test_bytes_after_the_end(make: Make) -> None:
    path = make(tensors=[("output.weight", (32,), "Q8_0", Q8_0)])
    good = path.read_bytes()
    assert scan(path).findings == ()
    path.write_bytes(good + b"PK\x03\x04" + bytes(100))
    finding = only(path)
    assert finding.severity is Severity.SUSPICIOUS
    assert "follow the end of the model; they begin like a zip" not in finding.what
    path.write_bytes(good[:-30] + b"PK\x03\x04" + bytes(100))  # where the padding was
    assert "104 bytes follow the end of the model; they begin like a zip." in only(path).what
    path.write_bytes(good + bytes(4096))
    assert "bytes of zeros follow the end" in only(path).what


def test_bytes_between_tensors(make: Make) -> None:
    two = [(f"blk.{n}.attn_q.weight", (8,), "F32", struct.pack("<8f", *range(8))) for n in (0, 1)]
    path = make(tensors=two)
    raw = bytearray(path.read_bytes())
    assert scan(path).findings == ()
    # Move the second tensor 64 bytes on, and leave a message in between.
    at = raw.rindex(struct.pack("<Q", 32), 0, raw.index(struct.pack("<8f", *range(8))))
    raw[at : at + 8] = struct.pack("<Q", 96)
    body = struct.pack("<8f", *range(8))
    start = raw.index(body)
    path.write_bytes(bytes(raw[:start]) + body + b"\x80\x04\x95" + bytes(61) + body)
    finding = only(path)
    assert finding.severity is Severity.SUSPICIOUS
    assert "64 bytes belong to no tensor; they begin like a pickle." in finding.what
    assert "after tensor 'blk.0.attn_q.weight'" in finding.where


def test_padding_that_is_not_zero(make: Make) -> None:
    two = [(f"blk.{n}.attn_q.weight", (4,), "F32", b"ABCDEFGHIJKLMNOP") for n in (0, 1)]
    path = make(tensors=two)
    raw = path.read_bytes().replace(b"MNOP" + bytes(16), b"MNOP" + b"hidden in here!!", 1)
    path.write_bytes(raw)
    finding = only(path)
    assert (finding.severity, finding.what) == (Severity.ODD, "16 bytes of padding are not zero.")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"llama.embedding_length": 64}, "says 64 numbers in the width, and the embedding has 32"),
        ({"llama.vocab_size": 9}, "says 9 tokens in the vocabulary, and the embedding has 2"),
        ({"llama.block_count": 3}, "says 3 layers, and there are tensors for 2"),
    ],
)
def test_sizes_that_do_not_agree(said: dict[str, Any], words: str, make: Make) -> None:
    tensors = [
        ("token_embd.weight", (32, 2), "Q8_0", Q8_0 * 2),
        ("blk.0.ffn_up.weight", (32,), "Q8_0", Q8_0),
        ("blk.1.ffn_up.weight", (32,), "Q8_0", Q8_0),
    ]
    good = {"llama.embedding_length": 32, "llama.vocab_size": 2, "llama.block_count": 2}
    assert scan(make(good, tensors=tensors)).findings == ()
    finding = only(make({**good, **said}, tensors=tensors))
    assert words in finding.what
    assert finding.severity is Severity.SUSPICIOUS


def test_a_layer_without_tensors(make: Make) -> None:
    tensors = [
        ("blk.0.ffn_up.weight", (32,), "Q8_0", Q8_0),
        ("blk.2.ffn_up.weight", (32,), "Q8_0", Q8_0),
    ]
    assert "Layer 1 has no tensors" in only(make({"llama.block_count": 3}, tensors=tensors)).what


@pytest.mark.parametrize("cut", [0, 4, 20, 60, 160])
def test_a_file_that_is_no_model_is_a_finding(cut: int, make: Make) -> None:
    path = make(tensors=[("output.weight", (32,), "Q8_0", Q8_0)])
    path.write_bytes(path.read_bytes()[:cut])
    report = scan(path)
    assert report.dangerous
    assert "made.gguf" in report.findings[0].what
    assert report.looked_at == ()
    assert report.not_looked_at == ("made.gguf: nothing beyond what is wrong with it",)


def test_the_real_models_are_clean(smollm2: Path, gemma3: Path) -> None:
    for path in (smollm2, gemma3):
        report = scan(path)
        assert report.findings == ()
        assert any("the scales of" in line for line in report.looked_at)
        assert report.not_looked_at == ()
