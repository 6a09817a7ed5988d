"""The trusted keys, from a file or an address: how large a set may be."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from activities.proofs import MOST_OF_A_SET, FollowedKeys
from cpor.proofs import KeyUnusable

LARGE = json.dumps({"keys": []}) + " " * 100_000
TOO_LARGE = json.dumps({"keys": []}) + " " * MOST_OF_A_SET


@pytest.fixture(params=["file", "address"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A file, and where a worker reads it: there, or from a server."""
    file = tmp_path / "keys.json"
    if request.param == "file":
        yield file, str(file)
        return

    class Serves(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(file.read_bytes())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Serves) as server:
        threading.Thread(target=server.serve_forever).start()
        yield file, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_a_large_set_is_read_whole(place: tuple[Path, str]) -> None:
    file, where = place
    file.write_text(LARGE)
    await FollowedKeys(where).read()


async def test_one_that_is_too_large_is_refused_and_says_so(place: tuple[Path, str]) -> None:
    file, where = place
    file.write_text(TOO_LARGE)
    with pytest.raises(KeyUnusable, match="it has more than 1048576 bytes"):
        await FollowedKeys(where).read()
