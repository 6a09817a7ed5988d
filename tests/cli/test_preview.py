"""All mails as files to look at: `notices preview`, as people type it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.shell import Shell


def test_all_mails_are_written_with_a_page_that_leads_to_each(shell: Shell) -> None:
    done = shell.starter("notices", "preview", "--to", "mails")
    assert done.returncode == 0, done.stderr
    assert "mails/index.html" in done.stdout
    folder = shell.folder / "mails"
    page = (folder / "index.html").read_text("utf-8")
    led_to = set(re.findall(r'href="([^"]+)"', page))
    written = {file.relative_to(folder).as_posix() for file in folder.glob("*/*")}
    assert led_to == written
    assert {place.partition("/")[0] for place in written} == {"en", "de", "nl", "sv", "tr"}
    assert "Exchange Online geholfen zu haben: Stimmt das?" in page
    assert len({place for place in written if place.endswith("/page-noted.html")}) == 5
    receipt = (folder / "sv/page-noted.html").read_text("utf-8")
    assert 'href="../de/page-noted.html"' in receipt, "one language leads to the others"


def test_one_notice_in_one_language_is_all_that_is_written(shell: Shell) -> None:
    done = shell.starter("notices", "preview", "--language", "tr", "--notice", "handed_off")
    assert done.stdout == "1 mail is written. To look at it, open var/notices/index.html\n"
    folder = shell.folder / "var/notices"
    assert [file.name for file in sorted(folder.glob("*/*"))] == [
        "handed_off.html",
        "handed_off.txt",
    ]
    text = (folder / "tr/handed_off.txt").read_text("utf-8")
    assert text.startswith("Subject: Teşvik için iletildi: talep CPOR-7Q2M4X, Teams roll")


@pytest.mark.parametrize(
    ("option", "wrong", "said"),
    [
        ("--language", "fr", "There is no language fr. There are: en, de, nl, sv, tr."),
        ("--notice", "invoice", "There is no notice invoice. There are: submitted, to_review,"),
    ],
)
def test_what_there_is_not_is_said_with_what_there_is(
    shell: Shell, option: str, wrong: str, said: str
) -> None:
    done = shell.starter("notices", "preview", option, wrong)
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert not (shell.folder / "var/notices").exists()


@pytest.mark.thorough
def test_a_folder_that_cannot_be_written_is_named(shell: Shell) -> None:
    Path(shell.folder / "taken").write_text("a file", "utf-8")
    done = shell.starter("notices", "preview", "--to", "taken")
    assert done.returncode == 2
    assert "taken: " in done.stderr
    assert "Traceback" not in done.stderr
