"""Creates random secrets for docker-compose.yml, as files in var/secrets.

python3 deployment/make_secrets.py

Existing files are kept.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

FOLDER = Path("var/secrets")
NAMES = (
    "postgres_password",
    "claims_link_secret",
    "claims_worker_keys",
    "aws_secret_access_key",
)


def make(folder: Path) -> list[str]:
    """The names of the new files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [name for name in NAMES if not (folder / name).exists()]
    for name in missing:
        place = folder / name
        place.write_text(f"{secrets.token_urlsafe(32)}\n", "ascii")
        # Containers read it as other users; on this machine the folder keeps others out.
        place.chmod(0o444)
    return missing


if __name__ == "__main__":
    made = make(FOLDER)
    sys.stdout.write(f"{FOLDER}: {', '.join(made) if made else 'all there already'}.\n")
