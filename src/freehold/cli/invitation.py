"""Shows how to reach the server from the local network: addresses, the key, a QR code."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from freehold.cli.terminal import note

if TYPE_CHECKING:
    from freehold.actions.invitation import Invitation


def show(invitation: Invitation) -> None:
    """To standard error. The key is shown where it was made just now, and never again."""
    if not invitation.addresses:
        note("This machine has no address on a local network now.")
    for address in invitation.addresses:
        note(f"On your local network: {address} (OpenAI: {address}/v1)")
    if invitation.secret is None:
        note("A key is wanted: one that you made before, or freehold key add NAME for a new one.")
        return
    note(f"Key: {invitation.secret}")
    note("It is shown this once. `freehold key remove 'local network'` ends it.")
    note("Whoever listens on the network can read along: it is not encrypted.")
    if invitation.link is not None:
        note(qr_code(invitation.link))


def qr_code(text: str) -> str:
    """A QR code in half blocks, for a terminal that is dark or light."""
    import segno

    out = io.StringIO()
    segno.make(text, error="m").terminal(out=out, compact=True, border=2)
    return out.getvalue() if sys.stderr.isatty() else text
