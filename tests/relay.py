"""A server between a client and a hub, which may change what it passes on."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Change = Callable[[str, bytes], "bytes | str"]
"""From a path and the hub's answer to what is passed on: other bytes, or an address to go to."""


@contextmanager
def relay(hub: str, change: Change = lambda _, body: body, *, as_hub: bool = True) -> Iterator[str]:
    """Its `host:port`. With `as_hub` it asks the hub by the hub's own name, else by its own."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

        def do_GET(self) -> None:
            asked = urllib.request.Request(hub + self.path)
            if not as_hub:
                asked.add_header("Host", self.headers["Host"])
            try:
                with urllib.request.urlopen(asked, timeout=10) as answer:
                    status, body = answer.status, answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    status, body = error.code, error.read()
            passed = change(self.path, body)
            if isinstance(passed, str):
                self.send_response(302)
                self.send_header("Location", passed)
                passed = b""
            else:
                self.send_response(status)
            self.send_header("Content-Length", str(len(passed)))
            self.end_headers()
            self.wfile.write(passed)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
