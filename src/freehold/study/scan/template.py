"""One chat template, scanned: its code, what it says unseen, and whether it is one at all."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.errors import FormatError
from freehold.study.scan.finding import Finding, Severity
from freehold.study.scan.template_code import code_findings
from freehold.study.scan.template_hidden import hidden_findings
from freehold.study.template.lexer import cut


def template_findings(template: str, where: str) -> Iterator[Finding]:
    """All that is dangerous or odd in it. `where` is what to call it: a key, a file."""
    try:
        pieces = cut(template)
    except FormatError as error:
        yield Finding(
            Severity.SUSPICIOUS,
            where,
            error.message,
            "It cannot be looked through, and programs may read it differently.",
            "Give the model another template, or get the file elsewhere.",
        )
        return
    yield from code_findings(pieces, where)
    yield from hidden_findings(template, pieces, where)
