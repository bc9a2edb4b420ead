"""Models in any OCI registry: `oci:host/namespace/name:tag`, or `@sha256:…` in place of the tag.

A registry on this machine is spoken to without TLS, every other with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.errors import UsageError
from freehold.names import Digest, ModelRef, Scheme
from freehold.sources.artifact import offer
from freehold.sources.interface import Offer
from freehold.sources.oci_login import DockerLogins
from freehold.sources.oci_registry import Registry

if TYPE_CHECKING:
    from freehold.transfer.http import HttpClient


class OciSource:
    """ModelPack artifacts, Docker's model images, plain files pushed by `oras`, Ollama's models."""

    scheme = Scheme.OCI

    def __init__(self, client: HttpClient, logins: DockerLogins | None = None) -> None:
        """`logins`: Docker's own configuration when not given."""
        self._client = client
        self._logins = logins

    def resolve(self, ref: ModelRef) -> Offer:
        """Say what a name stands for. The revision is the digest of its manifest."""
        registry = self._registry(ref)
        reference = reference_of(ref)
        joint = "@" if reference.startswith("sha256:") else ":"
        title = f"{registry.repository}{joint}{reference}"
        return offer(registry, registry.manifest(reference), ref, title)

    def tags(self, ref: ModelRef) -> tuple[str, ...]:
        """The tags that a name has, in the registry's order."""
        return self._registry(ref).tags()

    def _registry(self, ref: ModelRef) -> Registry:
        host, slash, repository = ref.location.partition("/")
        if not slash or not host or not repository:
            raise UsageError(
                f"{ref} names no registry and model.", "It looks like oci:host/namespace/name:tag."
            )
        return Registry(self._client, host, repository, self._logins)


def reference_of(ref: ModelRef) -> str:
    """The tag or digest a reference asks for: `latest` when none. Raises UsageError."""
    if ref.revision is None:
        return "latest"
    if ref.revision.startswith("sha256:"):
        return str(Digest.parse(ref.revision))
    return ref.revision
