"""Which of the customer's contacts a reviewer has to confirm before a notice goes to them.

The partner names the customer's contacts, and silence is consent. So an address that the customer
need not own, or that was put in after submission, is looked at by a reviewer first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from cpor.rules.characters import lower
from cpor.rules.facts import Contact, Customer, needs_technical_contact

if TYPE_CHECKING:
    from cpor.rules.state import State

CustomersContact = Literal["contact", "technical_contact"]
WhyUnconfirmed = Literal["outside_domain", "changed"]


class Addresses(BaseModel):
    """The addresses of the contacts, as they were at one time."""

    contact: str | None = None
    technical_contact: str | None = None

    @classmethod
    def of(cls, customer: Customer) -> Addresses:
        return cls(
            contact=customer.contact.email,
            technical_contact=customer.technical_contact and customer.technical_contact.email,
        )

    def has(self, who: CustomersContact, email: str) -> bool:
        return getattr(self, who) == email


def told(claim: State) -> Mapping[CustomersContact, Contact]:
    """The customer's contacts to whom notices go."""
    customer = claim.customer
    found: dict[CustomersContact, Contact] = {"contact": customer.contact}
    if needs_technical_contact(claim.program) and customer.technical_contact is not None:
        found["technical_contact"] = customer.technical_contact
    return found


def unconfirmed(claim: State) -> Mapping[CustomersContact, list[WhyUnconfirmed]]:
    """Those who get no notice before a reviewer has confirmed them, and why."""
    if claim.contacts_submitted is None:
        return {}
    found: dict[CustomersContact, list[WhyUnconfirmed]] = {}
    for who, contact in told(claim).items():
        if not claim.contacts_confirmed.has(who, contact.email):
            why: list[WhyUnconfirmed] = []
            if not _is_within(contact.email, claim.customer.domain):
                why.append("outside_domain")
            if not claim.contacts_submitted.has(who, contact.email):
                why.append("changed")
            if why:
                found[who] = why
    return found


def listed(claim: State) -> Mapping[str, Any]:
    """What mails say of those who are not confirmed: which contact and why, not the address."""
    return {
        "contacts": [{"contact": who, "why": why} for who, why in unconfirmed(claim).items()],
        "domain": claim.customer.domain,
    }


def submitted(claim: State) -> None:
    """What is submitted first is what a reviewer will see; nothing of it is confirmed yet."""
    claim.contacts_submitted = Addresses.of(claim.customer)
    claim.contacts_confirmed = Addresses()


def confirm(claim: State, *whom: CustomersContact) -> None:
    """These addresses, and no others: a later change has to be confirmed again."""
    now = {who: contact.email for who, contact in told(claim).items() if who in whom}
    claim.contacts_confirmed = claim.contacts_confirmed.model_copy(update=now)


def _is_within(email: str, domain: str) -> bool:
    """In the domain or one below it. One spelt in another way (xn--…) is another domain here."""
    its, own = lower(email.rpartition("@")[2]), lower(domain)
    return its == own or its.endswith(f".{own}")
