"""Work whose answer repeats its prompt, with guessing ahead and without: tokens per second.

Two tasks on the starter model at temperature 0: a letter is written out again with small changes,
and fields are extracted from records. For each way of guessing (n-grams: no second model) A
guesses, B does not, in turn, in one loaded process each; the answers must be the same.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from freehold.actions.starter import STARTER
from freehold.engine.interface import (
    ChatRequest,
    Delta,
    Finished,
    LoadPlan,
    Message,
    Model,
    Sampling,
)
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.load_plan import Speculation, SpeculationKind
from measure import arguments, in_turn, report, starter

_TOKENS = 128
_LETTER = (
    "Dear Mr Brown, thank you for your letter of 3 May about the garden wall between our houses. "
    "The builder has looked at the wall and says that the lower half is sound, that the upper half "
    "must be taken down, and that the work will take four days. He can begin on 12 June. The work "
    "will cost 840 pounds, of which each of us would pay 420 pounds. Please tell me whether you "
    "agree, so that the builder can order the bricks. With kind regards, Anne Hill."
)
_RECORDS = "\n".join(
    f"Order {4100 + n}: customer {name}, city {city}, amount {17 * n + 20} pounds, paid by card."
    for n, (name, city) in enumerate(
        (
            ("Miller", "Leeds"),
            ("Khan", "York"),
            ("Olsen", "Hull"),
            ("Rossi", "Bath"),
            ("Lee", "Ely"),
        )
    )
)
TASKS = {
    "rewrite a document": f"Write this letter out again, word for word:\n\n{_LETTER}",
    "extract fields": (
        'Write each order as JSON, one a line: {"order": 0, "customer": "", "city": "", '
        f'"amount": 0}}\n\n{_RECORDS}'
    ),
}


def asked(model: Model, task: str) -> tuple[str, Finished]:
    """One answer."""
    sampling = Sampling(temperature=0, max_tokens=_TOKENS)
    text = ""
    for piece in model.chat(ChatRequest((Message("user", task),), sampling)):
        if isinstance(piece, Delta):
            text += piece.text
        elif isinstance(piece, Finished):
            return text, piece
    raise RuntimeError("an answer without an end")


def compared(guessing: Model, plain: Model, task: str, pairs: int) -> dict[str, object]:
    """One way of guessing at one task."""
    answers: dict[bool, list[tuple[str, Finished]]] = {True: [], False: []}

    def once(model: Model, *, guesses: bool) -> float:
        answers[guesses].append(asked(model, task))
        usage = answers[guesses][-1][1].usage
        return usage.answer_seconds / usage.answer_tokens

    timed = in_turn(lambda: once(guessing, guesses=True), lambda: once(plain, guesses=False), pairs)
    last = answers[True][-1][1].usage
    texts = {text for each in answers.values() for text, _ in each}
    gains = [plainly / guessed for guessed, plainly in zip(timed.a, timed.b, strict=True)]
    return {
        "tokens_per_s": round(1 / timed.medians[0], 1),
        "plain_tokens_per_s": round(1 / timed.medians[1], 1),
        "times_as_fast": round(statistics.median(gains), 2),
        "same_answer": len(texts) == 1,
        "tokens_each": last.answer_tokens,
        "guessed": last.drafted_tokens,
        "right": last.accepted_tokens,
    }


def main() -> int:
    args = arguments(__doc__, pairs=3)
    weights: Path = starter()
    engine = LlamaCppEngine()
    figures: dict[str, object] = {"model": STARTER.title, "pairs": args.pairs}
    same = True
    best: dict[str, float] = dict.fromkeys(TASKS, 0.0)
    with engine.load(LoadPlan(weights, 2048)) as plain:
        for kind in SpeculationKind:
            plan = LoadPlan(weights, 2048, speculation=Speculation(kind))
            with engine.load(plan) as guessing:
                for name, task in TASKS.items():
                    found = compared(guessing, plain, task, args.pairs)
                    figures[f"{kind.value}, {name}"] = found
                    same = same and bool(found["same_answer"])
                    best[name] = max(best[name], float(str(found["times_as_fast"])))
    figures["best_times_as_fast"] = best
    bar = "the same answers at temperature 0; rates printed"
    return report("repetitive_work", bar, figures, args.json, met=same)


if __name__ == "__main__":
    sys.exit(main())
