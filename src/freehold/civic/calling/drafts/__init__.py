"""A bill and an amendment of our own drafting, to hand to somebody who drafts laws."""

from __future__ import annotations

import re
from html import escape
from importlib.resources import files

from freehold.civic.places.states import NAMES, state

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light; }
body { font: 12pt/1.5 Georgia, "Noto Serif", serif; color: #000; background: #fff;
  max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 16pt; } h2 { font-size: 13pt; break-after: avoid; }
blockquote { border: 2px solid #000; margin: 0; padding: .5rem .8rem; font-weight: bold; }
@media print { body { margin: 0; max-width: none; } }
"""


def draft_law(name: str, where: str = "") -> str:
    """The draft of that name in Markdown, for a state (letters or a name) if one is given.

    Raises UsageError for what is no state.
    """
    text = (files(__package__) / f"{name}.md").read_text(encoding="utf-8")
    letters = state(where) if where else ""
    return text.replace("{STATE}", NAMES[letters] if letters else "[STATE]")


def as_page(text: str) -> str:
    """A draft as a page of HTML to print: its headings, paragraphs and numbered lists."""
    title = next(line for line in text.splitlines() if line.startswith("# ")).removeprefix("# ")
    blocks = "".join(_block(block) for block in re.split(r"\n{2,}", text.strip()))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n<main>\n{blocks}</main></body></html>\n"
    )


def _block(block: str) -> str:
    for mark, tag in (("## ", "h2"), ("# ", "h1"), ("> ", "blockquote")):
        if block.startswith(mark):
            return f"<{tag}>{_inline(block.removeprefix(mark))}</{tag}>\n"
    before, *items = re.split(r"(?m)^\d+\. ", block)
    listed = "".join(f"<li>{_inline(item)}</li>\n" for item in items)
    paragraph = f"<p>{_inline(before)}</p>\n" if before.strip() else ""
    return paragraph + (f"<ol>\n{listed}</ol>\n" if listed else "")


def _inline(text: str) -> str:
    one_line = escape(" ".join(text.split()))
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", one_line)
