"""What went wrong with a request, before a protocol has given it its own shape."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.errors import (
    AccessDenied,
    AmbiguousName,
    ContextExceeded,
    DamagedModel,
    FormatError,
    FreeholdError,
    ModelRefused,
    NotEnoughMemory,
    NotFound,
    NotOwned,
    RequestRefused,
    SourceError,
    StorageError,
    TooBusy,
    UsageError,
    WorkerDied,
)


@dataclass(frozen=True)
class Problem:
    """One error. `code` is a word that programs can tell errors apart by."""

    status: int
    code: str
    message: str
    hint: str | None = None
    param: str | None = None
    """The field of the request that it is about."""
    retry_seconds: int | None = None
    """When trying again may help."""
    allow: tuple[str, ...] = ()
    """The methods that a path has, where the one used is not among them."""

    @property
    def whole(self) -> str:
        """The message with its hint."""
        return self.message if self.hint is None else f"{self.message} {self.hint}"


class BadField(UsageError):
    """A field of a request is not what it must be."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message)
        self.param = param


class BodyTooLarge(UsageError):
    """A request is larger than the server takes."""


class TooSlow(UsageError):
    """A request takes longer to arrive than the server waits."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The request took longer than {seconds:g} seconds to arrive.")


class NotAllowed(FreeholdError):
    """The key that a request came with does not open this."""


class KeyRefused(FreeholdError):
    """A key that opens nothing here."""


class NoSuchThing(FreeholdError):
    """There is nothing of that name."""


class Stopping(FreeholdError):
    """The server is on its way out."""

    def __init__(self) -> None:
        super().__init__("The server is stopping.", "Ask again when it is back.")


_KINDS: tuple[tuple[type[FreeholdError], int, str], ...] = (
    (BodyTooLarge, 413, "request_too_large"),
    (TooSlow, 408, "too_slow"),
    (NotAllowed, 403, "not_allowed"),
    (KeyRefused, 401, "key_wrong"),
    (NoSuchThing, 404, "not_found"),
    (UsageError, 400, "invalid_request"),
    (NotFound, 404, "not_found"),
    (AccessDenied, 403, "access_denied"),
    (SourceError, 503, "source_unreachable"),
    (DamagedModel, 503, "model_damaged"),
    (StorageError, 503, "storage"),
    (FormatError, 400, "no_model"),
    (NotOwned, 404, "model_not_found"),
    (AmbiguousName, 400, "ambiguous_model"),
    (ContextExceeded, 400, "context_length_exceeded"),
    (RequestRefused, 400, "invalid_request"),
    (ModelRefused, 400, "model_refused"),
    (Stopping, 503, "server_stopping"),
    (TooBusy, 429, "too_busy"),
    (NotEnoughMemory, 503, "not_enough_memory"),
    (WorkerDied, 502, "worker_died"),
)


def problem_of(error: FreeholdError) -> Problem:
    """An error of ours as a protocol shows it: a client's mistake, or the server's trouble."""
    status, code = next(
        ((status, code) for kind, status, code in _KINDS if isinstance(error, kind)),
        (500, "server_error"),
    )
    retry = error.retry_seconds if isinstance(error, TooBusy) else None
    return Problem(
        status=status,
        code=code,
        message=error.message,
        hint=error.hint,
        param=error.param if isinstance(error, BadField) else None,
        retry_seconds=10 if isinstance(error, NotEnoughMemory) else retry,
    )


def bug() -> Problem:
    """What a client is told of an error that nobody expected. The server's log has more."""
    return Problem(500, "server_error", "A bug in Freehold; its log says more.")


def no_such_path(path: str) -> Problem:
    """There is nothing at this path."""
    return Problem(404, "not_found", f"There is nothing at {path}.")


def wrong_method(method: str, allow: tuple[str, ...]) -> Problem:
    """The path exists, with other methods."""
    message = f"{method} does not work here: use {' or '.join(allow)}."
    return Problem(405, "method_not_allowed", message, allow=allow)
