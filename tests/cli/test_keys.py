"""Keys are made, trusted and revoked, and a message is signed, each by a command."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from cpor import ClaimsClient
from cpor.cli.signing import speaking_to
from cpor.proofs import KeyUnusable, keys
from cpor.proofs.trust import Trust
from cpor.proofs.verify import judge
from cpor.rules.proof import Verdict, question
from tests.shell import Shell

APPROVE = '{"by": {"role": "reviewer", "id": "kim"}}'


@pytest.mark.thorough
def test_a_key_from_its_making_to_its_end(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    made = shell.new_starter("keys", "new", "kims")
    assert "d" not in json.loads(made.stdout)
    private = tmp_path / "kims.key.json"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    again = shell.new_starter("keys", "new", "kims")
    assert (again.returncode, "never overwritten" in again.stderr) == (1, True)

    trusted = tmp_path / "trusted.json"
    to = ("--trusted", str(trusted))
    shell.new_starter("keys", "trust", "kims.key.json", "--role", "reviewer", *to)
    assert '"d"' not in trusted.read_text("utf-8")
    signed = shell.new_starter("sign", "CPOR-1", "approve", APPROVE, "--key", "kims.key.json")
    asked = question("CPOR-1", "4912345", "approve", [json.loads(signed.stdout)], _now())
    assert asked is not None
    assert judge(asked, Trust.read(trusted.read_text("utf-8"))) == Verdict(key="kims")

    shell.new_starter("keys", "revoke", "kims", *to)
    asked = asked.model_copy(update={"at": _now()})
    assert judge(asked, Trust.read(trusted.read_text("utf-8"))).key is None
    listed = shell.new_starter("keys", "list", *to).stdout
    assert listed.startswith("kims  EdDSA  reviewer  until ")
    unknown = shell.new_starter("keys", "revoke", "lees", *to)
    assert (unknown.returncode, unknown.stderr) == (
        1,
        "no key lees is trusted; there are: kims\n",
    )


@pytest.mark.thorough
def test_a_key_that_comes_through_a_pipe_is_trusted(tmp_path: Path) -> None:
    key = json.dumps(keys.public(keys.new("kims")))
    to = ("--role", "reviewer", "--trusted", "trusted.json")
    done = Shell(tmp_path).new_starter("keys", "trust", "/dev/stdin", *to, given=key)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("kims  EdDSA  reviewer")


@pytest.mark.parametrize("by", [{"role": "operator", "id": "olga"}, {"role": None}, "kim", None])
async def test_a_key_is_read_again_only_to_speak_for_a_partner(
    by: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMS_SIGNING_KEY", str(tmp_path / "gone.key.json"))
    claims = cast("ClaimsClient", object())
    assert await speaking_to("CPOR-1", claims, {"by": by}) is claims
    with pytest.raises(KeyUnusable):
        await speaking_to("CPOR-1", claims, {"by": {"role": "partner"}})


def _now() -> datetime:
    return datetime.now(UTC)
