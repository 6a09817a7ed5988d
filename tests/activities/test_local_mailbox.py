from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import aiosmtplib
import pytest

from activities import Activities
from activities.mail import mime
from activities.mail.letters import Letter
from cpor.local_mailbox import Mailbox, listening
from cpor.mailbox_errors import MailboxError
from cpor.rules.associations.telling import TELL
from cpor.rules.pinning import PIN_RULES, PinQuestion
from cpor.rules.proof import JUDGE_PROOF
from cpor.settings import LOOPBACK, Settings
from cpor.settings.logo import Logo
from tests.activities.conftest import Attempts
from tests.activities.facts import BEGAN, CLAIM, notice
from tests.examples import PNG


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*.eml"))


async def post(mailbox: Mailbox, text: str) -> None:
    smtp = aiosmtplib.SMTP(hostname=LOOPBACK, port=mailbox.port, local_hostname="localhost")
    async with smtp:
        await smtp.sendmail("a@b.example", ["c@d.example"], text)


async def test_mails_are_files_named_by_arrival_and_notice(tmp_path: Path) -> None:
    async with listening(tmp_path, 0) as mailbox:
        await post(mailbox, f"Message-ID: <{CLAIM}.consent.2.contact@x.example>\n\nHello\n")
        await post(mailbox, "Message-ID: <../../evil name@x>\n\nHello\n")
        await post(mailbox, "Hello\n")
    assert names(tmp_path) == [
        f"0001-{CLAIM}.consent.2.contact.eml",
        "0002-.._.._evil_name.eml",
        "0003-mail.eml",
    ]


async def test_a_browser_shows_all_mails_the_latest_first(tmp_path: Path) -> None:
    page = (
        "To: Lars <lars@contoso.example>\nSubject: <b>Second</b>\nContent-Type: text/html\n\n<p>Hi"
    )
    for text in ("Subject: First\n\na < b\n", page):
        async with listening(tmp_path, 0) as mailbox:
            await post(mailbox, text)
    index = (tmp_path / "index.html").read_text()
    assert index.index("&lt;b&gt;Second&lt;/b&gt;") < index.index(">First<")
    assert 'href="0002-mail.html"' in index
    assert "to Lars &lt;lars@contoso.example&gt;" in index
    assert (tmp_path / "0002-mail.html").read_text().strip() == "<p>Hi"
    assert "a &lt; b" in (tmp_path / "0001-mail.html").read_text()


async def test_a_browser_shows_the_logo_that_a_mail_carries(tmp_path: Path) -> None:
    letter = Letter("Usual.", "Hi\n", '<p><img src="cid:logo">\n')
    logo = Logo(PNG, "png")
    async with listening(tmp_path, 0) as mailbox:
        await post(mailbox, mime.in_bytes({"Subject": "Usual."}, letter, logo).decode())
    page = (tmp_path / "0001-mail.html").read_text()
    assert page.strip() == f'<p><img src="{logo.data_url}">'


async def test_a_restart_goes_on_counting(tmp_path: Path) -> None:
    for _ in range(2):
        async with listening(tmp_path, 0) as mailbox:
            await post(mailbox, "Hello\n")
    assert names(tmp_path) == ["0001-mail.eml", "0002-mail.eml"]


async def test_a_taken_port_gives_the_next_free_one_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    async with listening(tmp_path, 0) as first, listening(tmp_path, first.port, said.append) as m:
        assert m.port > first.port
        assert said == [
            f"Port {first.port} is taken: the local mailbox listens on {m.port}.",
        ]


async def test_it_ends_although_somebody_is_connected(tmp_path: Path) -> None:
    async with asyncio.timeout(120):
        async with listening(tmp_path, 0) as mailbox:
            reader, writer = await asyncio.open_connection(LOOPBACK, mailbox.port)
            assert (await reader.readline()).startswith(b"220")
        assert await reader.read() == b""
        writer.close()


async def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MailboxError, match="Not a directory"):
        async with listening(tmp_path / "file" / "mail", 0):
            pass


async def test_it_logs_nobodys_address(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with listening(tmp_path, 0) as mailbox:
        await post(mailbox, "Subject: Secret\n\nHello\n")
    assert "@" not in caplog.text
    assert "Secret" not in caplog.text


async def test_all_activities_run_on_the_defaults(
    tmp_path: Path, settings: Settings, attempt: Attempts
) -> None:
    async with listening(tmp_path / "mail", 0) as mailbox:
        mine = settings.model_copy(update={"mailbox_port": mailbox.port})
        async with Activities(mine) as activities:
            by_name = {
                act.__temporal_activity_definition.name: act  # type: ignore[attr-defined]  # how the SDK marks them
                for act in activities.all
            }
            assert set(by_name) == {
                "send_notice",
                "seal_evidence",
                "look_into_proof",
                "ask_directory",
                "hand_off",
                "send_event",
                "keep_record",
                "call_associations",
                "gather_accounts",
                TELL,
                PIN_RULES,
                JUDGE_PROOF,
            }
            result = await attempt(by_name["send_notice"], notice("consent", "contact"))
            assert result.outcome == "accepted"
            pinned = await attempt(
                by_name["pin_rules"],
                PinQuestion(at=BEGAN, edition=None, partner_country="DE", customer_country="SE"),
            )
            assert pinned.edition == "2020"
            assert pinned.calendars.customer.name == "Sweden"
    assert (tmp_path / "mail" / f"0001-{CLAIM}.consent.1.contact.eml").exists()
