"""The pages as a protocol of their own: their paths, and errors that their modules read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from freehold.server.plain import error_body, error_event
from freehold.server.protocol import Call, Path, Protocol
from freehold.server.web.assets_of_pages import asset
from freehold.server.web.document import page
from freehold.server.web.fit_json import show_fit
from freehold.server.web.login import log_in, log_out, show_login, wants_html
from freehold.server.web.managing import (
    get_model,
    pin_model,
    remove_model,
    repair_model,
    verify_model,
)
from freehold.server.web.owned_json import list_owned
from freehold.server.web.server_json import (
    add_key,
    forget_conversations,
    list_keys,
    remove_key,
    show_server,
)

if TYPE_CHECKING:
    from starlette.responses import Response


async def chat(call: Call) -> Response:
    """The chat for people; for programs the words by which Ollama's clients know a server."""
    if wants_html(call.request.headers.get("accept")):
        return page("chat", "Chat", "/")
    return PlainTextResponse("Ollama is running")


async def library(call: Call) -> Response:
    """What is owned, and getting more."""
    return page("library", "Library", "/library")


async def fit(call: Call) -> Response:
    """What this machine can run."""
    return page("fit", "Fit", "/fit")


async def settings(call: Call) -> Response:
    """What the server is, and who may come in."""
    return page("settings", "Settings", "/settings")


WEB = Protocol(
    name="page",
    paths=(
        Path("GET", "/", chat),
        Path("GET", "/library", library),
        Path("GET", "/fit", fit),
        Path("GET", "/settings", settings),
        Path("GET", "/login", show_login),
        Path("POST", "/login", log_in),
        Path("POST", "/page/logout", log_out),
        Path("GET", "/assets/{name}", asset),
        Path("GET", "/page/models", list_owned),
        Path("POST", "/page/models/get", get_model, manages=True),
        Path("POST", "/page/models/pin", pin_model, manages=True),
        Path("POST", "/page/models/verify", verify_model, manages=True),
        Path("POST", "/page/models/repair", repair_model, manages=True),
        Path("POST", "/page/models/remove", remove_model, manages=True),
        Path("GET", "/page/fit", show_fit),
        Path("GET", "/page/server", show_server),
        Path("GET", "/page/keys", list_keys, manages=True),
        Path("POST", "/page/keys/add", add_key, manages=True),
        Path("POST", "/page/keys/remove", remove_key, manages=True),
        Path("POST", "/page/conversations/forget", forget_conversations, manages=True),
    ),
    prefixes=("/page/", "/assets/", "/library", "/fit", "/settings", "/login"),
    error_body=error_body,
    error_event=error_event,
)
