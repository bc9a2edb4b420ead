"""What the server counts, in Prometheus' text format. No names, no prompts, no addresses."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from freehold import __version__

if TYPE_CHECKING:
    from freehold.actions.residence import Residence
    from freehold.engine.reply import Usage


class Metrics:
    """Counts since the start."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        """By protocol and status."""
        self.cancelled = 0
        self.refused = 0
        self.prompt_tokens = 0
        self.cached_tokens = 0
        self.answer_tokens = 0

    def count(self, usage: Usage) -> None:
        """An answer has come to its end."""
        self.prompt_tokens += usage.prompt_tokens
        self.cached_tokens += usage.cached_tokens
        self.answer_tokens += usage.answer_tokens

    def text(self, residence: Residence) -> str:
        """Everything, one figure a line."""
        models = [each for each in residence.models if not each.loading]
        rows = [
            *_head("freehold_info", "gauge", "The version that runs."),
            f'freehold_info{{version="{__version__}"}} 1',
            *_head("freehold_requests_total", "counter", "Requests by protocol and status."),
            *(
                f'freehold_requests_total{{protocol="{protocol}",status="{status}"}} {count}'
                for (protocol, status), count in sorted(self.requests.items())
            ),
        ]
        for name, kind, what, value in (
            ("cancelled_total", "counter", "Requests whose client went away.", self.cancelled),
            ("refused_total", "counter", "Requests turned away at the door.", self.refused),
            ("prompt_tokens_total", "counter", "Tokens of all prompts.", self.prompt_tokens),
            ("cached_tokens_total", "counter", "Those not read again.", self.cached_tokens),
            ("answer_tokens_total", "counter", "Tokens of all answers.", self.answer_tokens),
            ("models_loaded", "gauge", "Models in memory.", len(models)),
        ):
            rows += [*_head(f"freehold_{name}", kind, what), f"freehold_{name} {value}"]
        for name, what, values in (
            ("busy", "Requests being answered.", [each.slots.busy for each in models]),
            ("waiting", "Requests waiting for a place.", [each.slots.waiting for each in models]),
            ("bytes", "Memory held.", [each.resident().claimed for each in models]),
        ):
            rows += _head(f"freehold_model_{name}", "gauge", what)
            rows += [
                f'freehold_model_{name}{{model="{each.name}",purpose="{each.key.purpose}"}} {value}'
                for each, value in zip(models, values, strict=True)
            ]
        return "\n".join(rows) + "\n"


def _head(name: str, kind: str, what: str) -> list[str]:
    return [f"# HELP {name} {what}", f"# TYPE {name} {kind}"]
