"""Secrets as files, as containers get them: a file sets a variable that is not set itself.

`/run/secrets/claims_smtp_password` is `CLAIMS_SMTP_PASSWORD`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, MutableMapping
from difflib import get_close_matches
from pathlib import Path

FOLDER = "CLAIMS_SECRETS_FOLDER"
USUAL = "/run/secrets"
OURS = "CLAIMS_"
PREFIXES = (OURS, "TEMPORAL_", "AWS_", "AZURE_", "GOOGLE_")
"""Our settings, the Temporal SDK's, and those of object stores."""


def take(environment: MutableMapping[str, str], known: Collection[str]) -> Iterator[str]:
    """Add the secrets to the environment; yields a sentence for each file that cannot be used."""
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
        # Other files may be there for libraries that read them by path, so only ours must fit.
        if re.sub(r"\W", "_", name).startswith(OURS) and name not in known:
            near = nearest(name, known)
            yield f"The secret file {file} is named like no setting; the nearest is {near}."
            continue
        if not name.startswith(PREFIXES) or not name.isidentifier() or environment.get(name):
            continue
        try:
            if file.exists() and not file.is_file():
                yield f"The secret file {file} cannot be read: it is no file."
                continue
            # Editors and `echo` end the last line.
            secret = file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            yield f"The secret file {file} cannot be read: {_reason(error)}."
            continue
        if secret and "\0" not in secret:
            environment[name] = secret
        else:
            yield f"The secret file {file} holds no secret."


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that is most like it."""
    return get_close_matches(name.upper(), known, n=1, cutoff=0.0)[0]


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "" if isinstance(error, OSError) else "it is not UTF-8"
