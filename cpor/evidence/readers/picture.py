"""Pictures. Their text is for people, or for text recognition where that is installed."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageSequence

from cpor.evidence.reading import Notes

FORMATS = ("PNG", "JPEG", "TIFF")
Image.init()
MOST_PIXELS = 100_000_000
"""A page of A3 at 600 dots an inch has 70 million."""


def read(content: bytes, notes: Notes) -> None:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                width, height = picture.size
                frames = min(getattr(picture, "n_frames", 1), 1000)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            notes.find("bomb", f"has more than {MOST_PIXELS:,} pixels")
            return
    if width * height * frames > MOST_PIXELS * 10:
        notes.find("bomb", f"has {frames} pictures of {width} x {height} pixels")
        return
    notes.find("scan", "a picture: read it yourself")


def frames(content: bytes) -> Iterator[Any]:
    """A scanner puts many pages into one TIFF."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        for frame in ImageSequence.Iterator(picture):
            yield frame.copy()
