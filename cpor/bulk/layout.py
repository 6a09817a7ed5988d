"""The columns of a file of claims: one row a claim, one column a field, named by its path.

Columns are read off the opening itself, so that a field which joins it is a column at once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain, islice
from typing import Any, cast, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from cpor.rules.errors import Problem
from cpor.rules.facts import Line, Opening

KEY = "key"
OURS = "is."
"""Prefix of columns with facts about a claim or a row, which an import ignores."""
LISTS = ("products", "evidence")
FORMULA = "="
MARK = "'"
BREAKS = ("\t", "\r", "\n")
SEPARATORS = (*BREAKS, ",", ";", "|")
"""Programs split lines where we do not, quotes or not."""
_PART = re.compile(r"""(\A[\s",;|]*|[\s",;|]+)('*)([=+\-@＝＋－＠]?)""")
"""A gap, and what may be taken for a formula behind it. It matches at every gap: no second look."""
YES, NO = ("yes", "true", "1"), ("no", "false", "0")
MOST_NAMED = 10
"""Problems of a header; a file of another kind may have one in each column."""
_key: TypeAdapter[str] = TypeAdapter(Line)


def _columns(
    model: type[BaseModel], path: str = "", needed: bool = True
) -> Iterator[tuple[str, bool]]:
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        wanted = needed and field.is_required()
        if inner is None:
            yield f"{path}{name}", wanted
        else:
            yield from _columns(inner, f"{path}{name}.", wanted)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if get_origin(annotation) is list:
        return None
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


COLUMNS: Mapping[str, bool] = {KEY: False, **dict(_columns(Opening)), "claim_id": False}
"""Whether a column is needed, by its name; one of the key and the claim's id is."""
NEEDED = [name for name, needed in COLUMNS.items() if needed]
# These objects are in an opening even if all their cells are empty, so that each cell is named.
_ALWAYS = {name.rpartition(".")[0] for name in NEEDED} - {""}


class HeaderRefused(ValueError):
    """The first row is not a header of this layout; one sentence for each problem."""


def header(cells: Sequence[str]) -> list[str]:
    """The column names in the first row; "" for a cell without a name."""
    names = [cell.strip().casefold() for cell in cells]
    wrong = list(islice(chain(_unknown(names), _duplicate(names), _missing(names)), MOST_NAMED))
    if wrong:
        raise HeaderRefused("; ".join(wrong))
    return names


def is_ours(name: str) -> bool:
    return name.startswith(OURS)


def _unknown(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if name and name not in COLUMNS and not is_ours(name):
            near = get_close_matches(name[:60], COLUMNS, n=3, cutoff=0.5)
            hint = f"; nearest: {', '.join(near)}" if near else ""
            yield f"{name[:60]!r} is not a known column{hint}"


def _duplicate(names: Sequence[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if name and count > 1:
            yield f"the column {name} is there twice"


def _missing(names: Sequence[str]) -> Iterator[str]:
    missing = [name for name in NEEDED if name not in names]
    if not {KEY, "claim_id"} & set(names):
        missing.insert(0, f"{KEY} (or claim_id)")
    if missing:
        yield f"needed columns are missing: {', '.join(missing)}"


def opening(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """A row as the object that opens a claim, and the cells that cannot be read."""
    data: dict[str, Any] = {}
    wrong: list[Problem] = []
    for place in sorted(_ALWAYS):
        _object_at(data, place)
    for name, cell in cells.items():
        try:
            text = _readable(cell)
            if text:
                place, _, field = name.rpartition(".")
                _object_at(data, place)[field] = _VALUES.get(name, str)(text)
        except ValueError as error:
            wrong.append(Problem(name, str(error)))
    return data, wrong


def _object_at(data: dict[str, Any], place: str) -> dict[str, Any]:
    for step in place.split(".") if place else ():
        data = data.setdefault(step, {})
    return data


def _readable(cell: str) -> str:
    try:
        cell.encode()
    except UnicodeEncodeError:
        raise ValueError("is not UTF-8: save the file as CSV UTF-8") from None
    if "\0" in cell:
        raise ValueError("has a NUL byte")
    text = cell.strip()
    if text.startswith(FORMULA):
        raise ValueError(
            f"begins with {FORMULA}, a formula and no text; if it is meant, put ' before"
        )
    return literal(text)


def _yes_or_no(text: str) -> bool:
    if text.casefold() not in (*YES, *NO):
        raise ValueError("must be yes or no")
    return text.casefold() in YES


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;|\n]", text) if part.strip()]


def _products(text: str) -> list[dict[str, str]]:
    return [_product(part) for part in _parts(text)]


def _product(part: str) -> dict[str, str]:
    name, sign, subscription = part.partition("=")
    return {"name": name.strip()} | ({"subscription_id": subscription.strip()} if sign else {})


def _evidence(text: str) -> list[Any]:
    if text[0] not in "[{":
        return [{"file": name} for name in _parts(text)]
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("begins like JSON and is none") from None
    return cast("list[Any]", found) if isinstance(found, list) else [found]


_VALUES: Mapping[str, Any] = {
    "submit": _yes_or_no,
    "products": _products,
    "evidence": _evidence,
}


def cells(data: Mapping[str, Any]) -> dict[str, str]:
    """An opening as a row; `opening` reads it back unchanged."""
    return {name: cell(name, _value_at(data, name)) for name in COLUMNS}


def cell(name: str, value: Any) -> str:
    """A value as it stands in a column."""
    return neutral(_written(name, value))


def neutral(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, nor any part of it behind a separator.

    An apostrophe is put in front; `literal` takes it off again, so a text comes back as it was.
    """
    text = _PART.sub(_with_mark, text)
    return MARK + text if _begins_with_a_break(text) else text


def literal(cell: str) -> str:
    """The text of a cell, without the apostrophes that `neutral` puts in."""
    text = cell[1:] if cell.startswith(MARK) and _begins_with_a_break(cell) else cell
    return _PART.sub(_without_mark, text)


def _with_mark(part: re.Match[str]) -> str:
    gap, marks, formula = part.groups()
    return f"{gap}{MARK}{marks}{formula}" if _is_formula(part) else part[0]


def _without_mark(part: re.Match[str]) -> str:
    gap, marks, formula = part.groups()
    return f"{gap}{marks[1:]}{formula}" if _is_formula(part) else part[0]


def _is_formula(part: re.Match[str]) -> bool:
    starts = part.start() == 0 or any(each in SEPARATORS for each in part[1])
    return bool(part[3]) and starts


def _begins_with_a_break(text: str) -> bool:
    return text.lstrip(MARK).startswith(BREAKS)


def _value_at(data: Mapping[str, Any], name: str) -> Any:
    value: Any = data
    for step in name.split("."):
        value = value.get(step) if value else None
    return value


def _written(name: str, value: Any) -> str:
    match value:
        case None | []:
            return ""
        case bool():
            return "yes" if value else "no"
        case [*entries] if name == "products":
            return "; ".join(_named(entry) for entry in entries)
        case [*entries] if all(set(entry) == {"file"} for entry in entries):
            return "; ".join(entry["file"] for entry in entries)
        case [*entries]:
            return json.dumps(entries, ensure_ascii=False)
        case _:
            return str(value)


def _named(product: Mapping[str, Any]) -> str:
    subscription = product.get("subscription_id")
    return f"{product['name']}={subscription}" if subscription else product["name"]


def column_of(field: str) -> str:
    """The column that a field of the opening stands in."""
    head = field.partition(".")[0]
    return head if head in LISTS else field


def with_id(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The opening under its claim id: its own, or the one made from the row's key."""
    if data.get("claim_id") is not None:
        return dict(data), []
    if data.get(KEY) is None:
        return dict(data), [Problem(KEY, "is needed, or a claim_id")]
    try:
        return {**data, "claim_id": claim_id_from(_key.validate_python(data[KEY]))}, []
    except ValidationError:
        return dict(data), []


def claim_id_from(key: str) -> str:
    """Always the same for a key, and does not reveal it: 80 bits of its SHA-256."""
    return f"CPOR-{base64.b32encode(hashlib.sha256(key.encode()).digest()[:10]).decode()}"
