"""A conversation in the terminal: history, editing over several lines, and a few commands.

The conversation lives in memory and is gone at the end unless `/save` keeps it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.answer import explain_length, note_expected, print_stream, sampling_of, statistics
from freehold.cli.guard import show_error
from freehold.cli.terminal import note
from freehold.errors import ContextExceeded, UsageError
from freehold.units import human_bytes

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

    from freehold.actions.learning import Learner
    from freehold.actions.through_server import ServedModel
    from freehold.cli.run_options import RunOptions
    from freehold.engine.interface import Answer, Finished, Loading, Message, Model
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

HELP = """\
  /help            this
  /system TEXT     set how the model should behave; without TEXT, show it
  /clear           forget the conversation, keep the system prompt
  /retry           answer the last question again
  /save FILE       keep the conversation: Markdown, or JSON if FILE ends in .json
  /stats           the figures of the last answer
  /exit            end (or Ctrl-D)
Enter sends; Alt-Enter or Ctrl-J starts a new line. Ctrl-C stops an answer, not the chat."""


@dataclass
class Conversation:
    """What was said so far, and how the last answer went."""

    options: RunOptions
    system: str | None
    turns: list[tuple[str, str]] = field(default_factory=list)
    last: Finished | None = None

    def messages(self, question: str) -> tuple[Message, ...]:
        """Everything the model needs to see to answer `question`."""
        from freehold.engine.interface import Message

        said = [Message("system", self.system)] if self.system else []
        for asked, answered in self.turns:
            said += [Message("user", asked), Message("assistant", answered)]
        return (*said, Message("user", question))

    def save(self, path: Path) -> None:
        """Write it to a new file. Raises UsageError rather than replace one."""
        said = [{"role": m.role, "content": m.content} for m in self.messages("")[:-1]]
        if path.suffix == ".json":
            text = json.dumps({"messages": said}, indent=2, ensure_ascii=False) + "\n"
        else:
            text = "\n".join(f"**{m['role']}**\n\n{m['content']}\n" for m in said)
        try:
            with path.expanduser().open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError as error:
            raise UsageError(f"{path} exists already.", "Choose another name.") from error
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def chat(
    store: Store,
    owned: OwnedModel,
    loading: Loading | ServedModel,
    options: RunOptions,
    learner: Learner | None,
) -> int:
    """Talk until the owner has had enough."""
    prompt = _prompt_session()
    with loading.wait() as model:
        store.mark_used(owned)
        size = human_bytes(owned.size)
        note(f"{owned.name}, {size}, on this machine. /help for help, Ctrl-D to end.")
        if not owned.facts.get("chat"):
            note(
                "This model has no chat template: it continues your text rather than answering it."
            )
        talk = Conversation(options, options.system)
        while (line := _read(prompt)) is not None:
            try:
                if line.startswith("/"):
                    if not _command(model, owned, talk, line):
                        break
                elif line.strip():
                    _turn(model, owned, talk, line)
                    _learn(learner, talk)
            except ContextExceeded as error:
                hint = "/clear starts afresh; a larger --context remembers more."
                show_error(type(error)(error.message, hint))
            except UsageError as error:
                show_error(error)
    return 0


def _turn(model: Model | ServedModel, owned: OwnedModel, talk: Conversation, question: str) -> None:
    text, finished = print_stream(_ask(model, owned, talk, question))
    if not text.endswith("\n"):
        print()
    talk.turns.append((question, text))
    talk.last = finished
    if finished is None:
        note("stopped")
        return
    explain_length(finished, talk.options.max_tokens)
    if talk.options.stats:
        note(statistics(model, finished, tuned=talk.options.tuned))


def _learn(learner: Learner | None, talk: Conversation) -> None:
    """Remember in numbers what the turn took, and show what was expected of it."""
    if talk.last is None:
        return
    if talk.options.stats:
        note_expected(learner, talk.last)
    if learner is not None:
        learner.keep(talk.last.usage)


def _ask(
    model: Model | ServedModel, owned: OwnedModel, talk: Conversation, question: str
) -> Answer:
    from freehold.engine.interface import ChatRequest, TextRequest

    sampling = sampling_of(talk.options)
    if owned.facts.get("chat"):
        return model.chat(ChatRequest(talk.messages(question), sampling))
    return model.complete(TextRequest(question, sampling))


def _command(model: Model | ServedModel, owned: OwnedModel, talk: Conversation, line: str) -> bool:
    """Carry out a /command. False ends the chat."""
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    match word:
        case "/exit" | "/quit" | "/bye":
            return False
        case "/help" | "/?":
            note(HELP)
        case "/system":
            talk.system = rest or talk.system
            note(f"system prompt: {talk.system}" if talk.system else "There is no system prompt.")
        case "/clear":
            talk.turns.clear()
            note("Forgotten.")
        case "/retry":
            _retry(model, owned, talk)
        case "/save":
            if not rest:
                raise UsageError("/save needs a file name.", "For example: /save chat.md")
            talk.save(Path(rest))
            note(f"Saved to {rest}.")
        case "/stats":
            tuned = talk.options.tuned
            told = statistics(model, talk.last, tuned=tuned) if talk.last else None
            note(told or "No whole answer yet.")
        case _:
            raise UsageError(f"There is no command {word}.", "/help lists them all.")
    return True


def _retry(model: Model | ServedModel, owned: OwnedModel, talk: Conversation) -> None:
    if not talk.turns:
        raise UsageError("There is no question to answer again.")
    question, _ = talk.turns.pop()
    if talk.options.seed is not None:  # the same seed would only say the same again
        talk.options = replace(talk.options, seed=talk.options.seed + 1)
    _turn(model, owned, talk, question)


def _prompt_session() -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    keys = KeyBindings()

    @keys.add("enter")
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("c-d")
    def _end(event: KeyPressEvent) -> None:
        if not event.current_buffer.text:
            event.app.exit(exception=EOFError)

    return PromptSession("> ", multiline=True, key_bindings=keys, prompt_continuation="  ")


def _read(prompt: PromptSession[str]) -> str | None:
    """The next line or lines; None at the end. Ctrl-C clears what was typed."""
    while True:
        try:
            return prompt.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return None
