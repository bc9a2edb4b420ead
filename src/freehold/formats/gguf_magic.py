"""What a file is that should have been a GGUF and is not: the mistakes people meet."""

from __future__ import annotations

_GET_FILE = "Fetch the model file itself."


def what_instead(head: bytes) -> tuple[str, str]:
    """Name what the first bytes of a file look like, and say what to try. Never raises."""
    start = head.lstrip()[:64].lower()
    if not head.strip(b"\0"):
        return (
            "it begins with nothing but zeros",
            "It may be an unfinished download: fetch it again, or `freehold repair` it.",
        )
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "it is a web page, not a model", "The address led to a page about it. " + _GET_FILE
    if start.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer, a note of where the model is", _GET_FILE
    if start.startswith((b"{", b"[")):
        return "it is JSON text, not a model", _GET_FILE
    if head.startswith((b"lmgg", b"fmgg", b"tjgg", b"algg")):
        return (
            "it is in a ggml format from before GGUF (August 2023)",
            "llama.cpp no longer reads it. Look for a newer file of the same model.",
        )
    if head.startswith((b"PK\x03\x04", b"\x80\x02")):
        return (
            "it is a zip or a pickle, such as PyTorch writes",
            "Look for a GGUF of the same model.",
        )
    if head[8:9] == b"{":
        return "it looks like safetensors", "Look for a GGUF of the same model."
    return (
        'it does not begin with "GGUF"',
        "It is no model file, or its beginning is damaged: fetch it again.",
    )
