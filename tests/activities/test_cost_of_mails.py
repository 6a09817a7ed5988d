"""To write a mail stays cheap. Calls are counted, since time differs from machine to machine."""

from __future__ import annotations

from cProfile import Profile
from pstats import Stats

from activities.mail import mime
from demo.notice_samples import SAMPLES

MOST_CALLS = 5_000
"""Of a mail: about 1.2 ms of CPU. With the library of mails there were 7,400, and 2.9 ms."""


def test_a_mail_takes_few_calls() -> None:
    _write_all()  # templates are compiled once in the life of a worker
    profile = Profile()
    profile.runcall(_write_all)
    assert Stats(profile).total_calls / len(SAMPLES) < MOST_CALLS  # type: ignore[attr-defined]  # typeshed leaves it out


def _write_all() -> None:
    to = mime.address("lars@contoso.example", "Lars Ek")
    for sample in SAMPLES:
        letter = sample.letter("en")
        mime.in_bytes({"To": to, "Subject": letter.subject}, letter)
