"""The company's picture in mails and on the customer's page: small, and of a kind that all show."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

MOST_BYTES = 100_000
"""Each mail and each page carries it."""
Kind = Literal["png", "jpeg"]
_BEGINS: dict[bytes, Kind] = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}


class NoLogo(Exception):
    """It cannot be shown; the text says why, and what to do."""


@dataclass(frozen=True)
class Logo:
    content: bytes
    kind: Kind

    @classmethod
    def read(cls, file: str) -> Self:
        """Raises `NoLogo`."""
        try:
            with Path(file).open("rb") as opened:
                content = opened.read(MOST_BYTES + 1)
        except OSError as error:
            raise NoLogo(f"{file} cannot be read: {error.strerror}") from None
        if len(content) > MOST_BYTES:
            raise NoLogo(f"{file} has more than {MOST_BYTES // 1000} KB: make it smaller")
        kind: Kind | None = next(
            (kind for begin, kind in _BEGINS.items() if content.startswith(begin)), None
        )
        if kind is None:
            raise NoLogo(f"{file} is neither PNG nor JPEG: mail programs show no others")
        return cls(content, kind)

    @property
    def data_url(self) -> str:
        return f"data:image/{self.kind};base64,{b64encode(self.content).decode()}"
