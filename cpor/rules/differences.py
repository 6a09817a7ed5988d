"""What an edit changed, in words: what was before and what is now.

Of a contact they say only which part, since more people read the history than know the contacts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_WORDS = {"mpn_id": "MPN ID", "email": "e-mail address"}
_OF_CUSTOMER = {"contact": "customer contact", "technical_contact": "technical contact"}
_OF_PARTNER = {"contact": "partner contact"}
_CONTACTS = ("customer_contact", "technical_contact", "partner_contact")


def in_words(changes: Mapping[str, Sequence[Any]]) -> str:
    """`changes` has before and after, by field, as the history keeps them."""
    return "; ".join(
        words
        for field, (before, after) in changes.items()
        for words in _field(field, before, after)
    )


def _field(field: str, before: Any, after: Any) -> Iterator[str]:
    match field:
        case "products":
            yield f"products: {_products(before, after)}"
        case "partner":
            yield from _company(field, _OF_PARTNER, before, after)
        case "customer":
            yield from _company(field, _OF_CUSTOMER, before, after)
        case _ if field in _CONTACTS:
            yield _contact(_words(field), before, after)
        case _:
            yield _value(_words(field), before, after)


def _company(
    whose: str, contacts: Mapping[str, str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[str]:
    for part in _different(before, after):
        was, becomes = before.get(part), after.get(part)
        if part in contacts:
            yield _contact(contacts[part], was, becomes)
        else:
            yield _value(f"{whose}'s {_words(part)}", was, becomes)


def _contact(who: str, before: Any, after: Any) -> str:
    if not before or not after:
        return f"{who} {'added' if after else 'taken away'}"
    return f"{who}: {', '.join(map(_words, _different(before, after)))}"


def _value(what: str, before: Any, after: Any) -> str:
    if before is None or after is None:
        return f"{what} {f'{after} added' if before is None else f'{before} taken away'}"
    return f"{what} from {before} to {after}"


def _products(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> str:
    added = [_product(each) for each in after if each not in before]
    dropped = [_product(each) for each in before if each not in after]
    done = [("added", added), ("dropped", dropped)]
    return ", ".join(f"{did} {' and '.join(which)}" for did, which in done if which) or "reordered"


def _product(product: Mapping[str, Any]) -> str:
    subscription = product.get("subscription_id")
    return product["name"] + (f" (subscription {subscription})" if subscription else "")


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [part for part in {**before, **after} if before.get(part) != after.get(part)]


def _words(field: str) -> str:
    return _WORDS.get(field, field.replace("_", " "))
