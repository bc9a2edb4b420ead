"""The page for browsers: whole without a script, and nothing from anywhere else."""

from __future__ import annotations

import hashlib
import html
import re
from pathlib import Path

from tests.server.hub.conftest import APPLE, Hub, Share

from freehold.actions.sign import sign
from freehold.progress import SILENT
from freehold.share.signing.identity import own_identity
from freehold.share.signing.known_keys import KnownKeys
from freehold.store.store import Store


def test_it_lists_models_with_licence_size_hashes_and_commands(shared: Hub) -> None:
    answer = shared.ask("/")
    text = html.unescape(answer.data.decode())
    assert answer.headers["Content-Type"].startswith("text/html")
    for expected in (
        "2 models",
        "Gemma Terms of Use: open with restrictions",
        "MIT: open source",
        "3.5 MB",
        hashlib.sha256(APPLE).hexdigest(),
        f"HF_ENDPOINT={shared.address} hf download freehold/apple",
        f"ollama pull --insecure {shared.address}/freehold/apple",
        f"curl -LOC - {shared.address}/freehold/apple/resolve/main/apple-Q4_0.gguf",
        f"freehold get peer:{shared.host}/apple",
        'href="/freehold/apple/resolve/main/LICENSE">Its text</a>',
        'alt="A QR code',
    ):
        assert expected in text, expected
    assert "secret" not in text
    assert "<script" not in text


def test_every_link_on_it_leads_to_what_it_says(shared: Hub) -> None:
    page = shared.ask("/").data.decode()
    links = {html.unescape(link) for link in re.findall(r'(?:href|src)="(/[^"]*)"', page)}
    assert len(links) > 10
    for link in links:
        answer = shared.ask(link)
        assert answer.status == 200, link
    rows = re.findall(r'<a href="([^"]+)">[^<]*</a></td><td>[^<]*</td><td><code>(\w+)', page)
    for link, digest in rows:
        assert hashlib.sha256(shared.ask(html.unescape(link)).data).hexdigest() == digest


def test_it_is_dressed_from_here_alone(shared: Hub) -> None:
    policy = shared.ask("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert shared.ask("/assets/hub.css").headers["Content-Type"].startswith("text/css")
    assert shared.ask("/assets/chat.js").status == 404


def test_a_shared_file_is_no_page_of_ours(shared: Hub) -> None:
    """What others wrote must not run as if it were this page."""
    answer = shared.ask("/freehold/apple/resolve/main/LICENSE")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_it_says_who_vouched_by_code_and_not_whom_its_owner_knows(
    my_orchard: Path, share: Share, tmp_path: Path
) -> None:
    ana = own_identity(tmp_path / "ana", "Ana <b>")
    KnownKeys(my_orchard).trust(ana.key, "my sister")
    with Store.open(my_orchard) as store:
        model = sign(store, store.find("apple"), ana, SILENT)
        store.sign(model, "nonsense")
    page = share(my_orchard, "apple", "pear").ask("/").data.decode()
    text = html.unescape(page)
    assert f"signed by a key (it calls itself Ana <b>; code {ana.key.code}), " in text
    assert "a signature that cannot be read" in text
    assert "Ana &lt;b&gt;" in page
    assert page.count('class="vouched"') == 1
    assert "my sister" not in text
