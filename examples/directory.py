"""A vendor's directory to try things with: what it knows is a JSON file, see directory.json.

uv run examples/directory.py
CLAIMS_DIRECTORY_URL=http://127.0.0.1:8400 uv run worker.py
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FACTS = Path(__file__).with_name("directory.json")
EACH_SUBSCRIPTION = {"active": True, "reseller": False, "provisioned": True}
"""Where the file says nothing else."""


def problems(facts: dict[str, Any], question: dict[str, Any]) -> Iterator[str]:
    location, program = question["mpn_id"], question["program"]
    if program not in facts["locations"].get(location, []):
        yield f"The MPN location {location} is not enrolled in {program}."
    tenant = facts["tenants"].get(question["tenant_id"])
    if tenant is None:
        yield f"There is no tenant {question['tenant_id']}."
        return
    if question["domain"].lower() not in tenant["domains"]:
        yield f"The domain {question['domain']} does not belong to the tenant."
    for product in question["products"]:
        yield from problems_of_product(tenant["subscriptions"], product)


def problems_of_product(known: list[dict[str, Any]], asked: dict[str, Any]) -> Iterator[str]:
    for each in known:
        if (each["product"], each.get("id")) == (asked["code"], asked["subscription_id"]):
            subscription = EACH_SUBSCRIPTION | each
            break
    else:
        yield f"The tenant has no such subscription of {asked['name']}."
        return
    if not subscription["active"]:
        yield f"The subscription of {asked['name']} is not active."
    if subscription["reseller"]:
        yield f"The subscription of {asked['name']} was bought through a reseller."
    if not subscription["provisioned"]:
        yield f"The subscription of {asked['name']} is not provisioned."


def places(facts: dict[str, Any], question: dict[str, Any]) -> dict[str, Any]:
    """Where partner and customer are, as far as the file says it."""
    known = facts.get("places", {})
    found = {
        "partner_place": known.get(question["mpn_id"]),
        "customer_place": known.get(question["tenant_id"]),
    }
    return {name: place for name, place in found.items() if place}


def directory(facts: dict[str, Any]) -> type[BaseHTTPRequestHandler]:
    class Directory(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                length = int(self.headers.get("Content-Length", 0))
                question = json.loads(self.rfile.read(length))
                found = list(problems(facts, question))
            except (ValueError, TypeError, KeyError, AttributeError):
                self.send_error(400, "This is no question")
                return
            answer = {"answer": "no", "problems": found} if found else {"answer": "yes"}
            answer |= places(facts, question)
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Directory


def main() -> None:
    parser = argparse.ArgumentParser(description="An example of a vendor's directory.")
    parser.add_argument("--port", type=int, default=8400, help="0 for a free one")
    parser.add_argument("--facts", type=Path, default=FACTS, help="a JSON file of what it knows")
    options = parser.parse_args()
    try:
        facts = json.loads(options.facts.read_text("utf-8"))
        server = ThreadingHTTPServer(("127.0.0.1", options.port), directory(facts))
    except (OSError, ValueError, OverflowError) as error:
        parser.error(str(error))
    sys.stdout.write(f"The directory listens at http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
