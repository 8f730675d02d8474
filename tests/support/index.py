"""A small index over HTTP on this machine: the files of a folder, with their hashes, behind a password or not."""

from __future__ import annotations

import base64
import hashlib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["index"]


@contextmanager
def index(folder: Path, *, user: str = "", password: str = "") -> Iterator[str]:
    """Serve *folder* and yield its address: ``simple/NAME/`` are its pages (PEP 503), ``files/`` the files themselves.

    With *user*, nothing is given without that name and *password*.
    """
    wanted = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}" if user else None

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if wanted is not None and self.headers.get("Authorization") != wanted:
                self._answer(401, b"who are you?", "text/plain")
                return
            folder_name, _, name = unquote(urlsplit(self.path).path).strip("/").partition("/")
            if folder_name == "simple":
                self._answer(200, _page(folder, name).encode(), "text/html")
            elif folder_name == "files" and (folder / name).is_file():
                self._answer(200, (folder / name).read_bytes(), "application/octet-stream")
            else:
                self._answer(404, b"", "text/plain")

        def do_HEAD(self) -> None:
            self.do_GET()

        def _answer(self, code: int, content: bytes, kind: str) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if code == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _page(folder: Path, name: str) -> str:
    rows = (
        f'<a href="/files/{file.name}#sha256={hashlib.sha256(file.read_bytes()).hexdigest()}">{file.name}</a>'
        for file in sorted(folder.iterdir())
        if canonicalize_name(file.name.split("-")[0]) == name
    )
    return f"<!DOCTYPE html><html><body>{'<br>'.join(rows)}</body></html>"
