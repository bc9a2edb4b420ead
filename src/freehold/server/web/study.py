"""The study page as a protocol of its own: what happens inside a model between words and answer.

A page names models, never paths. It looks once, and then asks for what it shows of that run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from starlette.responses import JSONResponse

from freehold.server.plain import error_body, error_event
from freehold.server.protocol import Call, Path, Protocol
from freehold.server.web.document import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from freehold.progress import Progress
    from freehold.server.studio import Bench

T = TypeVar("T")

_MOST = 1 << 20
"""Layers, tokens: a number beyond is none of any model's."""


async def study(call: Call) -> Response:
    """What happens inside."""
    return page("study", "Study", "/study")


async def look(call: Call) -> Response:
    """Run a prompt: its tokens, how likely each was, and what each head looks at."""
    from freehold.server.web.study_looks import look as look_at

    text, chat = call.body.needed_text("prompt"), call.body.flag("chat")
    return await _taken(call, lambda bench, progress: look_at(bench, text, chat, progress))


async def lens(call: Call) -> Response:
    """What each layer of a run would say next."""
    from freehold.server.web.study_looks import lens as lens_of

    run = call.body.needed_text("run")
    return await _taken(call, lambda bench, progress: lens_of(bench, run, progress))


async def follow(call: Call) -> Response:
    """One token through the layers of a run."""
    from freehold.server.web.study_looks import follow as follow_in

    run, token = call.body.needed_text("run"), call.body.integer("token", 0, _MOST)
    if token is None:
        raise call.body.wrong("token", "given, as a whole number")
    return await _taken(call, lambda bench, _: follow_in(bench, run, token))


async def patterns(call: Call) -> Response:
    """Where the heads of one layer of a run look."""
    from freehold.server.web.study_looks import patterns as patterns_of

    run, layer = call.body.needed_text("run"), call.body.integer("layer", 0, _MOST)
    return await _taken(call, lambda bench, _: patterns_of(bench, run, layer or 0))


async def _taken(call: Call, take: Callable[[Bench, Progress], dict[str, Any]]) -> Response:
    found = await call.desk.residence.find(call.body.needed_text("model"))
    return JSONResponse(await call.desk.studio.take(found, take))


STUDY = Protocol(
    name="study",
    paths=(
        Path("GET", "/study", study),
        Path("POST", "/page/study/look", look),
        Path("POST", "/page/study/lens", lens),
        Path("POST", "/page/study/follow", follow),
        Path("POST", "/page/study/patterns", patterns),
    ),
    prefixes=("/study", "/page/study/"),
    error_body=error_body,
    error_event=error_event,
)
