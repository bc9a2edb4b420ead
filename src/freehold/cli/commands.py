"""The table of commands: what there is, each row naming the module that is imported for it alone.

Most commands are one word. A family (`freehold study`) has parts, each a command of two words
with a module of its own in the folder of the family's name.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One row of the table: `module` lives in freehold.cli and has `configure` and `run`."""

    name: str
    """As it is typed: one word, or a family's name and its part's."""
    module: str
    help: str


@dataclass(frozen=True)
class Family:
    """One row of the table that has rows of its own."""

    name: str
    help: str
    parts: tuple[Command, ...]


STUDY = Family(
    "study",
    "look inside the very file you run",
    (
        Command("study card", "study.card", "what it is: its parts, bytes, tokens, template"),
        Command("study tokens", "study.tokens", "how a text is cut into tokens, ids and bytes"),
        Command("study probs", "study.probs", "how likely each token of a text was"),
        Command("study perplexity", "study.perplexity", "how well a model expects a text"),
        Command("study kl", "study.kl", "how far one file's expectations are from another's"),
        Command("study quality", "study.quality", "what quantizing cost, by two measures"),
        Command("study eval", "study.eval", "scores on tasks with right answers"),
        Command("study lens", "study.lens", "what each layer would say next"),
        Command("study attention", "study.attention", "where each head looks"),
        Command("study patch", "study.patch", "which layer and position carry a difference"),
        Command("study tensors", "study.tensors", "its weights in figures, tensor by tensor"),
        Command("study compare", "study.compare", "two models: what is different, and how far"),
        Command("study probe", "study.probe", "what has been built into it"),
        Command("study scan", "study.scan", "what is dangerous or odd in its files"),
    ),
)

MODIFY = Family(
    "modify",
    "make a new model out of what you own",
    (
        Command("modify train", "modify.train", "teach it from your own examples (LoRA)"),
        Command("modify adapter", "modify.adapter", "an adapter from PEFT's format, and back"),
        Command("modify convert", "modify.convert", "safetensors into a GGUF model, and back"),
        Command("modify quantize", "modify.quantize", "fewer bits a weight, and what that costs"),
        Command("modify merge", "modify.merge", "adapters into a model, or models into one"),
        Command("modify steer", "modify.steer", "push a model toward one kind of text"),
        Command("modify edit", "modify.edit", "its name, template, system prompt, any metadata"),
        Command("modify report", "modify.report", "before and after, measured, and a card"),
    ),
)

ACT = Family(
    "act",
    "your legislators, their bills, the call: nothing leaves the machine",
    (
        Command("act update", "act.update", "fetch the public data once, or take a copy"),
        Command("act reps", "act.reps", "who represents a place, and how to reach them"),
        Command("act bill", "act.bill", "a bill's red lines, each with its words"),
        Command("act coverage", "act.coverage", "how complete the public data here is"),
        Command("act script", "act.script", "what to say to a member: a call, a letter"),
        Command("act log", "act.log", "what came of it, and when to ask again"),
    ),
)

GROUPS: dict[str, tuple[Command | Family, ...]] = {
    "Get a model and own it": (
        Command("search", "search", "see what a name offers before fetching it"),
        Command("get", "get", "fetch a model, prove it by its hash, and own it"),
        Command("adopt", "adopt", "own what other programs here already keep, without copying"),
        Command("list", "list_models", "what you own"),
        Command("show", "show", "everything known of one model"),
        Command("verify", "verify", "hash what you own again and name any damage"),
        Command("repair", "repair", "mend what is damaged, from wherever good bytes are"),
        Command("protect", "protect", "keep parity beside a model, to mend it with no source"),
        Command("why", "why", "where a model comes from, and why it may be trusted"),
        Command("edit", "edit", "its name, tags, note and pin, in your words"),
        Command("library", "library", "other places for models: an external disk"),
        Command("remove", "remove", "let a model go and free its space"),
        Command("usage", "usage", "what takes the space, shared bytes told apart"),
        Command("gc", "gc", "collect what is left over, after showing the plan"),
        Command("export", "export", "write models into one file that others can open"),
        Command("import", "import_bundle", "own the models in such a file"),
    ),
    "Use it": (
        Command("run", "run", "ask one question, or chat"),
        Command("serve", "serve", "answer other programs: OpenAI's API and more, on loopback"),
        Command("open", "open", "the page in your browser: chat, library, fit, study, settings"),
        Command("key", "key", "keys for programs that use this machine's API"),
        Command("service", "service", "the server in the background, from log-in on"),
    ),
    "Fit it to your machine": (
        Command("fit", "fit", "what this machine can run, how fast, and what it cannot"),
        Command("device", "device", "what this machine has and can"),
        Command("tune", "tune", "measure how a model runs its best here, and keep that"),
        Command("bench", "bench", "how fast models run here, as a table to compare"),
        Command("engine", "engine", "what runs models: choose one, or compile your own"),
    ),
    "Look inside": (STUDY,),
    "Make it yours": (MODIFY,),
    "Share it": (
        Command("share", "share", "serve models to others: hf, ollama, curl, a browser"),
        Command("peers", "peers", "other Freeholds: who is near, whom you trust, what they share"),
        Command("sign", "sign", "vouch for a model: its hashes, licence and lineage"),
        Command("identity", "identity", "your signing key, and the keys that you know"),
    ),
    "Stand up for it": (ACT,),
    "Around it": (
        Command("doctor", "doctor", "is all well: owned, offline, open, what to mend"),
        Command("completion", "completion", "tab completion for your shell"),
    ),
}
FAMILIES: dict[str, Family] = {
    row.name: row for rows in GROUPS.values() for row in rows if isinstance(row, Family)
}
COMMANDS: dict[str, Command] = {
    command.name: command
    for rows in GROUPS.values()
    for row in rows
    for command in (row.parts if isinstance(row, Family) else (row,))
}
"""Every command, by what is typed for it."""


def find(words: tuple[str, ...]) -> tuple[Command | Family | None, tuple[str, ...]]:
    """What a command line names, and the words that follow it.

    A family without one of its parts is the family; None stands for no such command.
    """
    if words and words[0] in FAMILIES:
        command = COMMANDS.get(" ".join(words[:2]))
        return (command, words[2:]) if command else (FAMILIES[words[0]], words[1:])
    return (COMMANDS.get(words[0]) if words else None), words[1:]
