"""Makes the secrets that docker-compose.yml wants: random ones, in files below var/secrets.

python3 deployment/make_secrets.py

What is there already stays as it is.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

FOLDER = Path("var/secrets")
NAMES = ("postgres_password", "claims_link_secret", "aws_secret_access_key")


def make(folder: Path) -> list[str]:
    """The names of those that were made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [name for name in NAMES if not (folder / name).exists()]
    for name in missing:
        place = folder / name
        place.write_text(f"{secrets.token_urlsafe(32)}\n", "ascii")
        # The users of containers must read it; others here do not get into the folder.
        place.chmod(0o444)
    return missing


if __name__ == "__main__":
    made = make(FOLDER)
    sys.stdout.write(f"{FOLDER}: {', '.join(made) if made else 'all there already'}.\n")
