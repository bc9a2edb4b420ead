"""The page for browsers, without a script: what is shared, its licence, and how to have it."""

from __future__ import annotations

import html
from functools import cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from freehold import __version__
from freehold.server.web.assets_of_pages import assets
from freehold.server.web.document import POLICY
from freehold.share.shelf import Shelf
from freehold.store.licences import in_words
from freehold.units import counted, human_bytes

if TYPE_CHECKING:
    from starlette.requests import Request

    from freehold.share.published import PublishedFile, PublishedModel

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Page:
    """The page and what it is dressed in."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._vouched = {model.name: _vouched(model) for model in shelf.models}

    def routes(self) -> list[Route]:
        """What answers where."""
        return [
            Route("/", self._page),
            Route("/assets/{name}", self._asset),
            Route("/health", self._health),
        ]

    async def _page(self, request: Request) -> Response:
        address = f"http://{request.headers.get('host', '')}"
        text = Template(_text("hub.html")).substitute(
            version=html.escape(__version__),
            count=counted(len(self._shelf.models), "model"),
            address=html.escape(address),
            code=_qr_code(address),
            models="\n".join(
                _model(each, self._shelf, address, self._vouched[each.name])
                for each in self._shelf.models
            ),
        )
        return HTMLResponse(text, headers=_HEADERS)

    async def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "hub.css":
            return Response(_text(name), media_type="text/css", headers=_HEADERS)
        if name not in {"base.css", "mark.svg"}:
            return Response(
                f"There is nothing at {request.url.path}.\n", 404, _HEADERS, "text/plain"
            )
        return Response(assets()[name].content, media_type=assets()[name].kind)

    async def _health(self, _: Request) -> Response:
        return Response("sharing\n", media_type="text/plain", headers=_HEADERS)


def _vouched(model: PublishedModel) -> str:
    """Who vouches for it: checked once, as neither changes while it is shared."""
    if not model.model.signatures:
        return ""
    from freehold.share.signing.in_words import for_others

    said = "".join(f"<li>{html.escape(each)}</li>" for each in for_others(model.model))
    return f'<ul class="vouched">{said}</ul>'


def _model(model: PublishedModel, shelf: Shelf, address: str, vouched: str) -> str:
    repository = model.repository
    base = f"/{quote(repository)}/resolve/main/"
    facts = model.story.facts
    commands = [
        ("hf", f"HF_ENDPOINT={address} hf download {repository}"),
        ("curl", f"curl -LOC - {address}{base}{quote(model.owned[0].path)}"),
        ("Freehold", f"freehold get peer:{address.removeprefix('http://')}/{model.name}"),
    ]
    if shelf.images[repository].ollama is not None:
        commands.insert(1, ("Ollama", f"ollama pull --insecure {address}/{repository}"))
    text = model.licence_file
    return Template(_text("model.html")).substitute(
        name=html.escape(model.name),
        title=html.escape(str(facts.get("title") or model.name)),
        size=human_bytes(model.size),
        licence=html.escape(in_words(model.story.licence)),
        text=f' <a href="{html.escape(base + quote(text.path))}">Its text</a>.' if text else "",
        vouched=vouched,
        files="".join(_file(file, base) for file in model.files),
        commands="".join(
            f"<dt>{html.escape(name)}</dt><dd><code>{html.escape(line)}</code></dd>"
            for name, line in commands
        ),
    )


def _file(file: PublishedFile, base: str) -> str:
    link = html.escape(base + quote(file.path))
    return (
        f'<tr><td><a href="{link}">{html.escape(file.path)}</a></td>'
        f"<td>{human_bytes(file.size)}</td><td><code>{file.digest.hex}</code></td></tr>"
    )


@cache
def _qr_code(address: str) -> str:
    """A picture of the address, as a picture's source."""
    import segno

    return html.escape(segno.make(address, error="m").svg_data_uri(border=2, scale=4, light="#fff"))


@cache
def _text(name: str) -> str:
    return (files(__package__) / "pages" / name).read_text(encoding="utf-8")
