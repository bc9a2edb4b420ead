"""A model on its way in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.engine.host import Host
    from freehold.engine.llama_model import LlamaCppModel


class GuestLoading:
    """See `interface.Loading`."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._handed_over = False

    @property
    def pid(self) -> int:
        """The id of the process that loads."""
        return self._host.pid

    def wait(self) -> LlamaCppModel:
        """The model. Raises ModelRefused, NotEnoughMemory, WorkerDied."""
        try:
            # Python's HTTP takes 50 ms to import: done here, it costs nothing.
            from freehold.engine.llama_model import LlamaCppModel

            model = LlamaCppModel(self._host, self._host.ready())
        except BaseException:  # Ctrl-C too
            self._host.close()
            raise
        self._handed_over = True
        return model

    def close(self) -> None:
        """Give up, unless the model has been handed over."""
        if not self._handed_over:
            self._host.close()
