"""Models on the Hugging Face Hub, or on any server that speaks as it does (HF_ENDPOINT)."""

from __future__ import annotations

import re

from freehold.errors import NotFound
from freehold.names import ModelRef, Scheme
from freehold.sources import choice
from freehold.sources.choice import Candidate
from freehold.sources.hub_api import HubApi, HubFile, HubModel
from freehold.sources.interface import LicenceClaim, Offer, OfferedFile, Piece, Role
from freehold.sources.licences import claim

DEFAULT_REVISION = "main"
SMALL = 4 << 20
"""Documents up to this size come along, in bytes."""
_PROJECTOR = re.compile(r"mmproj.*\.gguf$", re.I)
_NO_MODEL = re.compile(r"imatrix.*\.(gguf|dat)$", re.I)
_LICENCE = re.compile(r"^(licen[cs]e|copying|use_policy|.*terms)[^/]*$", re.I)
_DOCUMENT = re.compile(r"^(readme|notice)[^/]*$", re.I)
_BESIDE = re.compile(
    r"(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|vocab|added_tokens"
    r"|preprocessor_config|.*\.safetensors\.index)\.json|merges\.txt|tokenizer\.model"
    r"|chat_template\.jinja"
)


class HuggingFaceSource:
    """One Hub and, where there is one, the owner's token for it."""

    scheme = Scheme.HUGGINGFACE

    def __init__(self, api: HubApi) -> None:
        self._api = api

    def resolve(self, ref: ModelRef) -> Offer:
        """List the repository at the revision and choose a model in it.

        `ref.file` is a file's path, its name or a quantization. GGUF files are preferred;
        without any, the safetensors files with what belongs to them. Raises NotFound,
        AccessDenied for a gated repository, or another SourceError.
        """
        repository = ref.location
        model = self._api.model(repository, ref.revision or DEFAULT_REVISION)
        listed = list(self._api.files(repository, model.commit))
        offered = [
            self._offered(repository, model.commit, file, role)
            for file in listed
            if (role := _role(file)) is not None
        ]
        models = choice.candidates(offered)
        ggufs = [each for each in models if each.name.lower().endswith(".gguf")]
        whole = _safetensors(models)
        if not ggufs and not whole:
            raise NotFound(
                f"{repository} holds no model file that Freehold can use: no .gguf and no "
                ".safetensors.",
                "Search the Hub for its name with GGUF behind it.",
            )
        named_other = (ref.file or "").lower().endswith(".safetensors")
        if ggufs and not (named_other and whole):
            chosen = choice.choose(ggufs, ref.file, repository)
            files = [*chosen.files, *_projector(offered, chosen)]
        else:
            chosen = choice.choose(whole, ref.file, repository)
            files = [*chosen.files, *(file for file in offered if file.role is Role.OTHER)]
        files += [file for file in offered if file.role in (Role.LICENCE, Role.DOCUMENT)]
        if model.gated:
            self._api.check_access(repository, model.commit, chosen.files[0].name)
        taken = {file.name for file in files}
        return Offer(
            ref=ref,
            revision=model.commit,
            title=chosen.name.rpartition("/")[2].removesuffix(".gguf"),
            files=tuple(files),
            alternatives=tuple(
                file for each in models for file in each.files if file.name not in taken
            ),
            licence=_licence(model),
            homepage=f"{self._api.endpoint}/{repository}",
        )

    def _offered(self, repository: str, commit: str, file: HubFile, role: Role) -> OfferedFile:
        remote = self._api.remote(repository, commit, file)
        piece = Piece(remote, None, file.size)
        return OfferedFile(file.path, role, (piece,), file.size, file.sha256)


def _role(file: HubFile) -> Role | None:
    """What a file is for; None for what does not come along."""
    name = file.path.rpartition("/")[2]
    small = (file.size or 0) <= SMALL
    if _PROJECTOR.search(name):
        return Role.PROJECTOR
    if name.lower().endswith((".gguf", ".safetensors")):
        return None if _NO_MODEL.search(name) else Role.WEIGHTS
    if small and _LICENCE.match(file.path):
        return Role.LICENCE
    if small and _DOCUMENT.match(file.path):
        return Role.DOCUMENT
    return Role.OTHER if _BESIDE.fullmatch(file.path) else None


def _safetensors(models: tuple[Candidate, ...]) -> list[Candidate]:
    """Those at the top of the repository; copies in folders are other variants."""
    return [each for each in models if re.fullmatch(r"[^/]+\.safetensors", each.name, re.I)]


def _projector(offered: list[OfferedFile], chosen: Candidate) -> list[OfferedFile]:
    """The eyes of a model that has some: one projector, at 16 bits where there is a choice."""
    folder = chosen.name.rpartition("/")[0]
    found = [each for each in offered if each.role is Role.PROJECTOR]
    beside = [each for each in found if each.name.rpartition("/")[0] == folder] or found
    beside.sort(key=lambda each: (choice.quant_of(each.name) != "F16", each.name))
    return beside[:1]


def _licence(model: HubModel) -> LicenceClaim:
    said = model.card.get("license")
    if isinstance(said, list):
        said = said[0] if said else None
    if not isinstance(said, str) or said == "other":
        said = model.card.get("license_name") or said
    return claim(said if isinstance(said, str) else None)
