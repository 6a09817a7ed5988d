"""Pairs of keys, and the file of those that are trusted, as commands make and change them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from cpor.proofs import jwk as jwks
from cpor.proofs.errors import KeyUnusable
from cpor.proofs.jwk import Jwk
from cpor.proofs.jwk import read as read
from cpor.proofs.trust import Trust


def new(kid: str) -> Jwk:
    """A private key of Ed25519, with this name."""
    found = OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate(), as_dict=True)
    jwk = {**found, "kid": kid, "alg": "EdDSA", "use": "sig"}
    jwks.name_of(jwk)
    return jwk


def public(jwk: Mapping[str, Any]) -> Jwk:
    """What others may know of it."""
    jwks.loaded(jwk)
    return {name: value for name, value in jwk.items() if name not in (*jwks.PRIVATE, "key_ops")}


def save_private(jwk: Mapping[str, Any], file: Path) -> None:
    """For its owner's eyes only; never over another one."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyUnusable(f"{file} is there already; a key is never overwritten") from None
    except OSError as error:
        raise KeyUnusable(f"{file} cannot be written: {error.strerror}") from None
    with open(descriptor, "w", encoding="utf-8") as opened:
        json.dump(jwk, opened, indent=1)


def trusted(file: Path) -> Trust:
    """Those in the file; none where there is no file yet."""
    try:
        text = file.read_text("utf-8") if file.exists() else '{"keys": []}'
        return Trust.read(text)
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnusable(f"{file} cannot be read: {error}") from None
    except KeyUnusable as error:
        raise KeyUnusable(f"{file} cannot be used: {error}") from None


def trust(file: Path, jwk: Mapping[str, Any], **limits: object) -> None:
    """Believe this key from now on, or in other things than before."""
    given = {name: value for name, value in limits.items() if value is not None}
    entry = {**public(jwk), **given}

    def changed(keys: list[Jwk]) -> list[Jwk]:
        return [*(each for each in keys if each["kid"] != entry["kid"]), entry]

    _change(file, changed)


def revoke(file: Path, kid: str, at: datetime | None = None) -> datetime:
    """Believe it no more, from now on or from then on."""
    until = at or datetime.now(UTC)
    trusted(file).key_or_unusable(kid)

    def changed(keys: list[Jwk]) -> list[Jwk]:
        end = until.isoformat()
        return [{**each, "valid_until": end} if each["kid"] == kid else each for each in keys]

    _change(file, changed)
    return until


def _change(file: Path, changed: Callable[[list[Jwk]], list[Jwk]]) -> None:
    trusted(file)
    data: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {"keys": []}
    text = json.dumps({**data, "keys": changed(data["keys"])}, indent=1) + "\n"
    Trust.read(text)
    # A worker reads it at any time: it finds the one or the other, never a half.
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_text(text, "utf-8")
        part.replace(file)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise KeyUnusable(f"{file} cannot be written: {error.strerror}") from None
