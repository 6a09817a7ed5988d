"""Starts the stack of docker-compose.yml as processes of this machine, until Ctrl-C.

    uv run python -m tests.stack [--build]

What is missing is built first, from the Go module proxy, and kept in the user's cache folder.
With --build nothing is started.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from cpor import exits
from cpor.engine import EngineError
from cpor.signals import Stop
from tests.stack import compose
from tests.stack.parts import NotUp
from tests.stack.programs import Missing, programs
from tests.stack.running import running
from tests.stack.services import TEMPORAL


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main(only_build: bool) -> int:
    try:
        found = await programs(tell)
        if only_build:
            tell("All programs are there.")
            return 0
        stop = Stop()
        async with running(found) as stack:
            services = stack.services
            worker = services.native("worker").environment
            tell(f"Temporal: TEMPORAL_ADDRESS={worker['TEMPORAL_ADDRESS']}")
            tell(f"          TEMPORAL_NAMESPACE={compose.namespace()}")
            tell(f"Mailbox:  {services.url(compose.MAILBOX_UI)}")
            tell(f"Page:     {services.url(compose.PAGE)}")
            tell(f"Store:    AWS_ENDPOINT={services.url(compose.STORE)}")
            tell(f"Keys, secrets, logs: {stack.folder} ({TEMPORAL}.log and others in logs)")
            tell("All of it runs. Ctrl-C ends and removes it.")
            await stop.requested
    except (Missing, NotUp, EngineError) as error:
        tell(str(error))
        return exits.BROKEN
    return 0


if __name__ == "__main__":
    parser = ArgumentParser(prog="tests.stack")
    parser.add_argument("--build", action="store_true", help="build what is missing, start nothing")
    exits.run(main(parser.parse_args().build))
