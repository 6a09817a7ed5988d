"""An incentive engine to try things with: verifies each event, enters it once, and may answer it.

uv run examples/eligibility_engine.py --answer eligible
It prints the command for a worker that hands on to it. Where claims take only what is signed, name
its key with CLAIMS_SIGNING_KEY or --key.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import shlex
import sys
from base64 import b64encode
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

sys.path.insert(0, str(Path(__file__).parents[1]))

from cpor import ClaimsClient
from cpor.proofs import KeyUnusable, Signer

READY, RECALLED = "cpor.claim.ready-for-eligibility", "cpor.claim.recalled"
ASKED_AGAIN = "cpor.claim.asked-again"
TYPES = (READY, ASKED_AGAIN, RECALLED)
LARGEST = 1024 * 1024


class Refused(Exception):
    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


def verified(keys: list[Webhook], headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """The event, if any of our keys signed it within five minutes of now."""
    why = ""
    for key in keys:
        try:
            key.verify(body, headers, json_parse=False)
            return understood(body, headers["webhook-id"])
        except WebhookVerificationError as error:
            why = str(error)
        except (ValueError, KeyError):
            why = "The signature cannot be read"
    raise Refused(HTTPStatus.UNAUTHORIZED, why)


def understood(body: bytes, signed_id: str) -> dict[str, Any]:
    try:
        event = json.loads(body)
        known = event["type"] in TYPES and isinstance(event["data"]["claim_id"], str)
        fits = event["id"] == signed_id
    except (ValueError, TypeError, KeyError):
        raise Refused(HTTPStatus.BAD_REQUEST, "This is no event") from None
    if not known or not fits:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "This is no event for me")
    return event


class Ledger:
    """Each event once, one line of JSON each."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        self._file, self._lock = file, Lock()
        try:
            entries = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
            self._events: dict[str, dict[str, Any]] = {event["id"]: event for event in entries}
        except (ValueError, TypeError, KeyError):
            raise ValueError(f"{file} is no ledger: each line must be an event") from None

    def enter(self, event: dict[str, Any]) -> bool:
        """Whether it is new. It is on the disk before anybody is told that it was taken."""
        with self._lock:
            if event["id"] in self._events:
                return False
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event) + "\n")
                file.flush()
                os.fsync(file.fileno())
            self._events[event["id"]] = event
            return True

    def recalled(self, event_id: str) -> bool:
        with self._lock:
            return any(event["data"].get("recalls") == event_id for event in self._events.values())


class Judge:
    """Answers a hand-off by itself after a while, or says how a human can."""

    def __init__(self, ledger: Ledger, outcome: str | None, after: float, key: str | None) -> None:
        self._ledger, self._outcome, self._after = ledger, outcome, after
        self._signer = Signer.from_file(key) if key else None

    def hear(self, event: dict[str, Any]) -> None:
        """Also what came before: the first answer may have got lost."""
        if event["type"] == RECALLED:
            return
        if self._outcome is None:
            say(f"Answer with: {command(event, message(event, 'eligible'))}")
            return
        timer = Timer(self._after, self._answer, [event, message(event, self._outcome)])
        timer.daemon = True
        timer.start()

    def _answer(self, event: dict[str, Any], answer: dict[str, Any]) -> None:
        if self._ledger.recalled(first_id(event)):
            say(f"{event['id']} was recalled: no answer.")
            return
        try:
            asyncio.run(tell(event["data"]["claim_id"], answer, self._signer))
        except Exception as error:
            say(f"Not answered: {error}\nDo it with: {command(event, answer)}")
        else:
            say(f"{event['id']} was answered: {answer['outcome']}.")


def message(event: dict[str, Any], outcome: str) -> dict[str, Any]:
    """The same answer to the same event is the same message, however often it is sent."""
    by = {"role": "system", "id": "incentives"}
    return {"id": f"{first_id(event)}.{outcome}", "by": by, "outcome": outcome}


def first_id(event: dict[str, Any]) -> str:
    """Of the hand-off, where this event only asks for its result again."""
    return event["data"].get("asks_again", event["id"])


def command(event: dict[str, Any], answer: dict[str, Any]) -> str:
    words = [event["data"]["claim_id"], "eligibility_result", json.dumps(answer)]
    return f"uv run starter.py send {shlex.join(words)}"


async def tell(claim_id: str, answer: dict[str, Any], signer: Signer | None) -> None:
    store_url = os.environ.get("CLAIMS_STORE_URL", "var/store")
    async with ClaimsClient.connect(store_url, signer=signer) as claims:
        await claims.send(claim_id, "eligibility_result", answer)


class Server(ThreadingHTTPServer):
    request_queue_size = 100
    """Where the usual five wait, a sixth is turned away."""


def receiver(keys: list[Webhook], ledger: Ledger, judge: Judge) -> type[BaseHTTPRequestHandler]:
    class Receiver(BaseHTTPRequestHandler):
        timeout = 30

        def do_POST(self) -> None:
            try:
                new = self._take()
            except Refused as refused:
                return self._reply(refused.status, f"{refused}.")
            self._reply(HTTPStatus.OK, "Entered." if new else "Entered before.")

        def _take(self) -> bool:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal():
                raise Refused(HTTPStatus.LENGTH_REQUIRED, "Say with Content-Length how long it is")
            if int(length) > LARGEST:
                raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is too long")
            headers = {name.lower(): value for name, value in self.headers.items()}
            event = verified(keys, headers, self.rfile.read(int(length)))
            if new := ledger.enter(event):
                say(f"{event['id']} was entered.")
            judge.hear(event)
            return new

        def _reply(self, status: HTTPStatus, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(content := text.encode())))
            self.end_headers()
            self.wfile.write(content)

    return Receiver


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description="An example of an incentive engine.")
    parser.add_argument("--port", type=int, default=8401, help="0 for a free one")
    parser.add_argument(
        "--keys", nargs="+", metavar="whsec_…", help="unset: one is made at each start"
    )
    parser.add_argument("--ledger", type=Path, default=Path("var/ledger.jsonl"), metavar="FILE")
    parser.add_argument(
        "--answer", choices=["eligible", "not_eligible"], help="unset: a human does"
    )
    parser.add_argument(
        "--key",
        metavar="FILE",
        default=os.environ.get("CLAIMS_SIGNING_KEY"),
        help="signs its answers; default: what CLAIMS_SIGNING_KEY names",
    )
    parser.add_argument("--after", type=float, default=1.0, metavar="SECONDS", help="default: 1")
    options = parser.parse_args()
    keys = options.keys or ["whsec_" + b64encode(secrets.token_bytes(32)).decode()]
    try:
        ledger = Ledger(options.ledger)
        judge = Judge(ledger, options.answer, options.after, options.key)
        handler = receiver([Webhook(key) for key in keys], ledger, judge)
        server = Server(("127.0.0.1", options.port), handler)
    except (
        OSError,
        ValueError,
        KeyError,
        OverflowError,
        EmptyWebhookSecretError,
        KeyUnusable,
    ) as error:
        parser.error(str(error))
    url = f"http://127.0.0.1:{server.server_port}"
    say(f"The incentive engine listens at {url}")
    if not options.keys:
        say(f"CLAIMS_HAND_OFF_URL={url} CLAIMS_HAND_OFF_KEYS={keys[0]} uv run worker.py")
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
