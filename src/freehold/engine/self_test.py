"""Prove that an engine works: it loads a tiny model of random weights and answers."""

from __future__ import annotations

from pathlib import Path

from freehold.engine.interface import (
    Delta,
    Engine,
    EngineIdentity,
    Finished,
    LoadPlan,
    Sampling,
    TextRequest,
)
from freehold.errors import EngineError
from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic

_TINY = SyntheticModel("llama", 2, 256, 512, 4, 2, 64, vocabulary=600, context_length=256)
_TOKENS = 8
_BUILT = "The engine that was built does not work, and was thrown away"
_MEND = "Another compiler, or a newer one, may help."


def prove(engine: Engine, folder: Path, failed: str = _BUILT, hint: str = _MEND) -> EngineIdentity:
    """It says what it is and answers twice, the same both times.

    Raises EngineError if not: `failed` with the reason, and its own hint or `hint`.
    """
    path = folder / "tiny.gguf"
    with path.open("wb") as file:
        write_synthetic(file, _TINY, "Q4_K")
    request = TextRequest("freedom", Sampling(temperature=0.0, seed=1, max_tokens=_TOKENS))
    try:
        identity = engine.identity()
        with engine.load(LoadPlan(path, 128, threads=1)) as model:
            answers = [tuple(model.complete(request)) for _ in range(2)]
    except EngineError as error:
        raise EngineError(f"{failed}: {error.message}", error.hint) from error
    texts = [
        "".join(piece.text for piece in pieces if isinstance(piece, Delta)) for pieces in answers
    ]
    ends = [pieces[-1] for pieces in answers]
    whole = all(isinstance(end, Finished) and end.usage.answer_tokens == _TOKENS for end in ends)
    if texts[0] != texts[1] or not whole:
        said = f"{texts[0]!r}, then {texts[1]!r}"
        raise EngineError(f"{failed}: it does not answer as it should, but {said}.", hint)
    return identity
