"""How often things go wrong. Each number is a chance from 0 to 1, for a claim or for a step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Luck:
    # People
    draft_first: float = 0.15
    never_submits: float = 0.02
    says_it_twice: float = 0.05
    comments: float = 0.1
    withdraws: float = 0.03
    never_answers: float = 0.12
    disputes: float = 0.4
    customer_says_no: float = 0.05
    customer_says_no_late: float = 0.02
    disassociates: float = 0.05
    approved: float = 0.7
    """Of the claims a reviewer looks at. Half of the others are asked about, half rejected."""
    extended: float = 0.02
    same_tenant: float = 0.2
    """The claim is about the same tenant as one that was opened shortly before."""
    displaces: float = 0.3
    """The reviewer takes the items from another partner who holds them."""
    # Systems
    refused: float = 0.02
    """The other system refuses for good: the mailbox doesn't exist, the event is not accepted."""
    comes_back: float = 0.02
    """A consent mail comes back, some days after the mail server accepted it."""
    directory_says_no: float = 0.04
    file_unusable: float = 0.01
    judged_twice: float = 0.05
    not_eligible: float = 0.15
    # Workers
    worker_dies: float = 0.02
    """It dies between two steps: the claim is saved and loaded, and work in progress is lost."""


FAIR = Luck()
HOSTILE = Luck(
    draft_first=0.3,
    never_submits=0.05,
    says_it_twice=0.4,
    comments=0.4,
    withdraws=0.1,
    never_answers=0.25,
    disputes=0.7,
    customer_says_no=0.2,
    customer_says_no_late=0.1,
    disassociates=0.2,
    approved=0.5,
    extended=0.1,
    same_tenant=0.6,
    displaces=0.5,
    refused=0.15,
    comes_back=0.15,
    directory_says_no=0.15,
    file_unusable=0.08,
    judged_twice=0.3,
    not_eligible=0.4,
    worker_dies=0.2,
)
LUCK = {"fair": FAIR, "hostile": HOSTILE}
