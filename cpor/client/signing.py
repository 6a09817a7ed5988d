"""What signs a client's messages: a `cpor.proofs.Signer`, or a key vault of yours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Signer(Protocol):
    def sign(self, claim_id: str, name: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """The message with its proof in it. An opening has the name `open`."""
        ...
