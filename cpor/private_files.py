"""What our programs write is for their own user alone: claims, mails with live links, records."""

from __future__ import annotations

import os


def keep_private() -> None:
    """Folders 0700 and files 0600 from now on, of this process and all that it starts."""
    os.umask(0o077)
