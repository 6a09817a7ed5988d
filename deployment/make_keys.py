"""Creates the keys for docker-compose.yml, and says what each is trusted with, in var/keys.

uv run python -m deployment.make_keys

Existing keys are kept.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from cpor.proofs import keys

FOLDER = Path("var/keys")
TRUSTED = Path("trusted/trusted-keys.json")
WHO: Mapping[str, Mapping[str, list[str]]] = {
    "portal": {"roles": ["partner"]},
    "reviewers": {"roles": ["reviewer"]},
    "operators": {"roles": ["operator"]},
    "page": {"roles": ["customer"], "messages": ["decline"]},
    "mail": {"roles": ["system"], "messages": ["bounced"]},
    "incentives": {"roles": ["system"], "messages": ["eligibility_result"]},
}


def make(folder: Path) -> list[str]:
    """The names of the new keys."""
    (folder / TRUSTED).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [kid for kid in WHO if not (folder / f"{kid}.key.json").exists()]
    for kid in missing:
        key, file = keys.new(kid), folder / f"{kid}.key.json"
        keys.save_private(key, file)
        # Containers read it as other users; on this machine the folder keeps others out.
        file.chmod(0o444)
        keys.trust(folder / TRUSTED, key, **WHO[kid])
    folder.chmod(0o700)
    (folder / TRUSTED).parent.chmod(0o755)
    return missing


if __name__ == "__main__":
    made = make(FOLDER)
    sys.stdout.write(f"{FOLDER}: {', '.join(made) if made else 'all there already'}.\n")
