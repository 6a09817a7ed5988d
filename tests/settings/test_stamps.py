"""Stamps tell what a worker made from what others made up; keys change."""

from __future__ import annotations

import pytest

from cpor.settings import Settings, SettingsError
from cpor.stamps import Stamps

OLD, NEW = "an-old-key-of-the-workers-0123456789", "a-new-key-of-the-workers-0123456789"
WHAT = ("payment", "CPOR-7Q2M4X", "hand_off", b"{}")


def test_a_stamp_is_good_for_just_what_it_was_made_on() -> None:
    stamps = Stamps([NEW])
    stamp = stamps.make(*WHAT)
    assert stamps.judge(stamp, *WHAT) == "ours"
    for other in (
        ("payment", "CPOR-7Q2M4X", "hand_off", b"{ }"),
        ("payment", "CPOR-7Q2M4", "Xhand_off", b"{}"),
        ("payment", "CPOR-7Q2M4X", "hand_off", b"{}", b""),
        ("carried claim", "CPOR-7Q2M4X", "hand_off", b"{}"),
    ):
        assert stamps.judge(stamp, *other) == "forged"


def test_a_new_key_makes_stamps_and_the_old_one_is_still_recognised() -> None:
    old, both, new = Stamps([OLD]), Stamps([NEW, OLD]), Stamps([NEW])
    assert both.judge(old.make(*WHAT), *WHAT) == "ours"
    assert new.judge(both.make(*WHAT), *WHAT) == "ours"
    assert new.judge(old.make(*WHAT), *WHAT) == "unknown key"


@pytest.mark.parametrize("stamp", [b"", b"x", b"x" * 19, b"x" * 21])
def test_what_has_not_even_the_shape_of_a_stamp_is_forged(stamp: bytes) -> None:
    assert Stamps([NEW]).judge(stamp, *WHAT) == "forged"


def test_every_bit_of_a_stamp_counts() -> None:
    stamps = Stamps([NEW])
    stamp = stamps.make(*WHAT)
    for place in range(len(stamp)):
        changed = bytearray(stamp)
        changed[place] ^= 1
        assert stamps.judge(bytes(changed), *WHAT) != "ours"


def test_a_token_says_nothing_about_a_stamp() -> None:
    stamps = Stamps([NEW])
    assert stamps.token("a") == Stamps([NEW, OLD]).token("a") != stamps.token("b")


def test_without_a_key_no_worker_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAIMS_WORKER_KEYS", raising=False)
    with pytest.raises(SettingsError, match="CLAIMS_WORKER_KEYS is not set"):
        Stamps.of(Settings())


@pytest.mark.parametrize("keys", ["short", f"{OLD} short", "ä" * 40])
def test_a_key_that_could_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("CLAIMS_WORKER_KEYS", keys)
    with pytest.raises(SettingsError, match="CLAIMS_WORKER_KEYS must be secrets of at least 32"):
        Settings.load()
