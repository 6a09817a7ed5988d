"""A consent window that ends after a second, with no day skipped and no rule changed.

The customer's mail server is said to have taken the notice a window ago. So the engine runs one
short timer, in the bench and at the floor alike.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import activity

from bench.floor import SHORT
from cpor.rules.effects.notice import Notice, NoticeDebt, NoticeResult


def taken_long_ago(
    send: Callable[[Notice], Awaitable[NoticeResult]],
) -> Callable[[Notice], Awaitable[NoticeResult]]:
    """The same activity; only of the consent notice it says so."""

    @activity.defn(name=NoticeDebt.activity)
    async def send_notice(notice: Notice) -> NoticeResult:
        result = await send(notice)
        if notice.kind != "consent" or notice.promise is None:
            return result
        window = notice.promise.window
        end = result.at + SHORT
        printed = {"printed_end": end} if result.printed_end else {}
        return result.model_copy(update={"at": end - timedelta(days=window.amount), **printed})

    return send_notice
