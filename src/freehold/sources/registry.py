"""From a reference to the source that can resolve it, loading only what that one needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from freehold.names import ModelRef, Scheme
from freehold.settings import Settings
from freehold.sources.interface import Source

if TYPE_CHECKING:
    from freehold.transfer.http import HttpClient


def source_for(ref: ModelRef, settings: Settings, connect: Callable[[], HttpClient]) -> Source:
    """The source for a reference. `connect` is called only where a network is needed."""
    match ref.scheme:
        case Scheme.FILE:
            from freehold.sources.file import FileSource

            return FileSource()
        case Scheme.HUGGINGFACE:
            from freehold.sources.hub_api import HubApi
            from freehold.sources.huggingface import HuggingFaceSource

            return HuggingFaceSource(HubApi(connect(), settings.hf_endpoint, settings.hf_token))
        case Scheme.OCI:
            from freehold.sources.oci import OciSource

            return OciSource(connect())
        case Scheme.OLLAMA:
            from freehold.sources.ollama import OllamaSource

            return OllamaSource(connect())
        case Scheme.PEER:
            from freehold.sources.peer import PeerSource

            return PeerSource(connect())
        case Scheme.PYPI:
            from freehold.sources.pip_settings import read_indexes
            from freehold.sources.pypi import PyPISource

            return PyPISource(connect(), read_indexes())
        case Scheme.URL:
            from freehold.sources.url import UrlSource

            return UrlSource(connect())
