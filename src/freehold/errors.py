"""One tree of errors. Each says in one sentence what failed, and on its own line what to try next.

    FreeholdError                 exit 1   something expected went wrong
    ├── UsageError                exit 2   the command or its options make no sense
    ├── NotOwned                  exit 1   no owned model answers to that name
    ├── AmbiguousName             exit 1   several owned models do
    ├── TooBusy                   exit 1   too many requests are waiting already
    ├── SourceError               exit 1   a source does not have it, or cannot be reached
    │   ├── NotFound
    │   ├── AccessDenied
    │   └── Unreachable
    ├── StorageError              exit 1   the disk, or the store on it, refuses
    │   ├── NotEnoughSpace
    │   └── StoreBusy
    ├── IntegrityError            exit 4   bytes are not what they should be
    │   ├── HashMismatch          exit 4   what arrived is not what was promised
    │   ├── DamagedModel          exit 5   what was owned has changed on disk
    │   └── DamagedLedger         exit 6   the ledger file cannot be read
    ├── FormatError               exit 7   a file is not a well-formed model file
    │   └── UnsupportedModel               it may well be one, of a kind that cannot be opened up
    └── EngineError               exit 8   the engine could not do it
        ├── ModelRefused                   the engine does not accept this file
        ├── RequestRefused                 the engine does not accept this request
        ├── ContextExceeded                the prompt does not fit the context
        ├── NotEnoughMemory                this machine cannot hold the model now
        └── WorkerDied                     the engine's process ended unexpectedly

A bug is any exception outside this tree: exit 3, with a log to paste. Ctrl-C: exit 130.
"""

from __future__ import annotations


class FreeholdError(Exception):
    """Something expected went wrong: one sentence, and a hint on what to try next."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n{self.hint}"

    def __reduce__(self) -> tuple[type[FreeholdError], tuple[str, str | None], dict[str, object]]:
        return type(self), (self.message, self.hint), self.__dict__


class UsageError(FreeholdError):
    """The command or its options make no sense as given."""

    exit_code = 2


class NotOwned(FreeholdError):
    """No owned model answers to that name."""


class AmbiguousName(FreeholdError):
    """Several owned models answer to that name."""


class TooBusy(FreeholdError):
    """Too many requests are waiting already; nothing was run."""

    retry_seconds = 1
    """When it may be worth trying again."""


class SourceError(FreeholdError):
    """A source does not have what was asked for, or cannot be used."""


class NotFound(SourceError):
    """The source answered: it has no such model or file."""


class AccessDenied(SourceError):
    """The source answered: not without a key, or not to you."""


class Unreachable(SourceError):
    """The source did not answer, or stopped answering."""


class StorageError(FreeholdError):
    """The disk, or the store on it, refuses."""


class NotEnoughSpace(StorageError):
    """The disk has too little free space."""


class StoreBusy(StorageError):
    """Another Freehold is changing the same thing."""


class IntegrityError(FreeholdError):
    """Bytes are not what they should be."""

    exit_code = 4


class HashMismatch(IntegrityError):
    """What arrived is not what was promised."""


class DamagedModel(IntegrityError):
    """What was owned has changed on disk."""

    exit_code = 5


class DamagedLedger(IntegrityError):
    """The ledger file cannot be read."""

    exit_code = 6


class FormatError(FreeholdError):
    """A file is not a well-formed model file."""

    exit_code = 7


class UnsupportedModel(FormatError):
    """A model of a family, or with weights of a type, that Freehold cannot open up by itself."""


class EngineError(FreeholdError):
    """The engine could not do it."""

    exit_code = 8


class ModelRefused(EngineError):
    """The engine does not accept this file."""


class RequestRefused(EngineError):
    """The engine does not accept this request."""


class ContextExceeded(EngineError):
    """The prompt does not fit the context; nothing was cut."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.prompt_tokens = 0
        self.context_tokens = 0

    @classmethod
    def of(cls, prompt_tokens: int, context_tokens: int, hint: str) -> ContextExceeded:
        """Build the error from its two numbers, both in tokens."""
        over = prompt_tokens - context_tokens
        error = cls(
            f"The prompt is {prompt_tokens:,} tokens and the context holds {context_tokens:,}: "
            f"{over:,} too many. Nothing was cut and nothing was run.",
            hint,
        )
        error.prompt_tokens, error.context_tokens = prompt_tokens, context_tokens
        return error


class NotEnoughMemory(EngineError):
    """This machine cannot hold the model now."""


class WorkerDied(EngineError):
    """The engine's process ended unexpectedly."""
