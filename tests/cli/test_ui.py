"""What operators read, and reviewers do, in Temporal's own UI: in a real browser.

With `PICTURES=docs/pictures` in the environment it takes the pictures of the documents anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    FrameLocator,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.chromium import FLAGS, FOUND
from tests.examples import PARTNER, REVIEWER
from tests.shell import Shell, shell_in, write_claim
from workflows.dialog import ANY_OTHER

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(FOUND is None, reason="no Chromium is on the PATH"),
]

LIMIT = 180_000.0
SCREEN = ViewportSize(width=1440, height=1100)
PICTURES = os.environ.get("PICTURES")
NASTY = (
    "`[x](http://evil.example)![y](//evil.example/z) <img src=//evil.example> http://evil.example"
)


@dataclass
class Operator:
    """Somebody with a browser; other people have commands."""

    shell: Shell
    page: Page

    def starts(self, claim_id: str, **changes: object) -> None:
        file = write_claim(self.shell.folder, claim_id=claim_id, **changes)
        done = self.shell.starter("start", str(file))
        assert done.returncode == 0, done.stderr

    def send(self, claim_id: str, name: str, **message: Any) -> None:
        done = self.shell.starter("send", claim_id, name, json.dumps(message))
        assert done.returncode == 0, done.stderr

    def opens(self, claim_id: str, tab: str) -> None:
        self.page.goto(f"{self.shell.engine['ui']}/namespaces/default/workflows/{claim_id}")
        self.page.get_by_role("tab", name=tab).click()

    def reads(self, part: str) -> FrameLocator:
        """The UI shows Markdown in a frame of its own."""
        return self.page.frame_locator(f"#user-metadata-{part}")

    @property
    def current_details(self) -> Locator:
        return self.page.locator("#user-metadata-current-details").locator("../..")

    def opens_the_dialog(self) -> Locator:
        """With all the signals there are to choose from."""
        self.page.get_by_role("button", name="More Actions").click()
        self.page.get_by_role("menuitem", name="Send a Signal").first.click()
        dialog = self.page.get_by_role("dialog", name="Send a Signal")
        dialog.get_by_test_id("signal-select-button").click()
        return dialog

    def sends_by_the_dialog(self, claim_id: str, name: str, message: Mapping[str, Any]) -> None:
        def heard() -> int:
            return len(self.shell.json("history", claim_id, "--json"))

        before = heard()
        dialog = self.opens_the_dialog()
        dialog.get_by_role("option", name=re.compile(rf"^{name}\b")).click()
        data = dialog.get_by_role("textbox", name="Data")
        data.fill(json.dumps(message))
        # The UI lays the JSON out anew when it is left, which moves the button from under a click.
        data.blur()
        expect(data.locator(".cm-line")).not_to_have_count(1)
        dialog.get_by_role("button", name="Submit").click()
        self.shell.until(lambda: heard() > before)

    def picture(self, name: str, of: Locator) -> None:
        """Of a part of the screen on which nobody is named."""
        if PICTURES:
            of.screenshot(path=Path(PICTURES) / name, animations="disabled")


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    with shell_in(tmp_path_factory.mktemp("ui")) as shell, sync_playwright() as playwright:
        shell.worker()
        if not shell.engine["ui"]:
            pytest.skip("this engine has no UI")
        browser = playwright.chromium.launch(executable_path=FOUND, args=FLAGS)
        page = browser.new_page(viewport=SCREEN)
        page.set_default_timeout(LIMIT)
        expect.set_options(timeout=LIMIT)
        yield Operator(shell, page)
        browser.close()


def test_the_page_of_a_claim_answers_at_a_glance(operator: Operator) -> None:
    operator.starts("CPOR-7Q2M4X")
    wanted = {"reason": "missing_products", "product": "Teams"}
    operator.send("CPOR-7Q2M4X", "request_info", by=REVIEWER, requests=[wanted])
    operator.opens("CPOR-7Q2M4X", "User Metadata")
    summary = operator.reads("summary").locator("body")
    expect(summary).to_have_text("CPOR-7Q2M4X · osu-m365 · 2 products")
    details = operator.reads("details").locator("body")
    expect(details).to_have_text("usage of Teams, Exchange Online")
    now = operator.reads("current-details")
    expect(now.locator("body")).to_contain_text("Partner action required, waiting for partner")
    for words in (
        "- the partner must answer by the end of ",
        " in Europe/Berlin = ",
        ": 5 business days from ",
        "- reviewer: kim",
        "- partner: edit, add_evidence, withdraw_evidence, comment, submit, withdraw",
        "reviewer kim: request_info → Partner action required",
    ):
        expect(now.locator("body")).to_contain_text(words)
    for person in ("Ada", "Berg", "Lars", "@"):
        expect(now.locator("body")).not_to_contain_text(person)


def test_timers_and_activities_are_labelled_by_what_they_are_for(operator: Operator) -> None:
    operator.starts("CPOR-LABELS")
    operator.opens("CPOR-LABELS", "Timeline")
    for label in (
        "a reviewer must start by",
        "(5 business days)",
        "mail: submitted → partner",
        "proof files: check and seal",
    ):
        expect(operator.page.get_by_text(label).first).to_be_visible()


def test_a_reviewer_with_nothing_but_the_ui_approves(operator: Operator) -> None:
    operator.starts("CPOR-BY-HAND")
    operator.opens("CPOR-BY-HAND", "User Metadata")
    operator.sends_by_the_dialog("CPOR-BY-HAND", "approve", {"by": {"role": "reviewer"}})
    now = operator.reads("current-details").locator("body")
    operator.opens("CPOR-BY-HAND", "User Metadata")
    expect(now).to_contain_text("Submitted, waiting for reviewer")
    expect(now).to_contain_text("somebody approve: by.id: is needed")
    operator.picture("claim.png", operator.current_details)

    operator.sends_by_the_dialog("CPOR-BY-HAND", "approve", {"by": REVIEWER})
    operator.opens("CPOR-BY-HAND", "User Metadata")
    expect(now).to_contain_text("Approved, waiting for customer")
    expect(now).to_contain_text("reviewer kim: approve → Approved")
    assert operator.shell.json("show", "CPOR-BY-HAND", "--json")["reviewer"] == "kim"


def test_each_message_says_in_the_dialog_what_its_json_must_hold(operator: Operator) -> None:
    operator.starts("CPOR-DIALOG")
    operator.opens("CPOR-DIALOG", "User Metadata")
    dialog = operator.opens_the_dialog()
    expect(dialog.get_by_role("option", name=re.compile("^approve"))).to_contain_text(
        'A reviewer approves; the customer is asked next. {"by": {"role": "reviewer", "id": text}, '
        '"note"?: text, "displace"?: true or false, "contacts_confirmed"?: true or false, '
        '"seen"?: number}'
    )
    expect(dialog.get_by_role("option", name=re.compile(r"^withdraw\b"))).to_contain_text(
        '"reason": "wrong_mpn" or "wrong_activity" or '
    )
    expect(dialog.get_by_role("option", name=re.compile(f"^{ANY_OTHER}"))).to_contain_text(
        "Any other name is refused"
    )
    operator.picture("signal.png", dialog)


def test_what_was_typed_becomes_no_link_no_image_and_no_html(operator: Operator) -> None:
    operator.starts("CPOR-NASTY", submit=False)
    operator.send("CPOR-NASTY", "edit", by=PARTNER, changes={"name": NASTY})
    operator.send("CPOR-NASTY", "comment", by=PARTNER, text=NASTY)
    operator.opens("CPOR-NASTY", "User Metadata")
    now = operator.reads("current-details")
    expect(now.locator("code", has_text=NASTY.replace("`", "'"))).to_be_visible()
    expect(now.locator("a, img, b, script, iframe")).to_have_count(0)
