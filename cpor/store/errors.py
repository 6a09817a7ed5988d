"""What can go wrong with the store: a family, each one sentence."""

from __future__ import annotations


class StoreError(Exception):
    """Base of what the store raises."""


class StoreUnusable(StoreError):
    """The setting names no store that can be opened."""


class StoreUnreachable(StoreError):
    """The store does not answer, or not as a store should."""


class StoreForbidden(StoreError):
    """The store does not let us in."""


class StoreFull(StoreError):
    """There is no room left."""


class FileRefused(StoreError):
    """A file that cannot be proof: absent, empty, too large, of a type not taken."""


class FileMissing(StoreError):
    """No bytes lie in the store under this hash."""


class FileChanged(StoreError):
    """The bytes are not those that the hash was made of."""


class RecordTaken(StoreError):
    """Another run of this claim id has left its record."""
