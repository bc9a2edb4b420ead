"""What went wrong on the network, in a sentence: from urllib3's exceptions and HTTP's status codes.

Every sentence names the host. Nothing of urllib3 gets past here.
"""

from __future__ import annotations

import ssl
from http.client import IncompleteRead
from urllib.parse import urlsplit

from urllib3 import exceptions

from freehold.errors import AccessDenied, NotFound, SourceError, Unreachable

_CONNECTION = "Check the connection, then run the same command again: it goes on where it stopped."
_AUTHORITY = (
    "If your network has a certificate authority of its own, name its file in SSL_CERT_FILE."
)


def host_of(url: str) -> str:
    """The host of an address, with its port where it is not the usual one."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or url, parts.port
    except ValueError:
        return url[:80]
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if port in (None, usual) else f"{host}:{port}"


def from_exception(error: Exception, url: str) -> SourceError:
    """The house's error for one of urllib3's (or of the socket below it)."""
    host = host_of(url)
    cause: BaseException | None = getattr(error, "original_error", None) or error.__cause__
    match error:
        case exceptions.ProxyError():
            hint = "Look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
            return Unreachable(f"The proxy on the way to {host} does not let through.", hint)
        case exceptions.NameResolutionError():
            return Unreachable(f"No machine called {host} was found.", _CONNECTION)
        case exceptions.NewConnectionError():
            return Unreachable(f"{host} does not answer: {_reason(cause)}.", _CONNECTION)
        case exceptions.ConnectTimeoutError():
            return Unreachable(f"{host} did not answer in time.", _CONNECTION)
        case exceptions.TimeoutError():
            return Unreachable(f"{host} stopped sending.", _CONNECTION)
        case exceptions.SSLError():
            return _tls(host, error.args[0] if error.args else cause)
        case exceptions.LocationValueError():
            return unusable(url)
        case exceptions.HTTPError():
            if isinstance(cause, IncompleteRead):
                return Unreachable(f"{host} broke off before the end.", _CONNECTION)
            return Unreachable(f"{host} broke off: {_reason(cause)}.", _CONNECTION)
    return Unreachable(f"{host} cannot be reached: {_reason(error)}.", _CONNECTION)


def unusable(url: str) -> NotFound:
    """The error for what is no address at all."""
    return NotFound(f"{url[:200]!r} is not a usable address.")


def from_status(status: int, url: str, what: str, code: str | None = None) -> SourceError:
    """The house's error for an answer that is not the thing asked for. `what` names the thing."""
    host = host_of(url)
    match status:
        case 404 | 410:
            return NotFound(f"{host} has no {what}.", "Check the spelling of the name.")
        case 401 | 407:
            return AccessDenied(f"{host} wants a key before it gives {what}.")
        case 403 | 451:
            return AccessDenied(f"{host} refuses to give {what} (HTTP {status}).")
        case 429:
            return Unreachable(f"{host} says that it was asked too often.", "Wait a while.")
    if status >= 500:
        hint = "That is a fault over there: try again later, or another source."
        return Unreachable(f"{host} failed over {what} (HTTP {status}).", hint)
    return SourceError(f"{host} answered HTTP {status}{f' ({code})' if code else ''} for {what}.")


def _tls(host: str, cause: object) -> SourceError:
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = cause.verify_message or "its certificate is not trusted"
        return Unreachable(f"{host} could not prove who it is: {why}.", _AUTHORITY)
    return Unreachable(f"{host} and this machine found no secure way to talk: {cause}.")


def _reason(cause: BaseException | None) -> str:
    if cause is None:
        return "no reason given"
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return (str(cause) or type(cause).__name__)[:200].rstrip(".")
