from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from freehold.names import Digest
from freehold.store.model import Licence, OwnedFile, OwnedModel, model_id


def digest(text: str) -> Digest:
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def file(role: str, text: str, size: int = 10) -> OwnedFile:
    return OwnedFile(f"{text}.bin", role, digest(text), size)


def test_a_model_of_one_file_is_the_hash_of_that_file() -> None:
    assert model_id((file("weights", "w"),)) == digest("w").hex


def test_a_licence_or_a_readme_beside_it_does_not_change_what_a_model_is() -> None:
    assert model_id((file("weights", "w"), file("licence", "l"), file("document", "d"))) == (
        digest("w").hex
    )


def test_another_system_prompt_makes_another_model() -> None:
    plain = model_id((file("weights", "w"),))
    with_system = model_id((file("weights", "w"), file("system", "be brief")))
    assert plain != with_system
    assert with_system != model_id((file("weights", "w"), file("system", "be long")))


def test_the_order_and_the_names_of_files_do_not_matter() -> None:
    one, two = file("weights", "1"), file("weights", "2")
    renamed = OwnedFile("other name", "weights", two.digest, two.size)
    assert model_id((one, two)) == model_id((renamed, one))


def test_a_blob_used_twice_is_counted_once() -> None:
    files = (file("document", "d", 5), file("weights", "w", 100), file("licence", "d", 5))
    model = OwnedModel("0" * 64, "m", files, Licence(), (), datetime.now(UTC), {})
    assert model.size == 105
    assert model.weights.name == "w.bin"
