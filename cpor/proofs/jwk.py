"""Keys as JSON Web Keys: which kinds are taken, and with which algorithm."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from cpor.proofs.errors import KeyUnusable
from cpor.rules.proof import UNSIGNED

Jwk = dict[str, Any]

ALGORITHMS: Mapping[tuple[str, str | None], str] = {
    ("OKP", "Ed25519"): "EdDSA",
    ("EC", "P-256"): "ES256",
    ("RSA", None): "RS256",
}
PRIVATE = ("d", "p", "q", "k", "dp", "dq", "qi", "oth")
"""The members that only a private key has."""
SMALLEST_RSA = 2048
_KID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def read(file: Path | str) -> Jwk:
    try:
        found: object = json.loads(Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise KeyUnusable(f"{file} cannot be read as a JSON Web Key: {error}") from None
    if not isinstance(found, dict):
        raise KeyUnusable(f"{file} must hold one JSON Web Key, an object")
    return cast("Jwk", found)


def algorithm_of(jwk: Mapping[str, Any]) -> str:
    """The one algorithm that goes with this kind of key, whatever a proof may say."""
    kind = (str(jwk.get("kty")), None if jwk.get("kty") == "RSA" else str(jwk.get("crv")))
    algorithm = ALGORITHMS.get(kind)
    if algorithm is None:
        raise KeyUnusable(f"{name_of(jwk)} must be of Ed25519, of P-256 or of RSA")
    if jwk.get("alg", algorithm) != algorithm:
        raise KeyUnusable(f"{name_of(jwk)} must have alg {algorithm}, or none")
    return algorithm


def name_of(jwk: Mapping[str, Any]) -> str:
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not _KID.fullmatch(kid) or kid == UNSIGNED:
        raise KeyUnusable("a key needs a kid of 1 to 64 letters, digits and . _ - (not 'unsigned')")
    return f"key {kid}"


def loaded(jwk: Mapping[str, Any]) -> jwt.PyJWK:
    algorithm = algorithm_of(jwk)
    try:
        key = jwt.PyJWK(dict(jwk), algorithm=algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise KeyUnusable(f"{name_of(jwk)} cannot be read: {error}") from None
    if isinstance(key.key, RSAPublicKey | RSAPrivateKey) and key.key.key_size < SMALLEST_RSA:
        raise KeyUnusable(f"{name_of(jwk)} must have at least {SMALLEST_RSA} bits")
    return key
