"""The pictures of mails in docs/notices.md, as Chromium shows them.

uv run python -m docs.generate.mail_pictures
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from demo.preview import pages
from tests.chromium import FLAGS, FOUND

PICTURES = Path(__file__).parents[1] / "pictures"
SHOWN = {
    "consent": ("consent", "three-products", "light", 700),
    "consent-phone": ("consent", "three-products", "dark", 360),
    "request": ("info_requested", "three-products", "light", 700),
    "rejection": ("rejected", "three-products", "light", 700),
}


def main() -> None:
    if FOUND is None:
        raise SystemExit("No Chromium is on the PATH.")
    letters = {(page.sample.kind, page.sample.variant): page.letter for page in pages("en")}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=FOUND, args=FLAGS)
        for name, (kind, variant, scheme, width) in SHOWN.items():
            page = browser.new_page(
                viewport={"width": width, "height": 600},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            _picture(page, letters[kind, variant].html, PICTURES / f"mail-{name}.png")
        browser.close()


def _picture(page: Page, html: str, file: Path) -> None:
    page.set_content(html)
    page.screenshot(path=file, full_page=True)
    page.close()


if __name__ == "__main__":
    main()
