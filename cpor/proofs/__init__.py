"""Proofs of who speaks: how a message is signed, whose signature is believed, and for what.

>>> from cpor.proofs import Signer
>>> signer = Signer.from_file("portal.key.json")
>>> claims.signing(signer.for_partner("4912345"))

It comes with the extra `proofs`.
"""

from cpor.proofs.errors import KeyUnusable as KeyUnusable
from cpor.proofs.signer import Signer as Signer
