"""What axe, the checker of accessibility, says of a page in the tests' browser."""

from __future__ import annotations

from importlib.resources import files

from playwright.async_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
BROKEN = """
async () => (await axe.run()).violations.flatMap(
  (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 120)}`))
"""


async def violations(page: Page) -> list[str]:
    """Which rules are broken, and where. The page must be allowed scripts."""
    await page.evaluate(AXE)
    return await page.evaluate(BROKEN)
