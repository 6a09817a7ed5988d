"""A cache of downloaded and built engines.

A folder of the cache appears by a rename when it is complete, with a manifest of its files. What
doesn't agree with its manifest counts as not there, and so does what somebody else could have put
there: the manifest would be theirs, too. One maker at a time; what a killed maker left is removed
by the next one.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import logging
import os
import platform
import shutil
import stat
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from cpor.engine.errors import NotObtained

log = logging.getLogger(__name__)

Tell = Callable[[str], None]
"""Takes one line for the person who waits."""

CACHE_VARIABLE: Final = "CLAIMS_CACHE"
MANIFEST: Final = "manifest.json"
LOCK_INTERVAL: Final = 0.2
OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path:
    if own := os.environ.get(CACHE_VARIABLE):
        return Path(own).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "claims"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "claims"


def machine() -> str:
    """Binaries of one machine don't run on another, and home folders are shared."""
    return f"{sys.platform}-{platform.machine().lower()}"


@dataclass(frozen=True)
class Kept:
    """A folder of the cache by its name, there or not."""

    name: str

    @property
    def path(self) -> Path:
        return cache_folder() / self.name

    def find(self) -> Path | None:
        """The folder, if it is ours and every byte is as it was when it was made."""
        if stranger := _in_hands_of_others(self.path):
            log.warning("not used, since others can write to it: %s", stranger)
            return None
        return self.path if _agrees_with_manifest(self.path) else None

    async def make(
        self, maker: Callable[[Path, Path], Awaitable[None]], what: str, tell: Tell
    ) -> Path:
        """The folder, made by `maker(result, scratch)` unless another process has just made it.

        The scratch folder, with the result in it, is gone afterwards.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if stranger := _in_hands_of_others(self.path.parent):
                raise NotObtained(
                    f"others can write to {stranger}: take that right from them, or let "
                    f"{CACHE_VARIABLE} name another folder"
                )
            lock = (self.path.parent / f"{self.name}.lock").open("w")
        except OSError as error:
            raise NotObtained(
                f"the cache folder {self.path.parent} can't be written ({error}); "
                f"{CACHE_VARIABLE} names another"
            ) from error
        with lock:
            await take_lock(lock.fileno(), lambda: tell(f"another process is {what}; waiting"))
            if found := await asyncio.to_thread(self.find):
                return found
            return await self._make(maker)

    async def _make(self, maker: Callable[[Path, Path], Awaitable[None]]) -> Path:
        begun = f"{self.name}.begun-"
        for left in self.path.parent.glob(f"{begun}*"):
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(prefix=begun, dir=self.path.parent))
        result = scratch / "result"
        try:
            result.mkdir(mode=0o700)
            await maker(result, scratch)
            await asyncio.to_thread(_write_manifest, result)
            await asyncio.to_thread(_take_rights_of_others, result)
            await asyncio.to_thread(shutil.rmtree, self.path, ignore_errors=True)
            result.rename(self.path)
        except OSError as error:
            raise NotObtained(f"{self.path} can't be written ({error})") from error
        finally:
            await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
        return self.path


async def take_lock(descriptor: int, on_wait: Callable[[], None]) -> None:
    """Waits as long as it takes. The system gives the lock back when its holders are gone."""
    waited = False
    while not try_lock(descriptor):
        if not waited:
            on_wait()
            waited = True
        await asyncio.sleep(LOCK_INTERVAL)


def try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _in_hands_of_others(place: Path) -> Path | None:
    """The first of the folder, what is in it, and the folders up to the root of the cache, that
    another user than we or root has, or can write to."""
    root = cache_folder()
    folders = [place, *(each for each in place.parents if each.is_relative_to(root))]
    inside = sorted(place.iterdir()) if place != root and place.is_dir() else []
    for each in (*folders, *inside):
        with suppress(FileNotFoundError):
            found = each.lstat()
            theirs = found.st_uid not in (os.geteuid(), 0) or found.st_mode & OTHERS_WRITE
            if theirs or (each != root and stat.S_ISLNK(found.st_mode)):
                return each
    return None


def _take_rights_of_others(folder: Path) -> None:
    """Whatever the umask was, and whatever an archive said."""
    for path in folder.iterdir():
        path.chmod(path.stat().st_mode & ~OTHERS_WRITE)


def _write_manifest(folder: Path) -> None:
    files = {path.name: _fingerprint(path) for path in sorted(folder.iterdir())}
    manifest = folder / MANIFEST
    manifest.write_text(json.dumps({"files": files}, indent=2) + "\n")
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _agrees_with_manifest(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        files = cast(dict[str, dict[str, object]], manifest["files"])
        # Sizes first: they tell of most damage at no cost.
        return all(
            (folder / name).stat().st_size == file["size"] for name, file in files.items()
        ) and all(_fingerprint(folder / name) == file for name, file in files.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _fingerprint(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"size": path.stat().st_size, "sha256": digest}
