"""The commands from outside: a claim from file to record, and each mistake in one sentence."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.examples import OPERATOR, PARTNER, PROOF, PROOF_SHA256, REVIEWER, opening, without
from tests.shell import LIMIT, ROOT, Shell, shell_in, write_claim


@pytest.fixture(scope="module")
def shell_with_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell_in(tmp_path_factory.mktemp("commands")) as shell:
        shell.worker()
        yield shell


def test_a_claim_from_its_file_to_its_record(shell: Shell) -> None:
    worker = shell.worker()
    claim = write_claim(shell.folder)
    started = shell.new_starter("start", str(claim))
    assert (started.returncode, started.stdout) == (0, "CPOR-7Q2M4X is started.\n")

    again = shell.starter("start", str(claim))
    assert (again.returncode, again.stdout) == (
        0,
        "CPOR-7Q2M4X is there already, just as this file says.\n",
    )
    other = write_claim(shell.folder, name="Another claim under the same id")
    taken = shell.starter("start", str(other))
    assert taken.returncode == 3
    assert taken.stderr == (
        "CPOR-7Q2M4X is taken by another claim, and an id is used once: choose a new one\n"
    )

    receipt = shell.json("send", "CPOR-7Q2M4X", "start_review", json.dumps({"by": REVIEWER}))
    assert (receipt["outcome"], receipt["status"]) == ("accepted", "Under review")
    refused = shell.starter("send", "CPOR-7Q2M4X", "submit", json.dumps({"by": PARTNER}))
    assert refused.returncode == 3
    assert refused.stderr.startswith("wrong_status: submit is not possible in Under review;")
    invalid = shell.new_starter("send", "CPOR-7Q2M4X", "approve", "{}")
    assert (invalid.returncode, invalid.stderr) == (2, "invalid: by: is needed\n")

    shell.until(lambda: shell.json("show", "CPOR-7Q2M4X", "--json")["owed"] == [])
    (file,) = shell.json("evidence", "CPOR-7Q2M4X", "--json")
    assert (file["sha256"], file["state"]) == (PROOF_SHA256, "sealed")
    saved = shell.starter("evidence", "CPOR-7Q2M4X", "--save", "proof", "--anyway")
    assert saved.returncode == 0
    (kept,) = (shell.folder / "proof").iterdir()
    assert kept.read_bytes() == PROOF
    assert list((shell.folder / "var/mail").glob("*.submitted.1.partner.eml"))
    for place in [*shell.folder.glob("var/**/*"), *shell.folder.glob("proof/**/*")]:
        assert place.stat().st_mode & 0o077 == 0, f"others may read {place}"

    withdrawal = json.dumps({"by": PARTNER, "reason": "other"})
    sent = shell.starter("send", "CPOR-7Q2M4X", "withdraw", withdrawal, "--signal")
    assert sent.returncode == 0
    shell.until(lambda: (shell.folder / "var/store/records/CPOR-7Q2M4X/record.json").exists())
    late = shell.until(lambda: _closed(shell))
    assert late.startswith(
        "claim_closed: CPOR-7Q2M4X is over; read how it ended with: show CPOR-7Q2M4X"
    )
    assert "Rejected" in shell.starter("show", "CPOR-7Q2M4X").stdout

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(LIMIT) == 0
    forgotten = shell.starter("show", "CPOR-7Q2M4X")
    assert forgotten.returncode == 4, "no engine runs here any more"


def _closed(shell: Shell) -> str:
    done = shell.starter("send", "CPOR-7Q2M4X", "retry", json.dumps({"by": OPERATOR}))
    return done.stderr if done.returncode != 0 else ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"program": "osu"}, "program: must be 'osa-sell', 'osu-m365' or 'osu-business-app"),
        ({"products": []}, "products: at least one product is needed"),
        (
            {"products": [{"name": "Team"}]},
            "'Team' is not in the product catalogue; nearest: Teams",
        ),
        ({"activity": "presales"}, "activity: presales does not go with osu-m365; it takes usage"),
        ({"evidence": []}, "at least one proof file is needed to submit"),
        ({"evidence": [{"file": "gone.pdf"}]}, "gone.pdf cannot be read"),
        ({"evidence": [{"file": "a\0.txt"}]}, "a\\x00.txt' cannot be read"),
        ({"evidence": [{"file": "\ud800.txt"}]}, "\\ud800.txt' cannot be read"),
        ({"claim_id": "no spaces"}, "claim_id: must be 4 to 40 characters of A-Z, 0-9 and -"),
        ({"colour": "red"}, "colour: is not a known field"),
    ],
)
def test_a_wrong_claim_is_refused_before_anything_is_sent(
    shell: Shell, changes: dict[str, object], said: str
) -> None:
    done = shell.starter("start", str(write_claim(shell.folder, **changes)))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (shell.folder / "var/store/incoming").exists()


def test_every_wrong_field_is_named_at_once(shell: Shell) -> None:
    file = shell.folder / "claim.json"
    wrong = without({**opening("x"), "activity": "presales", "colour": "red"}, "partner")
    file.write_text(json.dumps(wrong))
    done = shell.starter("start", str(file))
    assert done.returncode == 2
    for field in ("claim_id:", "partner:", "colour:", "activity:"):
        assert field in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "nowhere.json"), "nowhere.json cannot be read: No such file or directory"),
        (("start", "text.json"), "text.json is not JSON"),
        (("start", "list.json"), "list.json must hold one JSON object, the claim"),
        (("upload", "nowhere.pdf", "--claim", "CPOR-1"), "nowhere.pdf cannot be read"),
        (("upload", "pipe.pdf", "--claim", "CPOR-1"), "pipe.pdf cannot be proof: it is no regular"),
        (("upload", "text.exe", "--claim", "CPOR-1"), "text.exe cannot be proof"),
        (("upload", "text.txt", "--claim", "../../etc"), "'../../etc' is no claim id"),
        (("send", "CPOR-1", "approve", "{"), "not readable as JSON"),
        (("send", "CPOR-1", "approve", "[]"), "must be one JSON object"),
        (("send", "CPOR-1", "comment", '{"text": "\\ud800"}'), "half a pair of surrogates"),
        (("send", "CPOR-1", "aprove", "--signal"), "'aprove' is no message; there are edit,"),
        (("send", "CPOR-1", "approve", "--signal"), "by: is needed"),
        (("list", "--json", "--csv"), "say --json or --csv, not both"),
        (("list", "--partner", "../records"), "--partner: must be"),
        (("list", "--customer", "contoso"), "--customer: must be a GUID"),
        (("list", "--reviewer", ""), "--reviewer: must not be empty"),
        (("inbox", " "), "REVIEWER: must not be empty"),
        (("list", "--partner", "\udcff"), "argument 3, \\xff: is not UTF-8"),
        (("show",), "Missing argument 'CLAIM'"),
        (("dance",), "No such command 'dance'"),
    ],
)
def test_a_mistake_in_a_command_is_told_in_a_sentence(
    shell: Shell, words: tuple[str, ...], said: str
) -> None:
    os.mkfifo(shell.folder / "pipe.pdf")
    (shell.folder / "text.json").write_text("hello")
    (shell.folder / "list.json").write_text("[]")
    (shell.folder / "text.exe").write_text("hello")
    (shell.folder / "text.txt").write_text("hello")
    done = shell.starter(*words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_upload_prints_the_reference_that_names_the_file(shell: Shell) -> None:
    (shell.folder / "sow.pdf").write_bytes(PROOF)
    reference = shell.json("upload", "sow.pdf", "--claim", "CPOR-7Q2M4X")
    assert reference == {
        "sha256": PROOF_SHA256,
        "name": "sow.pdf",
        "media_type": "application/pdf",
        "size": len(PROOF),
    }
    place = shell.folder / "var/store/incoming/CPOR-7Q2M4X" / PROOF_SHA256
    assert place.read_bytes() == PROOF


def test_without_an_engine_each_command_says_so_in_a_sentence(shell: Shell) -> None:
    claim = str(write_claim(shell.folder))
    nowhere = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}
    by = json.dumps({"by": REVIEWER})
    for words in (("start", claim), ("show", "CPOR-1"), ("send", "CPOR-1", "approve", by)):
        done = shell.starter(*words, **nowhere)
        assert done.returncode == 4
        assert done.stderr.startswith("No Temporal answers at 127.0.0.1:1. Start one with:")
        assert len(done.stderr.splitlines()) == 1


def test_a_worker_without_its_configured_engine_says_so_and_ends(shell: Shell) -> None:
    """In an interpreter of its own: other tests fork their workers."""
    worker = subprocess.run(
        [sys.executable, str(ROOT / "worker.py")],
        cwd=shell.folder,
        env={**shell.environment, "TEMPORAL_ADDRESS": "127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert worker.returncode == 4
    assert worker.stderr.startswith("No Temporal answers at 127.0.0.1:1.")
    assert len(worker.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("CLAIMS_SMPT_HOST", "x", "CLAIMS_SMPT_HOST is not a setting; the nearest is CLAIMS_SMTP_"),
        ("CLAIMS_RETENTION_DAYS", "soon", "CLAIMS_RETENTION_DAYS must be a valid integer"),
    ],
)
def test_a_wrong_setting_is_named_at_start(
    shell: Shell, setting: str, value: str, said: str
) -> None:
    worker = shell.start_worker(**{setting: value})
    _, errors = worker.communicate(timeout=LIMIT)
    assert worker.returncode == 1
    assert errors.startswith(said)


def test_the_demo_plays_four_claims_to_their_ends(shell: Shell) -> None:
    done = shell.starter("demo", "--fast", COLUMNS="100")
    assert done.returncode == 0, done.stderr
    mails = sorted(path.name for path in (shell.folder / "var/demo/mail").glob("*.eml"))
    handed_off = list((shell.folder / "var/demo/outbox").iterdir())
    assert len(handed_off) == 2
    assert sum(".rejected.1.partner." in name for name in mails) == 1
    assert sum(".declined.1.contact." in name for name in mails) == 1
    for end in ("Approved, handed on to be judged", "Rejected, no partner response"):
        assert end in done.stdout
    assert f"{len(mails)} mails to read in a browser: var/demo/mail/index.html" in done.stdout
    index = (shell.folder / "var/demo/mail/index.html").read_text()
    assert all(name.replace(".eml", ".html") in index for name in mails)
    assert "http://" not in done.stdout, "what is down has no link"
    assert languages_of(shell.folder / "var/demo/mail") == {"de", "en", "nl", "sv", "tr"}


def languages_of(mails: Path) -> set[str]:
    found: set[str] = set()
    for file in mails.glob("*.eml"):
        html = message_from_bytes(file.read_bytes(), policy=default).get_body(("html",))
        assert html is not None
        found.update(re.findall(r'<html lang="(\w+)"', html.get_content()))
    return found


def test_a_worker_told_to_stop_while_it_starts_stops(shell: Shell) -> None:
    """The second worker waits for the data of the first one."""
    shell.worker()
    second = shell.start_worker()
    assert second.stdout is not None
    for line in second.stdout:
        if "in use; waiting" in line:
            break
    second.send_signal(signal.SIGTERM)
    assert second.wait(LIMIT) == 0


@pytest.mark.parametrize(
    ("claim", "code", "said"),
    [
        ("CPOR-NEVER", 3, "CPOR-NEVER is known neither to Temporal nor to the store\n"),
        ("../../etc", 2, "must be 4 to 40 characters of A-Z, 0-9 and -"),
        ("", 2, "must be 4 to 40 characters of A-Z, 0-9 and -"),
        ("no spaces", 2, "must be 4 to 40 characters of A-Z, 0-9 and -"),
    ],
)
def test_a_claim_that_is_unknown_or_none_is_told_apart_from_an_unreachable_engine(
    shell_with_worker: Shell, claim: str, code: int, said: str
) -> None:
    done = shell_with_worker.starter("show", claim)
    assert done.returncode == code
    assert said in done.stderr
