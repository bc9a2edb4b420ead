"""ModelPack: the configuration fits the specification's schema; layers are told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freehold.formats import modelpack
from freehold.formats.oci_layout import Descriptor
from freehold.names import Digest

# The parts of schema/config-schema.json of the specification that Freehold writes.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["descriptor", "config", "modelfs"],
    "properties": {
        "descriptor": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "licenses": {"type": "array", "items": {"type": "string"}},
                **{
                    name: {"type": "string"}
                    for name in ("title", "family", "sourceURL", "revision", "version", "vendor")
                },
            },
        },
        "config": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"type": "string"}
                for name in ("architecture", "format", "paramSize", "precision", "quantization")
            },
        },
        "modelfs": {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "diffIds"],
            "properties": {
                "type": {"enum": ["layers"]},
                "diffIds": {"type": "array", "minItems": 1, "items": {"type": "string"}},
            },
        },
    },
}


@pytest.mark.parametrize(
    "model",
    [
        modelpack.ModelDescription("tiny"),
        modelpack.ModelDescription(
            "full", ("MIT",), "https://x/y", "abc", "Full", "llama", 134_515_008, "Q4_1"
        ),
    ],
)
def test_configurations_fit_the_schema(model: modelpack.ModelDescription) -> None:
    import jsonschema

    document = json.loads(modelpack.write_config(model, [Digest("0" * 64)]))
    jsonschema.validate(document, SCHEMA)
    again = modelpack.read_config(document)
    assert (again.name, again.title, again.licences) == (model.name, model.title, model.licences)
    if model.parameters:
        assert document["config"]["paramSize"] == "134.5M"


@pytest.mark.parametrize(
    ("media_type", "path", "is_gguf", "role"),
    [
        (modelpack.WEIGHT_TYPE, "x.gguf", True, "weights"),
        (modelpack.WEIGHT_TYPE, "x.safetensors", False, None),
        (modelpack.WEIGHT_TYPE, "mmproj-x.gguf", True, "projector"),
        ("application/octet-stream", "x", True, "weights"),
        ("application/vnd.ollama.image.model", None, False, None),
        ("application/vnd.ollama.image.adapter", None, True, "adapter"),
        ("application/vnd.ollama.image.license", None, False, "licence"),
        (modelpack.DOC_TYPE, "LICENSE", False, "licence"),
        (modelpack.DOC_TYPE, "docs/License.txt", False, "licence"),
        (modelpack.DOC_TYPE, "README.md", False, "document"),
        (modelpack.WEIGHT_CONFIG_TYPE, "chat_template.jinja", False, "template"),
        ("text/x-anything", "x", False, None),
    ],
)
def test_roles(media_type: str, path: str | None, is_gguf: bool, role: str | None) -> None:
    annotations = {modelpack.FILE_PATH: path} if path else {}
    layer = Descriptor(media_type, Digest("0" * 64), 1, annotations)
    assert modelpack.role_of(layer, is_gguf=is_gguf) == role


@pytest.mark.parametrize(
    "path", ["", "/x", "../x", "a/..", "a//b", "a\\b", "C:x", "x\n", "x" * 600]
)
def test_unsafe_paths(path: str) -> None:
    assert not modelpack.is_safe_path(path)


def test_safe_paths() -> None:
    assert modelpack.is_safe_path("sub/été model (1).gguf")


@pytest.mark.parametrize(
    ("kind", "is_tar"),
    [
        ("weight.v1.tar", True),
        ("doc.v1.tar", True),
        ("weight.v1.raw", False),
        ("weight.v1.tar+gzip", False),
        ("code.v1.tar", False),
    ],
)
def test_tars(kind: str, is_tar: bool) -> None:
    layer = Descriptor(f"application/vnd.cncf.model.{kind}", Digest("0" * 64), 1)
    assert modelpack.is_tar(layer) is is_tar
