"""The alert rules: held against what a worker shows, and against the page that explains them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "deployment/alerts.yml"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(FILE.read_text("utf-8"))["groups"] for rule in group["rules"]
]
DOC = (ROOT / "docs/monitoring.md").read_text("utf-8")
PROMTOOL = shutil.which("promtool")
NEEDS_PROMTOOL = pytest.mark.skipif(
    PROMTOOL is None, reason="promtool, a part of Prometheus, is not on the PATH"
)
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])


@each_rule
def test_each_alert_has_its_paragraph(rule: dict[str, Any]) -> None:
    _, heading, rest = DOC.partition(f"### {rule['alert']}\n")
    assert heading
    assert len(rest.partition("\n#")[0].split()) > 30, "what it means, where to look, what to do"


def test_no_paragraph_is_about_an_alert_that_there_is_not() -> None:
    assert re.findall(r"^### (\w+)$", DOC, re.MULTILINE) == [rule["alert"] for rule in RULES]


@each_rule
def test_each_alert_rests_on_metrics_that_the_page_names_or_the_sdk_has(
    rule: dict[str, Any],
) -> None:
    for name in re.findall(r"\b(?:claims|temporal)_[a-z_]+", rule["expr"]):
        assert name.startswith("temporal_") or f"| `{name}` |" in DOC


@each_rule
def test_each_alert_says_how_urgent_it_is(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"].endswith(".")


@NEEDS_PROMTOOL
@pytest.mark.parametrize(
    "words",
    [("check", "rules", str(FILE)), ("test", "rules", "tests/monitoring/alerts_test.yml")],
    ids=lambda words: words[0],
)
def test_promtool_finds_nothing_amiss_and_each_alert_goes_off_when_it_should(
    words: tuple[str, ...],
) -> None:
    done = subprocess.run(
        [str(PROMTOOL), *words], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
