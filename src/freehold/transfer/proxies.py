"""Which way out a request takes: straight, or through the proxy that the environment names.

The standard library knows the conventions of each platform (HTTPS_PROXY and its kin, NO_PROXY,
the system settings of macOS and Windows); this asks it, and keeps this machine's own addresses
out of every proxy.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from freehold.errors import UsageError


def is_loopback(host: str | None) -> bool:
    """Whether a host of an address is this very machine."""
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def proxy_for(url: str) -> str | None:
    """The proxy that a request to `url` goes through, or None. Raises UsageError on a SOCKS one."""
    parts = urlsplit(url)
    if is_loopback(parts.hostname) or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if not proxy.startswith(("http://", "https://")):
        raise UsageError(
            f"The proxy {urlsplit(proxy).scheme}://… is of a kind Freehold cannot use.",
            "Name an HTTP proxy in HTTPS_PROXY, or except the host in NO_PROXY.",
        )
    return proxy
