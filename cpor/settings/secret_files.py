"""Secrets by file: what lies in a folder of secrets stands for variables that are not set.

`/run/secrets/claims_smtp_password` is `CLAIMS_SMTP_PASSWORD`; containers are handed secrets so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, MutableMapping
from difflib import get_close_matches
from pathlib import Path

FOLDER = "CLAIMS_SECRETS_FOLDER"
USUAL = "/run/secrets"
OURS = "CLAIMS_"
KINDS = (OURS, "TEMPORAL_", "AWS_", "AZURE_", "GOOGLE_")
"""Of the settings, of the Temporal SDK, and of the stores for files."""


def take(environment: MutableMapping[str, str], known: Collection[str]) -> Iterator[str]:
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
        # The rest may be files that a library reads by their paths, so only ours must fit.
        if re.sub(r"\W", "_", name).startswith(OURS) and name not in known:
            near = nearest(name, known)
            yield f"The secret file {file} is named like no setting; the nearest is {near}."
            continue
        if not name.startswith(KINDS) or not name.isidentifier() or environment.get(name):
            continue
        try:
            if file.exists() and not file.is_file():
                yield f"The secret file {file} cannot be read: it is no file."
                continue
            # Whoever writes a secret with an editor or `echo` ends the line.
            secret = file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            yield f"The secret file {file} cannot be read: {_reason(error)}."
            continue
        if secret and "\0" not in secret:
            environment[name] = secret
        else:
            yield f"The secret file {file} holds no secret."


def nearest(name: str, known: Collection[str]) -> str:
    """What was probably meant."""
    return get_close_matches(name.upper(), known, n=1, cutoff=0.0)[0]


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "" if isinstance(error, OSError) else "it is not UTF-8"
