"""One GGUF file, scanned: header, template, metadata, vocabulary, layout, scales."""

from __future__ import annotations

from pathlib import Path

from freehold.errors import FormatError
from freehold.formats.gguf import GgufHeader, read_header
from freehold.formats.gguf_facts import read_facts
from freehold.progress import SILENT, Progress
from freehold.study.scan.finding import Finding, Gathering, Severity
from freehold.study.scan.layout import layout_findings, shape_findings
from freehold.study.scan.metadata import metadata_findings
from freehold.study.scan.scales import scale_findings, unchecked
from freehold.study.scan.template import template_findings
from freehold.study.scan.vocabulary import vocabulary_findings
from freehold.units import human_bytes


def scan_gguf(path: Path, label: str, gathering: Gathering, progress: Progress = SILENT) -> None:
    """Look through one file. Raises StorageError where it cannot be read."""
    try:
        header = read_header(path)
    except FormatError as error:
        gathering.add([malformed(label, error)])
        gathering.not_looked_at.append(f"{label}: nothing beyond what is wrong with it")
        return
    gathering.add(metadata_findings(header, label))
    gathering.looked_at.append(f"{label}: {len(header.metadata):,} metadata entries")
    _templates(header, label, gathering)
    tokens = read_facts(header).tokenizer.vocabulary
    gathering.add(vocabulary_findings(header, label))
    if "tokenizer.ggml.tokens" in header.metadata:
        gathering.looked_at.append(f"{label}: a vocabulary of {tokens or 0:,} tokens")
    gathering.add(layout_findings(header, path, label))
    gathering.add(shape_findings(header, label))
    gathering.add(scale_findings(header, path, label, progress))
    size = human_bytes(sum(tensor.size for tensor in header.tensors))
    gathering.looked_at.append(
        f"{label}: places and sizes of {len(header.tensors):,} tensors, and the scales of {size}"
    )
    if types := unchecked(header):
        gathering.not_looked_at.append(f"{label}: the scales of {', '.join(types)}")


def malformed(label: str, error: FormatError) -> Finding:
    """The finding for a file that is not what it is called."""
    return Finding(
        Severity.DANGEROUS,
        label,
        error.message,
        "A program that checks less may crash on it, or read and write where it must not.",
        error.hint or "Get the file again.",
    )


def _templates(header: GgufHeader, label: str, gathering: Gathering) -> None:
    facts = read_facts(header)
    found = [("tokenizer.chat_template", facts.chat_template)] if facts.chat_template else []
    found += [(f"tokenizer.chat_template.{name}", text) for name, text in facts.named_templates]
    for key, template in found:
        if template is not None:
            gathering.add(template_findings(template, f"{label}: {key}"))
            gathering.looked_at.append(f"{label}: {key}, {len(template):,} characters of code")
