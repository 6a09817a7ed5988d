"""Proof files are looked into beside a claim's life, by a real worker and in a real store."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from activities import Activities
from cpor.evidence.kept import BESIDE
from cpor.rules.proof_files import MEDIA_TYPES
from tests.evidence import documents
from tests.examples import REVIEWER, opening
from tests.workflows.world import Handle, World, ask

TEXT = "Fabrikam rolls out Microsoft Teams for Contoso. Signed 2 March 2026."


def looking(world: World) -> Activities:
    return Activities(world.settings.model_copy(update={"look_into_proof": True}))


async def opened(world: World, claim_id: str, files: Mapping[str, bytes]) -> Handle:
    named: list[dict[str, Any]] = []
    for name, content in files.items():
        world.keep_proof(claim_id, content)
        media_type = MEDIA_TYPES[Path(name).suffix[1:]]
        sha256 = hashlib.sha256(content).hexdigest()
        file = {"sha256": sha256, "name": name, "media_type": media_type, "size": len(content)}
        named.append(file)
    return await world.start(claim_id, opening(claim_id, evidence=named))


async def test_reviewers_are_warned_of_a_macro_and_partners_told_what_nobody_can_read(
    idle_world: World,
) -> None:
    macro = documents.with_part(documents.word(TEXT), "word/vbaProject.bin", b"\xd0\xcf\x11\xe0 x")
    async with looking(idle_world) as activities, idle_world.working(activities):
        files = {"sow.docx": macro, "locked.pdf": documents.locked("x")}
        claim = await opened(idle_world, idle_world.new_id(), files)
        await idle_world.until_claim(claim, owed=[])
        found = await ask(claim, "sheet")
        told = [entry["text"] for entry in await idle_world.history(claim)]
    assert [(file["verdict"], file["findings"]) for file in found["files"]] == [
        ("suspicious", ["macros"]),
        ("refused", ["encrypted"]),
    ]
    assert found["sheet"]["lines"]["partner"] == {"found": 1, "unclear": 0, "missing": 0}
    assert "missing_products" in found["sheet"]["asks"]
    (mail,) = idle_world.mails(claim, "evidence_problem")
    assert "ada@fabrikam.example" in mail["To"]
    assert "locked.pdf is refused (encrypted)" in told


async def test_a_store_that_is_away_is_asked_again_and_delays_no_decision(
    idle_world: World,
) -> None:
    content = documents.word(TEXT)
    async with looking(idle_world) as activities, idle_world.working(activities):
        claim_id = idle_world.new_id()
        in_its_way = sealed_beside(idle_world, claim_id, content)
        in_its_way.mkdir(parents=True)
        (in_its_way / "a file").write_text("in the place of what is to be kept")
        claim = await opened(idle_world, claim_id, {"sow.docx": content})
        await idle_world.tell(claim, "approve", by=REVIEWER)
        known = await idle_world.until_claim(claim, consent="pending")
        assert known["sheet"] is None
        (in_its_way / "a file").unlink()
        in_its_way.rmdir()
        await idle_world.pass_time(claim, timedelta(minutes=3))
        known = await idle_world.until_claim(claim, owed=[])
    assert known["evidence"][0]["verdict"] == "clean"
    assert sealed_beside(idle_world, claim_id, content).is_file()


def sealed_beside(world: World, claim_id: str, content: bytes) -> Path:
    sha256 = hashlib.sha256(content).hexdigest()
    return world.folder / "store/evidence" / claim_id / f"{sha256}.{BESIDE}"
