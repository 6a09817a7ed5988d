"""Bugs: the visitor gets a page, and the log gets the place but no text of the error."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)


class ErrorMiddleware:
    """Catches what Starlette would pass on to the server: its log would quote what people wrote."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            log.info("a visitor left before the request was complete")
        except Exception as error:
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a bug, %s:\n%s", type(error).__name__, where)
            await self._answer(Request(scope))(scope, receive, send)
