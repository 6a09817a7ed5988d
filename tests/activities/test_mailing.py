"""A mail read by what did not write it: its headers are ours, whatever was typed."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import SMTP
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.mail import mime
from activities.mail.letters import ZERO_WIDTH_SPACE, Letter
from cpor.settings.logo import Logo
from tests.examples import PNG

LETTER = Letter("unused", "Text.\n", "<p>Text.</p>\n")
OURS = [b"From", b"To", b"Subject", b"Message-ID", b"MIME-Version", b"Content-Type"]
PIECES = [
    *(
        "=?utf-8?q?",
        "=?utf-8?b?",
        "=?utf-8'en'?q?",
        "?=",
        "=?",
        "=",
        "?",
        "_",
        "=0d=0a",
        "DQpCY2M6",
    ),
    *("Bcc: all@evil.example", "\r\nBcc: x", "\n\n", "\u2028", "\t", " ", "é", "😀", "a" * 80),
    *'"\\<>@,;:()[].',
]
typed = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=80)


def written(name: str, subject: str) -> bytes:
    headers = {
        "From": mime.mailbox("CPOR Claims <claims@cpor.example>"),
        "To": mime.address("lars@contoso.example", name),
        "Subject": subject,
        "Message-ID": "<CPOR-7Q2M4X.consent.1.contact@cpor.example>",
    }
    return mime.in_bytes(headers, LETTER)


def as_typed(text: str) -> str:
    return " ".join(text.replace(ZERO_WIDTH_SPACE, "").split())


def decoded(value: str) -> str:
    return as_typed(str(make_header(decode_header(value))))


@given(typed, typed)
def test_whatever_is_typed_makes_no_header_and_can_be_read(name: str, subject: str) -> None:
    content = written(name, subject)
    head, _, body = content.partition(b"\r\n\r\n")
    assert re.findall(rb"^([^ \t:]+):", head, re.MULTILINE) == OURS
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", head)
    assert b"Text." in body
    mail = message_from_bytes(content)
    assert mail.get_content_type() == "multipart/alternative"
    assert decoded(mail["Subject"]) == as_typed(subject)
    ((shown, address),) = getaddresses([mail["To"].replace("\r\n", "")])
    assert address == "lars@contoso.example"
    assert decoded(shown) == as_typed(name)


@pytest.mark.parametrize("name", ["Lars Ek", "Ek, Lars", 'Lars "Lasse" Ek', "O'Ek (Contoso)"])
def test_a_usual_name_can_be_read_in_the_raw_mail(name: str) -> None:
    assert name.encode() in written(name, "Usual.").replace(b"\\", b"")


def test_a_long_id_stays_whole() -> None:
    notice_id = f"<{'LONG-' * 8}.dispute_decided.12.technical_contact@cpor.example>"
    content = mime.in_bytes({"Message-ID": notice_id}, LETTER)
    assert f"Message-ID: {notice_id}\r\n".encode() in content


def test_what_a_program_decodes_twice_is_still_no_encoded_word() -> None:
    mail = message_from_bytes(written("=?utf-8?q?x?=", "=?utf-8?q?x?="))
    for value in (mail["To"], mail["Subject"]):
        assert "=?" not in str(make_header(decode_header(value)))


def test_names_of_the_settings_are_no_other_than_those_of_partners() -> None:
    sender = mime.mailbox("=?utf-8?q?a=0d=0aBcc=3A_b?= <claims@cpor.example>")
    content = mime.in_bytes({"From": sender, "Reply-To": sender}, LETTER)
    head = content.partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert [name for name in OURS[-2:] if name not in head] == []


@pytest.mark.parametrize(
    "broken", ["a\r\nBcc: lars@evil.example", "a\r\n\r\nbody", "a\r\nContent-Type: text/html"]
)
def test_a_mail_with_other_headers_than_ours_is_not_handed_over(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def encoded(_: str) -> str:
        return broken

    monkeypatch.setattr(mime, "_encoded", encoded)
    with pytest.raises(mime.Tampered) as raised:
        written("Lars Ék", "Usual.")
    assert "lars" not in str(raised.value).lower()


def test_text_html_and_logo_come_back_as_they_were_written() -> None:
    letter = Letter("Usual.", "İyi günler,\n.\n-- \n=2E ü\n", f"<p>{'ü=' * 200}</p>\n")
    logo = Logo(PNG * 20, "png")
    for shown in (None, logo):
        mail = message_from_bytes(mime.in_bytes({"Subject": "Usual."}, letter, shown), policy=SMTP)
        for kind, said in (("plain", letter.text), ("html", letter.html)):
            body = mail.get_body((kind,))
            assert body is not None
            assert body.get_content().replace("\r\n", "\n") == said
        assert not list(mail.iter_attachments())
        pictures = [part for part in mail.walk() if part.get_content_maintype() == "image"]
        assert [part.get_content() for part in pictures] == ([shown.content] if shown else [])
        for part in pictures:
            assert (part["Content-ID"], part.get_content_disposition()) == ("<logo>", "inline")


@given(st.text(max_size=300))
def test_no_text_ends_its_part_and_no_line_is_too_long(text: str) -> None:
    letter = Letter("Usual.", f"{text}\n--=_text_or_html--\n", text)
    content = mime.in_bytes({"Subject": "Usual."}, letter, Logo(PNG, "png"))
    assert all(len(line) <= 78 for line in content.split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    kinds = [part.get_content_type() for part in message_from_bytes(content).walk()]
    assert kinds == [
        *("multipart/alternative", "text/plain"),
        *("multipart/related", "text/html", "image/png"),
    ]
