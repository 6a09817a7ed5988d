"""Secrets by file: what lies in a folder of secrets stands for variables that are not set.

`/run/secrets/claims_smtp_password` is `CLAIMS_SMTP_PASSWORD`; containers are handed secrets so.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from pathlib import Path

FOLDER = "CLAIMS_SECRETS_FOLDER"
USUAL = "/run/secrets"
KINDS = ("CLAIMS_", "TEMPORAL_", "AWS_", "AZURE_", "GOOGLE_")
"""Of the settings, of the Temporal SDK, and of the stores for files."""


def take(environment: MutableMapping[str, str]) -> Iterator[str]:
    """Add what the files say to the environment; a sentence for each that cannot be used."""
    named = environment.get(FOLDER)
    folder = Path(named or USUAL)
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        if named:
            yield f"{FOLDER} is no folder that can be read: {error.strerror}."
        return
    for file in files:
        name = file.name.upper()
        if not name.startswith(KINDS) or environment.get(name):
            continue
        try:
            # Whoever writes a secret with an editor or `echo` ends the line.
            secret = file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            yield f"The secret file {file} cannot be read: {_reason(error)}."
            continue
        if secret and "\0" not in secret:
            environment[name] = secret
        else:
            yield f"The secret file {file} holds no secret."


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "" if isinstance(error, OSError) else "it is not UTF-8"
