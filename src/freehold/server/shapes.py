"""What an error looks like in each protocol. The path says which protocol was spoken."""

from __future__ import annotations

import json
from typing import Any

_OPENAI_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
}
_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}


def error_body(path: str, status: int, message: str, code: str | None = None, **more: Any) -> bytes:
    """The JSON of an error; `code` and `more` are kept where the protocol has room for them."""
    return json.dumps(error_document(path, status, message, code, **more)).encode()


def error_document(
    path: str, status: int, message: str, code: str | None = None, **more: Any
) -> dict[str, Any]:
    """The same, before it is written out."""
    if path.startswith("/v1/messages"):
        kind = _ANTHROPIC_TYPES.get(status, "api_error" if status >= 500 else _REFUSED)
        return {"type": "error", "error": {"type": kind, "message": message, **more}}
    if path.startswith("/api/"):
        return {"error": message, **more}
    kind = _OPENAI_TYPES.get(status, "server_error" if status >= 500 else _REFUSED)
    error = {"message": message, "type": kind, "param": None, "code": code, **more}
    return {"error": error}


_REFUSED = "invalid_request_error"
