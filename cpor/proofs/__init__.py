"""Proofs of who speaks: how a message is signed, whose signature is believed, and for what.

>>> from cpor.proofs import Signer
>>> signer = Signer.from_file("portal.key.json")
>>> claims.signing(signer.for_partner("4912345"))

It comes with the extra `proofs`. The cryptography is loaded when a name is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpor.proofs.errors import KeyUnusable as KeyUnusable

if TYPE_CHECKING:
    from cpor.proofs.signer import Signer as Signer


def __getattr__(name: str) -> object:
    if name != "Signer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cpor.proofs.signer import Signer

    return Signer
