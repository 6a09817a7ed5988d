"""While no worker answers, what is said is kept at the engine and not lost."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from subprocess import CompletedProcess

import pytest

from tests.examples import PROOF, opening
from tests.shell import Shell, shell_in

CLAIM = "CPOR-7Q2M4X"
BY = ("--by", "ada")
KEPT: dict[str, tuple[str, ...]] = {
    "add-evidence": ("add-evidence", CLAIM, "more.pdf", "--id", "m-1", *BY),
    "edit": ("edit", CLAIM, "--set", "name=Another name", "--id", "m-2", *BY),
    "dispute": ("dispute", CLAIM, "objection.pdf", "--id", "m-3", *BY),
    "retry": ("retry", CLAIM, "--id", "m-4", *BY),
    "retry as data": ("retry", CLAIM, "--id", "m-4", "--json", *BY),
}
ASKED = ("edit", CLAIM, "--set", "customer_contact.title=CFO", *BY)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with shell_in(tmp_path_factory.mktemp("silent")) as shell:
        yield shell


@pytest.fixture(scope="module")
def said(shell: Shell) -> Iterator[dict[str, CompletedProcess[str]]]:
    """What became of each command, typed while the worker stood still."""
    worker = shell.worker()
    for name in ("sow", "more", "objection"):
        (shell.folder / f"{name}.pdf").write_bytes(PROOF + name.encode())
    draft = opening(CLAIM, evidence=[{"file": "sow.pdf"}], submit=False)
    (shell.folder / "claim.json").write_text(json.dumps(draft))
    assert shell.starter("start", "claim.json").returncode == 0
    shell.until(lambda: "opened" in shell.starter("history", CLAIM).stdout)
    worker.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as hands:
            under_way = {
                name: hands.submit(shell.starter, *words, CLAIMS_ANSWER_TIMEOUT="2")
                for name, words in {**KEPT, "asked": ASKED}.items()
            }
            yield {name: done.result() for name, done in under_way.items()}
    finally:
        worker.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("name", KEPT)
def test_the_message_is_taken_and_can_be_asked_for(
    said: dict[str, CompletedProcess[str]], name: str
) -> None:
    done, words = said[name], KEPT[name]
    message_id = words[words.index("--id") + 1]
    assert done.returncode == 0, done
    assert done.stderr == (
        f"{CLAIM}  Taken, not yet answered: no worker is there. "
        f"For its receipt, send it again with --id {message_id}.\n"
    )
    if "--json" not in words:
        assert done.stdout == ""


def test_programs_are_told_the_id_of_a_retry_that_was_taken(
    said: dict[str, CompletedProcess[str]],
) -> None:
    told = json.loads(said["retry as data"].stdout)
    assert (told["claim_id"], told["tried_now"]) == (CLAIM, [])
    assert (told["answer"]["outcome"], told["answer"]["id"]) == ("taken", "m-4")


def test_only_a_part_of_a_contact_cannot_be_set_for_the_rest_must_be_asked_for(
    said: dict[str, CompletedProcess[str]],
) -> None:
    assert said["asked"].returncode == 4
    assert "no worker answered for" in said["asked"].stderr


def test_once_a_worker_is_there_all_of_it_is_done(
    shell: Shell, said: dict[str, CompletedProcess[str]]
) -> None:
    shell.workers[-1].send_signal(signal.SIGCONT)
    known = shell.until(
        lambda: (known := shell.json("show", CLAIM, "--json"))["name"] == "Another name" and known
    )
    assert "more.pdf" in [file["name"] for file in known["evidence"]]
    told = shell.json("retry", CLAIM, "--id", "m-4", "--json", *BY)
    assert (told["answer"]["id"], told["answer"]["text"]) == ("m-4", "Nothing is parked.")
