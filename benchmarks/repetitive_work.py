"""Work whose answer repeats its prompt, with guessing ahead and without: tokens per second.

Two tasks on the starter model at temperature 0: a letter is written out again, and fields are
extracted from records. For each way of guessing (n-grams: no second model) A guesses, B does not,
in turn, in one loaded process each. Each pair has another letter and other records, so that no
guess can come from an answer that was given before, and every prompt is read anew, so that the
same numbers are computed. The answers must be the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from freehold.actions.starter import STARTER
from freehold.engine.interface import (
    ChatRequest,
    Delta,
    Finished,
    LoadPlan,
    Message,
    Model,
    Place,
    Sampling,
)
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.load_plan import Speculation, SpeculationKind
from measure import arguments, in_turn, report, starter

_TOKENS = 128
_NAMES = ("Brown", "Miller", "Khan", "Olsen", "Rossi", "Lee", "Novak", "Silva", "Adams", "Weber")
_TOWNS = ("Leeds", "York", "Hull", "Bath", "Ely", "Derby", "Wells", "Truro", "Ripon", "Exeter")
_THINGS = ("garden wall", "old barn", "stone bridge", "shared roof", "back gate", "small dam")


def letter(round_: int) -> str:
    """A letter to be written out again."""
    name, thing = _NAMES[round_ % 10], _THINGS[round_ % 6]
    return (
        "Write this letter out again, word for word:\n\n"
        f"Dear Mr {name}, thank you for your letter of {round_ + 3} May about the {thing} between "
        f"our houses. The builder has looked at the {thing} and says that the lower half is sound, "
        f"that the upper half must be taken down, and that the work will take {round_ + 4} days. "
        f"He can begin on {round_ + 12} June. The work will cost {2 * round_ + 84}0 pounds, of "
        f"which each of us would pay {round_ + 42}0 pounds. Please tell me whether you agree, so "
        "that the builder can order what he needs. With kind regards, Anne Hill."
    )


def records(round_: int) -> str:
    """Records to extract fields from."""
    lines = "\n".join(
        f"Order {4100 + 7 * n + round_}: customer {_NAMES[(n + round_) % 10]}, city "
        f"{_TOWNS[(3 * n + round_) % 10]}, amount {17 * n + 20 + round_} pounds, paid by card."
        for n in range(5)
    )
    shape = '{"order": 0, "customer": "", "city": "", "amount": 0}'
    return f"Write each order as JSON, one a line: {shape}\n\n{lines}"


TASKS = {"rewrite a document": letter, "extract fields": records}


def asked(model: Model, task: str) -> tuple[str, Finished]:
    """One answer."""
    sampling = Sampling(temperature=0, max_tokens=_TOKENS)
    text = ""
    request = ChatRequest((Message("user", task),), sampling, place=Place(0, reuse=False))
    for piece in model.chat(request):
        if isinstance(piece, Delta):
            text += piece.text
        elif isinstance(piece, Finished):
            return text, piece
    raise RuntimeError("an answer without an end")


def compared(
    guessing: Model, plain: Model, task: Callable[[int], str], pairs: int
) -> dict[str, object]:
    """One way of guessing at one task."""
    answers: dict[bool, list[tuple[str, Finished]]] = {True: [], False: []}

    def once(model: Model, *, guesses: bool) -> float:
        answers[guesses].append(asked(model, task(len(answers[guesses]))))
        usage = answers[guesses][-1][1].usage
        return usage.answer_seconds / usage.answer_tokens

    timed = in_turn(lambda: once(guessing, guesses=True), lambda: once(plain, guesses=False), pairs)
    usages = [finished.usage for _, finished in answers[True]]
    both = list(zip(answers[True], answers[False], strict=True))
    return {
        "tokens_per_s": round(1 / timed.medians[0], 1),
        "plain_tokens_per_s": round(1 / timed.medians[1], 1),
        "times_as_fast": round(1 / timed.ratio, 2),
        "answers": len(both),
        "same_answers": sum(guessed[0] == plainly[0] for guessed, plainly in both),
        "tokens": sum(usage.answer_tokens for usage in usages),
        "guessed": sum(usage.drafted_tokens for usage in usages),
        "right": sum(usage.accepted_tokens for usage in usages),
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
                    same = same and found["same_answers"] == found["answers"]
                    best[name] = max(best[name], float(str(found["times_as_fast"])))
    figures["best_times_as_fast"] = best
    bar = "the same answers at temperature 0; rates printed"
    return report("repetitive_work", bar, figures, args.json, met=same)


if __name__ == "__main__":
    sys.exit(main())
