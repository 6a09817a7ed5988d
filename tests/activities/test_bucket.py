"""The store as a bucket over HTTP: signed requests, with the secret from a file.

A fake bucket is always there. With `versitygw` on the PATH, the one of docker-compose.yml, the same
is told of a real one: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from cpor.engine.ports import free_ports
from cpor.settings import LOOPBACK, secret_files
from cpor.store import FileMissing, RecordTaken, Store, StoreError, Traces
from tests.activities.facts import CLAIM

SECRET = "hush-hush-hush"
RECORD = {"run": "run-1", "partner": {"mpn_id": "4912345"}}


@contextmanager
def fake_bucket(_: Path) -> Generator[str]:
    """Keeps what it is sent in memory, and refuses whoever does not sign."""
    objects: dict[str, bytes] = {}
    parts: dict[str, dict[int, bytes]] = {}

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            content = self._content()
            path, _, query = self.path.partition("?")
            if "AWS4-HMAC-SHA256 Credential=claims/" not in self.headers.get("Authorization", ""):
                self._answer(403)
            elif self.headers.get("If-None-Match") == "*" and path in objects:
                self._answer(412)
            else:
                if query:
                    parts[path][int(dict(parse_qsl(query))["partNumber"])] = content
                else:
                    objects[path] = content
                self._answer(200)

        def do_POST(self) -> None:
            """A file that comes in parts begins or is whole, or several are deleted."""
            content = self._content()
            path, _, query = self.path.partition("?")
            if query == "delete":
                keys = re.findall(r"<Key>(.*?)</Key>", content.decode())
                for key in keys:
                    objects.pop(f"{path}/{key}", None)
                deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
                self._answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())
                return
            if query.startswith("uploads"):
                parts[path], tag, inside = {}, "Initiate", "<UploadId>1</UploadId>"
            else:
                objects[path] = b"".join(parts[path][number] for number in sorted(parts[path]))
                tag, inside = "Complete", "<ETag>1</ETag>"
            whose = "<Bucket>claims</Bucket><Key>any</Key>"
            name = f"{tag}MultipartUploadResult"
            self._answer(200, f"<{name}>{whose}{inside}</{name}>".encode())

        def do_DELETE(self) -> None:
            """It comes in parts no more."""
            self._answer(204)

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            asked = dict(parse_qsl(query))
            if "list-type" in asked:
                self._answer(200, _listing(path, [*objects], asked.get("prefix", "")))
                return
            found = objects.get(self.path)
            self._answer(404) if found is None else self._answer(200, found)

        def _content(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def _answer(self, status: int, content: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", '"1"')
            self.send_header("Last-Modified", "Sat, 21 Nov 2026 12:00:00 GMT")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer((LOOPBACK, 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()


def _listing(bucket: str, paths: list[str], prefix: str) -> bytes:
    keys = [path.removeprefix(f"{bucket}/") for path in paths]
    rest = "<LastModified>2026-11-21T12:00:00.000Z</LastModified><Size>1</Size><ETag>1</ETag>"
    found = "".join(
        f"<Contents><Key>{key}</Key>{rest}</Contents>" for key in keys if key.startswith(prefix)
    )
    return f"<ListBucketResult>{found}<IsTruncated>false</IsTruncated></ListBucketResult>".encode()


@contextmanager
def real_bucket(folder: Path) -> Generator[str]:
    program = shutil.which("versitygw")
    if program is None:
        pytest.skip("versitygw is not on the PATH")
    (folder / "claims").mkdir(parents=True)
    (port,) = free_ports(1)
    address = f"{LOOPBACK}:{port}"
    with subprocess.Popen(
        [program, "--port", address, "--health", "/health", "posix", str(folder)],
        env={**os.environ, "ROOT_ACCESS_KEY_ID": "claims", "ROOT_SECRET_ACCESS_KEY": SECRET},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert _answers(address)
            yield f"http://{address}"
        finally:
            process.terminate()


def _answers(address: str) -> bool:
    for _ in range(100):
        try:
            connection = HTTPConnection(address, timeout=5)
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            time.sleep(0.1)
    return False


@pytest.fixture(params=[fake_bucket, real_bucket], ids=["a_fake_bucket", "a_real_bucket"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "aws_secret_access_key").write_text(f"{SECRET}\n")
    with request.param(tmp_path / "bucket") as url:
        for name, value in {
            secret_files.FOLDER: str(secrets),
            "AWS_ENDPOINT": url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "claims",
            "AWS_SECRET_ACCESS_KEY": "",
        }.items():
            monkeypatch.setenv(name, value)
        assert list(secret_files.take(os.environ, ())) == []
        yield Store.open("s3://claims")


async def test_a_file_goes_in_and_is_sealed_and_read(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "sow.pdf"
    file.write_bytes(b"statement of work\n" * 50_000)
    proof = await store.upload(CLAIM, file)
    assert await store.seal(CLAIM, proof.sha256, proof.size) == "sealed"
    read = b"".join([piece async for piece in store.read(CLAIM, proof.sha256)])
    assert read == file.read_bytes()
    assert await store.seal(CLAIM, "0" * 64, 1) == "missing"
    assert await store.seal(CLAIM, proof.sha256, proof.size) == "sealed"


async def test_a_bucket_gives_no_claim_the_file_of_another(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "sow.pdf"
    file.write_bytes(b"statement of work\n")
    proof = await store.upload(CLAIM, file)
    for _ in ("only uploaded", "sealed"):
        assert await store.seal("CPOR-THIEF", proof.sha256, proof.size) == "missing"
        with pytest.raises(FileMissing):
            await store.save("CPOR-THIEF", proof.sha256, tmp_path / "loot.pdf")
        assert await store.seal(CLAIM, proof.sha256, proof.size) == "sealed"


async def test_a_record_is_kept_once(store: Store) -> None:
    await store.write_record(CLAIM, RECORD)
    with pytest.raises(RecordTaken):
        await store.write_record(CLAIM, {**RECORD, "run": "run-2"})
    assert await store.read_record(CLAIM) == RECORD
    await store.write_record(CLAIM, {**RECORD, "version": 2})
    assert await store.read_record(CLAIM) == {**RECORD, "version": 2}
    assert await store.read_record(CLAIM, 1) == RECORD
    assert [each async for each in store.recorded()] == [CLAIM]


async def test_a_no_and_an_event_stand_as_they_came_first(store: Store) -> None:
    await store.keep_no(CLAIM, "notice", {"note": "No."})
    await store.keep_no(CLAIM, "notice", {"note": "Yes."})
    assert await store.read_no(CLAIM, "notice") == {"note": "No."}
    assert await store.note_sent(CLAIM, "event", "a")
    assert await store.note_sent(CLAIM, "event", "a")
    assert not await store.note_sent(CLAIM, "event", "b")
    assert await store.traces(CLAIM) == Traces(noes=("notice",), sent=("event",))
    assert await store.traced_since() == [CLAIM]


async def test_without_leave_nothing_is_sent_unencrypted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    with pytest.raises(StoreError):
        await Store.open("s3://claims").write_record(CLAIM, RECORD)
