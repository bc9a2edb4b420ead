"""Models in Ollama's registry, or in another that keeps models as Ollama does.

`ollama:name[:tag]` and `ollama:namespace/name[:tag]` are at registry.ollama.ai, where a name
without a namespace belongs to `library`; `ollama:host[:port]/namespace/name[:tag]` is elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.errors import UsageError
from freehold.names import ModelRef, Scheme
from freehold.sources.artifact import offer
from freehold.sources.interface import Offer
from freehold.sources.oci import reference_of
from freehold.sources.oci_login import DockerLogins
from freehold.sources.oci_registry import Registry

if TYPE_CHECKING:
    from freehold.transfer.http import HttpClient

HOST = "registry.ollama.ai"
NAMESPACE = "library"


class OllamaSource:
    """Weights, template, system prompt, parameters, licence: each layer as a file."""

    scheme = Scheme.OLLAMA

    def __init__(
        self, client: HttpClient, logins: DockerLogins | None = None, host: str = HOST
    ) -> None:
        """`host` is where names without one are looked up."""
        self._client = client
        self._logins = logins
        self._host = host

    def resolve(self, ref: ModelRef) -> Offer:
        """Say what a name stands for. The revision is the digest of its manifest."""
        registry = self._registry(ref)
        reference = reference_of(ref)
        name = registry.repository.removeprefix(f"{NAMESPACE}/")
        page = f"https://ollama.com/{registry.repository}" if registry.host == HOST else None
        joint = "@" if reference.startswith("sha256:") else ":"
        title = f"{name}{joint}{reference}"
        return offer(registry, registry.manifest(reference), ref, title, page)

    def tags(self, ref: ModelRef) -> tuple[str, ...]:
        """The tags that a name has. Ollama's own registry does not tell: it answers NotFound."""
        return self._registry(ref).tags()

    def _registry(self, ref: ModelRef) -> Registry:
        match ref.location.split("/"):
            case [name]:
                place = self._host, f"{NAMESPACE}/{name}"
            case [namespace, name] if "." not in namespace and ":" not in namespace:
                place = self._host, f"{namespace}/{name}"
            case [host, namespace, name]:
                place = host, f"{namespace}/{name}"
            case _:
                raise UsageError(
                    f"{ref} is not a name as Ollama writes them.",
                    "With a host it has three parts: ollama:host/namespace/name:tag. "
                    "In a plain registry: oci:host/name:tag.",
                )
        return Registry(self._client, *place, self._logins)
