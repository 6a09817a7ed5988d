"""How the command line gets on with what reads it: pipes, spreadsheets, encodings, shells."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from cpor.exits import BROKEN, UNREAD
from tests.examples import PROOF, opening
from tests.shell import LIMIT, ROOT, STARTER, Shell, shell_in

CLAIM = "CPOR-7Q2M4X"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """With a worker, and a claim that is assigned to somebody beyond ASCII."""
    with shell_in(tmp_path_factory.mktemp("terminals")) as shell:
        shell.worker()
        (shell.folder / "sow.pdf").write_bytes(PROOF)
        file = shell.folder / "claim.json"
        file.write_text(json.dumps(opening(CLAIM, name="Åsa", evidence=[{"file": "sow.pdf"}])))
        assert shell.starter("start", "claim.json").returncode == 0
        assert shell.starter("assign", CLAIM, "lee", "--by", "olga").returncode == 0
        shell.until(lambda: "lee" in shell.starter("list").stdout)
        yield shell


def into(
    output: int | IO[bytes], shell: Shell, *words: str, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """A command whose output goes there, byte by byte as it writes it."""
    return subprocess.run(
        [*STARTER, *words],
        cwd=shell.folder,
        env={**shell.environment, **environment},
        stdout=output,
        stderr=subprocess.PIPE,
        timeout=LIMIT,
        check=False,
    )


def unread(shell: Shell, *words: str) -> tuple[int, bytes]:
    """Its exit code and what it complains of, when nobody reads what it says."""
    read, written = os.pipe()
    os.close(read)
    with open(written, "wb") as output:
        done = into(output, shell, *words)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--csv"),
        *(
            pytest.param(words, marks=pytest.mark.thorough)
            for words in (
                ("--help",),
                ("list",),
                ("watch", CLAIM),
                ("list", "--json"),
                ("history", CLAIM),
                ("import-template",),
                ("editions",),
            )
        ),
    ],
)
def test_a_command_that_nobody_reads_ends_silently(shell: Shell, words: tuple[str, ...]) -> None:
    assert unread(shell, *words) == (UNREAD, b"")


def test_an_export_that_nobody_reads_ends_likewise(shell: Shell) -> None:
    code, said = unread(shell, "export")
    assert code == UNREAD
    assert b"Traceback" not in said


def test_output_that_cannot_be_written_is_no_success(shell: Shell) -> None:
    with Path("/dev/full").open("wb") as full:
        done = into(full, shell, "import-template")
    assert done.returncode == BROKEN
    assert done.stderr.startswith(b"The output could not be written: ")


def test_who_watches_through_a_pipe_is_told_at_once(shell: Shell) -> None:
    watching = subprocess.Popen(
        [*STARTER, "watch", CLAIM],
        cwd=shell.folder,
        env=shell.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert watching.stdout is not None
    try:
        assert "opened" in watching.stdout.readline(), "while the claim goes on"
        watching.stdout.close()
        while watching.poll() is None:  # each entry more is one nobody reads
            shell.starter("comment", CLAIM, "Anybody there?", "--by", "kim", "--internal")
        assert watching.returncode == UNREAD
    finally:
        if watching.poll() is None:
            watching.terminate()
        watching.wait(LIMIT)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_a_terminal_cannot_show_is_a_question_mark_there(shell: Shell, encoding: str) -> None:
    done = into(subprocess.PIPE, shell, "show", CLAIM, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Åsa".encode(encoding, "replace") in done.stdout


def test_programs_are_told_all_of_it_on_any_terminal(shell: Shell) -> None:
    shown = shell.starter("show", CLAIM, "--json", PYTHONIOENCODING="ascii")
    assert json.loads(shown.stdout)["name"] == "Åsa"


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    """As docs/operating.md says: `./starter.py`, which is found by that name."""
    asked = """
    eval "$(./starter.py --show-completion)"
    complete -p starter.py
    for COMP_LINE in "./starter.py start" "./starter.py list --st"; do
        COMP_WORDS=($COMP_LINE); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _starterpy_completion ./starter.py
        echo "${COMPREPLY[@]}"
    done
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", asked],
        cwd=ROOT,
        env={**Shell(tmp_path).environment, "UV_NO_SYNC": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.stdout.splitlines()[1:] == ["start start-review", "--status"], done
