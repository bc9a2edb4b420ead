"""Whole HTML pages: a layout with a page's own middle in it, and the headers that go with them.

The middles are files of plain HTML that change only with a release; what is owned and said comes to
them as JSON. So `string.Template` and `html.escape` do, where a template language would be one more
dependency and a second place for mistakes in escaping.
"""

from __future__ import annotations

import html
from functools import cache
from importlib.resources import files
from string import Template

from starlette.responses import HTMLResponse

from freehold import __version__

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Nothing from any other host, and no script or style that is written into a page."""
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PLACES = (
    ("/", "Chat"),
    ("/library", "Library"),
    ("/fit", "Fit"),
    ("/study", "Study"),
    ("/act", "Act"),
    ("/settings", "Settings"),
)


def page(name: str, title: str, path: str) -> HTMLResponse:
    """The page of that name, as part of the whole."""
    links = "".join(_link(to, label, here=to == path) for to, label in _PLACES)
    text = Template(_text("layout.html")).substitute(
        title=html.escape(title),
        name=html.escape(name),
        links=links,
        version=html.escape(__version__),
        main=_text(f"{name}.html"),
    )
    return HTMLResponse(text, headers=_HEADERS)


def bare_page(name: str, title: str) -> HTMLResponse:
    """A page by itself, for somebody who is not in yet."""
    text = Template(_text("bare.html")).substitute(
        title=html.escape(title), name=html.escape(name), main=_text(f"{name}.html")
    )
    return HTMLResponse(text, headers=_HEADERS)


def _link(to: str, label: str, *, here: bool) -> str:
    mark = ' aria-current="page"' if here else ""
    return f'<a href="{html.escape(to)}"{mark}>{html.escape(label)}</a>'


@cache
def _text(name: str) -> str:
    return (files(__package__) / "pages" / name).read_text(encoding="utf-8")
