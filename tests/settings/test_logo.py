"""The company's logo: what mail programs show, or an error that says what to do."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from cpor.settings import Settings, SettingsError
from cpor.settings.logo import MOST_BYTES, Logo
from tests.examples import PNG


def test_without_one_there_is_none() -> None:
    assert Settings().read_logo() is None
    assert not Settings().vendor.has_logo


@pytest.mark.parametrize(("content", "kind"), [(PNG, "png"), (b"\xff\xd8\xff\xe0 x", "jpeg")])
def test_png_and_jpeg_are_known_by_what_they_hold(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    file = tmp_path / "logo.bin"
    file.write_bytes(content)
    settings = Settings(vendor_logo=str(file))
    logo = settings.read_logo()
    assert settings.vendor.has_logo
    assert isinstance(logo, Logo)
    assert (logo.kind, logo.content) == (kind, content)
    assert logo.data_url.startswith(f"data:image/{kind};base64,")
    assert b64decode(logo.data_url.partition(",")[2]) == content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"<svg/>", "is neither PNG nor JPEG: mail programs show no others."),
        (PNG + b"x" * MOST_BYTES, "has more than 100 KB: make it smaller."),
    ],
)
def test_what_cannot_be_shown_is_said_with_what_to_do(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    file = tmp_path / "logo"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as raised:
        Settings(vendor_logo=str(file)).read_logo()
    assert str(raised.value) == f"CLAIMS_VENDOR_LOGO: {file} {said}"
