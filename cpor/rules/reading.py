"""What is sent, as the model that is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from cpor.rules.bounds import check_bounds
from cpor.rules.errors import Invalid, Problem, problems, quoted

Model = TypeVar("Model", bound=BaseModel)


def read(kind: type[Model], sent: object, context: Mapping[str, object] | None = None) -> Model:
    """What was sent, or `Invalid` with every problem there is."""
    check_bounds(kind, sent)
    try:
        return kind.model_validate(sent, context=context)
    except ValidationError as error:
        raise Invalid(problems(error)) from None


def one_object(
    kinds: Mapping[str, type[Model]],
    what: str,
    name: str,
    payloads: Sequence[object],
    context: Mapping[str, object] | None = None,
) -> Model:
    """The one payload, as the model that the name stands for; `what` is a word for all kinds."""
    kind = kinds.get(name)
    if kind is None:
        known = ", ".join(kinds)
        raise Invalid([Problem("", f"{quoted(name)} is no {what}; there are {known}")])
    if len(payloads) != 1:
        raise Invalid([Problem("", f"{name} takes one JSON object, not {len(payloads)} payloads")])
    (sent,) = payloads
    if not isinstance(sent, dict):
        check_bounds(kind, sent)
        raise Invalid([Problem("", f"{name} takes one JSON object, and this is none")])
    return read(kind, cast("object", sent), context)
