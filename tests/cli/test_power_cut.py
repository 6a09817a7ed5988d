"""`kill -9` of worker and engine in the middle of a claim: both start again and nothing is lost."""

from __future__ import annotations

import json

from tests.examples import CUSTOMER, REVIEWER
from tests.shell import Shell, write_claim


def test_a_claim_survives_the_death_of_everything(shell: Shell) -> None:
    shell.worker()
    assert shell.starter("start", str(write_claim(shell.folder))).returncode == 0
    first = _receipt(shell, "start_review", {"by": REVIEWER, "id": "m-1"})
    shell.until(lambda: _settled(shell))
    shell.kill_everything()

    shell.worker()
    again = shell.until(lambda: _receipt(shell, "start_review", {"by": REVIEWER, "id": "m-1"}))
    assert again == first, "the same message again gets its first receipt, not a second review"
    shell.until(lambda: _receipt(shell, "approve", {"by": REVIEWER, "id": "m-2"}))
    known = shell.until(lambda: _settled(shell))
    assert (known["status"], known["consent"]) == ("Approved", "pending")
    assert list((shell.folder / "var/mail").glob("*.consent.1.contact.eml"))
    shell.kill_everything()

    shell.worker()
    shell.until(lambda: _receipt(shell, "decline", {"by": CUSTOMER, "id": "m-3"}))
    record = shell.folder / "var/store/records/CPOR-7Q2M4X/record.json"
    shell.until(record.exists)
    kept = json.loads(record.read_text())
    assert (kept["status"], kept["consent"]) == ("Rejected", "declined")
    assert [entry["what"] for entry in kept["history"]].count("approve") == 1


def _settled(shell: Shell) -> dict[str, object] | None:
    known = shell.json("show", "CPOR-7Q2M4X", "--json")
    return None if known["owed"] else known


def _receipt(shell: Shell, name: str, message: dict[str, object]) -> dict[str, object] | None:
    """None as long as the engine has not noticed that the worker it waits for is dead."""
    answer = shell.json("send", "CPOR-7Q2M4X", name, json.dumps(message))
    return answer if "outcome" in answer else None
