"""Every message as a signal and as an update, by the same name and through the same rules.

A handler takes whatever payloads come: none, many, unreadable. It never waits: the claim answers at
once, and the loop notices that something changed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from cpor.contract.forms import form_of
    from cpor.rules.errors import MOST_NAMED, Invalid, Refused
    from cpor.rules.messages import MESSAGES, Message, Receipt

from workflows import metrics


class MessageHandlers(ABC):
    """Base of a workflow that is told each of the messages, and is told of names that are none."""

    @abstractmethod
    def hear(self, name: str, payloads: Sequence[object]) -> Receipt:
        """A signal: nobody waits for the answer."""

    @abstractmethod
    def take(self, name: str, payloads: Sequence[object]) -> Receipt:
        """An update: raises `Refused`."""

    @abstractmethod
    def check(self, name: str, payloads: Sequence[object]) -> None:
        """Raises what `take` would, and changes nothing."""

    @workflow.signal(dynamic=True, description="Any other name is refused, and the page says so.")
    def _unknown_signal(self, name: str, payloads: Sequence[RawValue]) -> None:
        _heard(self, name, payloads)

    @workflow.update(dynamic=True, description="Any other name is refused.")
    def _unknown_update(self, name: str, payloads: Sequence[RawValue]) -> Receipt:
        return _taken(self, name, payloads)

    @_unknown_update.validator
    def _validate_unknown(self, name: str, payloads: Sequence[RawValue]) -> None:
        _checked(self, name, payloads)


def refusal(refused: Refused) -> ApplicationError:
    """Its details are what is wrong, field by field, for clients that show it beside the field."""
    found = refused.problems[:MOST_NAMED] if isinstance(refused, Invalid) else ()
    details = [{"field": each.field, "text": each.text} for each in found]
    return ApplicationError(refused.text, *details, type=refused.code, non_retryable=True)


def _signal(name: str, description: str) -> Any:
    @workflow.signal(name=name, description=description)
    def handler(self: MessageHandlers, *payloads: Any) -> None:
        _heard(self, name, payloads)

    return handler


def _update(name: str, description: str) -> Any:
    @workflow.update(name=name, description=description)
    def handler(self: MessageHandlers, *payloads: Any) -> Receipt:
        return _taken(self, name, payloads)

    @handler.validator
    def _validate(self: MessageHandlers, *payloads: Any) -> None:
        _checked(self, name, payloads)

    return handler


def _heard(self: MessageHandlers, name: str, payloads: Sequence[object]) -> None:
    metrics.answered(name, self.hear(name, payloads))


def _taken(self: MessageHandlers, name: str, payloads: Sequence[object]) -> Receipt:
    try:
        receipt = self.take(name, payloads)
    except Refused as refused:
        metrics.refused(name, refused)
        raise refusal(refused) from None
    metrics.answered(name, receipt)
    return receipt


def _checked(self: MessageHandlers, name: str, payloads: Sequence[object]) -> None:
    try:
        self.check(name, payloads)
    except Refused as refused:
        metrics.refused(name, refused)
        raise refusal(refused) from None


def _described(kind: type[Message]) -> str:
    """What the engine's UI says where a message is chosen."""
    return f"{kind.__doc__} {form_of(kind.name)}"


for _name, _kind in MESSAGES.items():
    setattr(MessageHandlers, f"signal_{_name}", _signal(_name, _described(_kind)))
    setattr(MessageHandlers, f"update_{_name}", _update(_name, _described(_kind)))
