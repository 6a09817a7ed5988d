"""Signs what reviewers say, once the company's login has said who they are.

It takes an OpenID Connect token, looks whether it is from the company's login, for this service and
of somebody in the reviewers' group, writes that person into the message and signs it. What it gives
back is sent to the claim as it is, by whoever asked: this service itself never speaks to Temporal.

uv run examples/reviewers_signer.py --key reviewers.key.json \\
    --issuer https://login.company.example --keys https://login.company.example/keys \\
    --audience claims --group claims-reviewers

POST /sign {"claim": "CPOR-7Q2M4X", "name": "approve", "message": {"note": "All there."}}
Authorization: Bearer (the token)
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import jwt

sys.path.insert(0, str(Path(__file__).parents[1]))

from cpor.proofs import KeyUnusable, Signer
from cpor.rules import messages
from cpor.rules.errors import Invalid
from cpor.rules.lifecycle import senders_of

MOST_BYTES = 64 * 1024
ALGORITHMS = ("RS256", "ES256", "EdDSA")


class NotAllowed(Exception):
    """Whoever asks may not: the status of the answer, and why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Login:
    """The company's, and who there is a reviewer."""

    issuer: str
    audience: str
    group: str
    keys: jwt.PyJWKClient

    def person(self, authorization: str) -> dict[str, str]:
        """Who it is, as the claim will know them."""
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer":
            raise NotAllowed(401, "Send a token of the company's login.")
        try:
            found = jwt.decode(
                token,
                self.keys.get_signing_key_from_jwt(token),
                algorithms=ALGORITHMS,
                issuer=self.issuer,
                audience=self.audience,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise NotAllowed(401, f"This token is not taken: {error}") from None
        groups = found.get("groups")
        # Of a text, `in` would find a part.
        if not isinstance(groups, list) or self.group not in groups:
            raise NotAllowed(403, "Only reviewers may sign here.")
        # `sub` never changes and is never given to another person; a name or an address may be.
        return {"role": "reviewer", "id": str(found["sub"])}


def signed(signer: Signer, by: dict[str, str], asked: dict[str, Any]) -> dict[str, Any]:
    claim, name, message = asked["claim"], asked["name"], asked["message"]
    if "reviewer" not in senders_of(name):
        raise NotAllowed(403, f"{name} is not for reviewers.")
    whole = {"id": uuid.uuid4().hex, **message, "by": by}
    messages.read(name, [whole])
    return signer.sign(claim, name, whole)


def service(login: Login, signer: Signer) -> type[BaseHTTPRequestHandler]:
    class Service(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            try:
                if self.path != "/sign":
                    raise NotAllowed(404, "Only /sign is here.")
                by = login.person(self.headers.get("Authorization", ""))
                self._answer(200, signed(signer, by, self._asked()))
            except NotAllowed as refusal:
                self._answer(refusal.status, {"error": str(refusal)})
            except (Invalid, KeyUnusable) as error:
                self._answer(422, {"error": str(error)})
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                self._answer(400, {"error": "Send claim, name and message as one JSON object."})

        def _asked(self) -> dict[str, Any]:
            length = int(self.headers.get("Content-Length", 0))
            if not 0 <= length <= MOST_BYTES:
                raise NotAllowed(413, f"At most {MOST_BYTES} bytes are taken.")
            return cast("dict[str, Any]", json.loads(self.rfile.read(length)))

        def _answer(self, status: int, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing: a claim's id and a person's are nobody's business here."""

    return Service


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("key", "issuer", "keys", "audience", "group"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, default=8500)
    wanted = parser.parse_args()
    login = Login(
        wanted.issuer, wanted.audience, wanted.group, jwt.PyJWKClient(wanted.keys, timeout=10)
    )
    try:
        handler = service(login, Signer.from_file(wanted.key))
        server = ThreadingHTTPServer(("127.0.0.1", wanted.port), handler)
    except (KeyUnusable, OSError, OverflowError) as error:
        parser.error(str(error))
    with server, contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(f"Signing at http://127.0.0.1:{server.server_port}/sign\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
