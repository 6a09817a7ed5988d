"""The page beside a worker on this machine: the links of its mails open it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from cpor import local_page
from cpor.links import Invitation, SignedLinks
from cpor.settings import Settings

INVITATION = Invitation("CPOR-7Q2M4X", 1, "contact")


@pytest.mark.parametrize("secret", ["x" * 32, f"{'new' * 11} {'old' * 11}"])
async def test_the_page_knows_the_links_that_the_worker_signs(
    secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_page, "SECRET", tmp_path / "link.secret")
    local_page.SECRET.touch(0o600)
    local_page.SECRET.write_text(f"{secret}\n")
    settings = Settings(store_url=str(tmp_path / "store"), decline_port=0)
    client = await Client.connect("127.0.0.1:1", lazy=True)
    async with (
        local_page.unless_configured(settings, client, lambda _: None) as configured,
        httpx.AsyncClient(trust_env=False) as browser,
    ):
        links = SignedLinks.of(configured)
        assert links is not None
        form = {"confirmation": "of another page"}
        unconfirmed = await browser.post(links.decline(INVITATION), data=form)
        forged = await browser.post(f"{links.address}/CPOR-7Q2M4X/1c-forged", data=form)
    assert (unconfirmed.status_code, forged.status_code) == (403, 404)
