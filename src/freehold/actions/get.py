"""Get a model: resolve its name, fetch its bytes, prove them, read the header, own it.

The order is the promise: nothing counts as owned before its hash is proven and its header reads
as a model. Whatever interrupts this leaves a staging folder that the next `get` continues from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.fetching import Fetching
from freehold.actions.network import Network
from freehold.actions.offers import first_offer, with_mirrors
from freehold.actions.owning import describe_new, with_story
from freehold.actions.peer_copies import Near, PeerCopies, copies_in
from freehold.actions.where_from import is_bare, offers_for, owned_as, wanted_hash
from freehold.errors import AccessDenied, DamagedModel, FreeholdError, UsageError
from freehold.formats.split import parse_split_name
from freehold.names import Digest, ModelRef, slug
from freehold.progress import SILENT, Progress
from freehold.sources.interface import Offer, Role
from freehold.store.libraries import Libraries, copy_model
from freehold.store.model import OwnedModel, Sighting, now
from freehold.store.store import Store

if TYPE_CHECKING:
    from freehold.settings import Settings
    from freehold.store.staging import Staging

AT_ONCE = 3
"""Models fetched at the same time; each of them has several connections of its own."""


@dataclass(frozen=True)
class Got:
    """What `get` did: the model, and how many bytes it took over the wire."""

    model: OwnedModel
    fetched_bytes: int
    was_owned: bool
    hosts: tuple[tuple[str, int], ...] = ()
    """Who gave how many of them, the most first."""


def get(
    store: Store,
    settings: Settings,
    ref: ModelRef,
    *,
    also: Sequence[ModelRef] = (),
    fit: bool = False,
    name: str | None = None,
    peers: Sequence[Near] = (),
    network: Network | None = None,
    progress: Progress = SILENT,
    told: Callable[[Offer], None] = lambda _: None,
) -> Got:
    """Own the model at `ref`.

    `also` names other places with the same bytes: they stand in when the first cannot be reached,
    and lend their addresses to a transfer that falters half-way. `peers` are asked first for what
    has a known hash, and for what has only a name, all that have it at once. With `fit` the largest
    quantization that fits into free memory is chosen. `network` may be shared by several gets.
    `told` hears what is going to be fetched, before it is.
    Raises SourceError, IntegrityError, FormatError or StorageError.
    """
    with ExitStack() as stack:
        if network is None:
            network = stack.enter_context(Network(settings, progress))
        near = PeerCopies(peers, progress)
        digest = wanted_hash(ref)
        is_place = digest is None and not (peers and is_bare(ref))
        if not is_place:
            if fit:
                raise UsageError(
                    "--fit chooses among the files of a place.", "Such as hf:org/name."
                )
            if got := _owned_somewhere(settings, ref.location, digest, store, progress):
                return got
            offer, *others = offers_for(ref, digest, near)
        else:
            ref, offer, others = _offered(ref, also, settings, network, progress, fit=fit)
        if owned := _owned_already(store, offer, progress):
            return Got(store.add_sightings(owned, _sightings(offer)), 0, was_owned=True)
        told(offer)
        if is_place:
            others += near.having({file.sha256 for file in offer.files if file.sha256})
        work = Fetching(store, network, progress, copies_in([offer, *others]))
        name = name or (_name_for(offer) if is_place else slug(offer.title))
        try:
            return _fetch_and_own(store, with_mirrors(offer, others, store.models()), name, work)
        except AccessDenied:
            # It could be had a moment ago, but registries' tokens may live for minutes only: ask
            # for a new one, once, and go on with what is there.
            if not is_place:
                raise
            offer, others = first_offer([ref, *also], settings, network, progress)
            return _fetch_and_own(store, with_mirrors(offer, others, store.models()), name, work)


def _offered(
    ref: ModelRef,
    also: Sequence[ModelRef],
    settings: Settings,
    network: Network,
    progress: Progress,
    *,
    fit: bool,
) -> tuple[ModelRef, Offer, list[Offer]]:
    """What a place offers, with the others that do; with `fit`, at the place of what fits best."""
    offer, others = first_offer([ref, *also], settings, network, progress)
    if fit:
        from freehold.actions.fit_choice import best_by_header
        from freehold.actions.fitting import best_fit

        ref = best_by_header(offer, network, progress) or best_fit(offer)
        offer, others = first_offer([ref, *also], settings, network, progress)
    return ref, offer, others


def get_several(
    home: Path,
    settings: Settings,
    refs: Sequence[ModelRef],
    progress: Progress = SILENT,
    peers: Sequence[Near] = (),
) -> list[Got | FreeholdError]:
    """Own several models at once, in the store at `home`, under one bandwidth cap.

    What became of each, in the order of `refs`: one that fails does not hold up the others.
    """

    def one(ref: ModelRef) -> Got | FreeholdError:
        try:
            with Store.open(home, progress) as store:
                return get(store, settings, ref, peers=peers, network=network, progress=progress)
        except FreeholdError as error:
            return error

    with Network(settings, progress) as network, ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, refs))


def _owned_somewhere(
    settings: Settings, word: str, digest: Digest | None, store: Store, progress: Progress
) -> Got | None:
    """What any library has by that name or hash; from another than `store` it is copied."""
    with Libraries(settings.home, progress) as libraries:
        found = owned_as(libraries, word, digest)
        if found is None:
            return None
        if found.store.home == store.home:
            return Got(found.model, 0, was_owned=True)
        progress.note(f"The library {found.library} has it: copied from there.")
        return Got(copy_model(found, store, progress), 0, was_owned=False)


def _owned_already(store: Store, offer: Offer, progress: Progress) -> OwnedModel | None:
    """The owned model with exactly the bytes on offer, when the offer names its hashes."""
    weights = [file for file in offer.files if file.role == Role.WEIGHTS]
    wanted = {file.sha256 for file in weights}
    if not weights or None in wanted:
        return None
    for model in store.models():
        if {file.digest for file in model.files if file.role == Role.WEIGHTS} == wanted:
            return model if _is_good(store, model, progress) else None
    return None


def _is_good(store: Store, model: OwnedModel, progress: Progress) -> bool:
    try:
        store.check_ready(model, progress)
    except DamagedModel as error:
        progress.note(f"{error.message} Fetching it again.")
        return False
    return True


def _fetch_and_own(store: Store, offer: Offer, name: str, work: Fetching) -> Got:
    with store.staging(_staging_key(offer)) as staging:
        store.require_space(_space_needed(offer, staging))
        files = [work.own(file, staging) for file in offer.files]
        new = describe_new(store, name, tuple(files), _sightings(offer), offer.licence)
        if offer.story is not None:
            new = with_story(new, offer.story, str(offer.ref))
        model = store.add_model(new)
        staging.discard()
    return Got(model, work.fetched_bytes, was_owned=False, hosts=work.hosts)


def _staging_key(offer: Offer) -> str:
    """The same bytes give the same key, from whichever place: a later run, or one beside, joins."""
    hashes = [file.sha256.hex for file in offer.files if file.sha256]
    if len(hashes) == len(offer.files):
        return "sha256 " + " ".join(sorted(hashes))
    return " ".join([str(offer.ref), *(str(file.pieces[0].remote.urls) for file in offer.files)])


def _space_needed(offer: Offer, staging: Staging) -> int:
    """Bytes this get may still write: downloads not yet there, and what they unpack to."""
    downloads = {
        piece.remote.urls: piece.remote.size or 0
        for file in offer.files
        for piece in file.pieces
        if piece.remote.path is None
    }
    unpacked = sum(
        file.size or 0
        for file in offer.files
        if any(piece.member is not None or piece.remote.path for piece in file.pieces)
    )
    return max(0, sum(downloads.values()) + unpacked - staging.size())


def _sightings(offer: Offer) -> tuple[Sighting, ...]:
    url = next((u for f in offer.files for p in f.pieces for u in p.remote.urls), None)
    return (Sighting(ref=str(offer.ref), url=url, revision=offer.revision, seen_at=now()),)


def _name_for(offer: Offer) -> str:
    weights = next((file for file in offer.files if file.role == Role.WEIGHTS), None)
    stem = weights.name.rpartition("/")[2] if weights is not None else offer.title
    stem = stem.removesuffix(".gguf").removesuffix(".safetensors")
    part = parse_split_name(f"{stem}.gguf")
    return slug(part.stem if part is not None else stem)
