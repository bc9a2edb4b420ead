"""The metadata of a GGUF file: keys nobody knows, code in values, addresses, names, secrets.

A value is whatever whoever made the file put there. Nothing here reads the vocabulary, which is
metadata too and has a look of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_array import GgufArray
from freehold.formats.gguf_types import ValueType
from freehold.study.scan.finding import Finding, Severity, excerpt, some
from freehold.study.scan.text_signs import (
    BASE64,
    LOCAL_PATH,
    URL,
    kinds_of_code,
    secrets,
    unseen,
)

_PREFIXES = re.compile(
    r"general|tokenizer|split|quantize|imatrix|adapter|clip|training|optimizer|control_vector|diffusion"
)
_GENERAL = re.compile(
    r"general\.(architecture|type|name|author|version|organization|finetune|basename|size_label|"
    r"description|quantized_by|alignment|file_type|quantization_version|license(\.name|\.link)?|"
    r"url|doi|uuid|repo_url|source\.(url|doi|uuid|repo_url|huggingface\.repository)|tags|languages|"
    r"datasets?|(base_model|dataset)\.(count|\d+\.\w+)|sampling\.\w+|parameter_count|"
    r"converted_by|quantize_date)"
)
_TOKENIZER = re.compile(
    r"tokenizer\.(ggml\.\w+|huggingface\.json|rwkv\.world|chat_templates?(\.\w+)?|"
    r"chat_template\.\w+)"
)
_ADDRESS_KEYS = re.compile(r"\.(url|repo_url|doi|link|repository)$")
_LONG = 65_536
_LONGEST = 1 << 20
_READ = "Read the value (`freehold study card MODEL --json`, or `show`) before you pass it on."
_NEW_KEY = "If the file is yours, write it anew without this entry before you share it."
_TEMPLATES = re.compile(r"tokenizer\.chat_template(\.\w+)?")


def metadata_findings(header: GgufHeader, label: str) -> Iterator[Finding]:
    """All that is dangerous or odd in the entries of a header."""
    yield from _unknown_keys(header, label)
    for key, value in header.metadata.items():
        if _TEMPLATES.fullmatch(key):
            continue  # scanned as the programs they are
        where = f"{label}: {key}"
        if isinstance(value, str):
            yield from text_findings(value, where, address=bool(_ADDRESS_KEYS.search(key)))
        elif isinstance(value, GgufArray):
            yield from _array(value, key, where)
        if not key.isprintable():
            yield Finding(
                Severity.SUSPICIOUS,
                where,
                "A metadata key holds characters that cannot be seen.",
                "It can be taken for another key, or drive a terminal that shows it.",
                _READ,
            )


def text_findings(text: str, where: str, *, address: bool = False) -> Iterator[Finding]:
    """Signs in one text. `address`: whether an address is what it is for."""
    if len(text) > _LONGEST:
        yield Finding(
            Severity.ODD,
            where,
            f"It is {len(text):,} characters long; the first {_LONGEST:,} were looked through.",
            "It can hold anything.",
            "Ask where the file came from; a model needs no such entry.",
        )
        text = text[:_LONGEST]
    for kind, start, at in secrets(text):
        yield Finding(
            Severity.DANGEROUS,
            f"{where}, character {at:,}",
            f"It holds what looks like {kind}: {start!r}",
            "Whoever has the file can use what the key opens.",
            "If it is yours, have it revoked now; the file keeps it for ever.",
        )
    for found in LOCAL_PATH.finditer(text):
        person = found["unix"] or found["windows"]
        named = f", which names {person!r}" if person else ""
        yield Finding(
            Severity.ODD,
            f"{where}, character {found.start():,}",
            f"It holds a path of the machine it was made on: {excerpt(found[0], 120)!r}{named}.",
            "It tells who made the file, and where.",
            _NEW_KEY,
        )
    for found in () if address else URL.finditer(text):
        yield Finding(
            Severity.ODD,
            f"{where}, character {found.start():,}",
            f"It holds an address: {excerpt(found[0], 120)!r}.",
            "Nothing here opens it; a program that shows it may let it be clicked.",
            _READ,
        )
    for hidden in unseen(text):
        spelled = f", which spell {excerpt(hidden.hides)!r}" if hidden.hides else ""
        yield Finding(
            Severity.SUSPICIOUS,
            f"{where}, character {hidden.at:,}",
            f"It holds {hidden.count:,} {hidden.kind}{spelled}.",
            "It can look like another text, or drive a terminal that shows it.",
            _READ,
        )
    yield from _blob(text.encode("utf-8", "surrogatepass"), where)
    if (packed := BASE64.search(text)) and packed[0] != text[:1] * len(packed[0]):
        yield _packed(where, f"{len(packed[0]):,} characters of packed data (base64)")


def _blob(data: bytes, where: str) -> Iterator[Finding]:
    for kind in kinds_of_code(data):
        yield _packed(where, f"what begins like {kind}")


def _packed(where: str, what: str) -> Finding:
    return Finding(
        Severity.SUSPICIOUS,
        where,
        f"It holds {what}.",
        "It does nothing by itself; another program could take it out and run it.",
        "Ask where the file came from; a model needs no such entry.",
    )


def _array(value: GgufArray, key: str, where: str) -> Iterator[Finding]:
    if value.element_type in {ValueType.UINT8, ValueType.INT8}:
        yield from _blob(value.packed()[:64], where)
    if value.element_type is not ValueType.STRING or key.startswith("tokenizer.ggml."):
        return
    for index, text in enumerate(value[:_LONG]):
        yield from text_findings(
            str(text), f"{where}, item {index:,}", address=str(text).startswith("http")
        )


def _unknown_keys(header: GgufHeader, label: str) -> Iterator[Finding]:
    family = header.metadata.get("general.architecture")
    unknown = [key for key in header.metadata if not _is_known(key, family)]
    if unknown:
        keys = some(unknown, 12, lambda key: repr(excerpt(key, 60)))
        yield Finding(
            Severity.ODD,
            f"{label}: metadata",
            f"It has entries that model files are not known to have: {keys}.",
            "Programs that run models pass over them; one made for it could use them.",
            _READ,
        )


def _is_known(key: str, family: object) -> bool:
    first = key.split(".", 1)[0]
    if first == "general":
        return _GENERAL.fullmatch(key) is not None
    if first == "tokenizer":
        return _TOKENIZER.fullmatch(key) is not None
    return first == family or _PREFIXES.fullmatch(first) is not None
