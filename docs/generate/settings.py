"""Writes docs/settings.md from the models: `python -m docs.generate.settings`."""

from __future__ import annotations

from pathlib import Path

from pydantic.fields import FieldInfo

from cpor.settings import PREFIX, Settings

PAGE = Path(__file__).parents[1] / "settings.md"
HEAD = """# Settings

Each is an environment variable. An empty one counts as unset; a misspelt one is named at start,
with what was probably meant, and nothing is started. What is unset may be
[a file](deploying.md#secrets). `uv run worker.py --check` tries all that they name. Where Temporal
is, say `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE` and their siblings, or a `temporal.toml`.

This page is made by `uv run python -m docs.generate.settings` from `cpor/settings/fields.py`.

| name | meaning | default | example |
| --- | --- | --- | --- |
"""


def page() -> str:
    return HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    (example,) = field.examples or ("",)
    cells = (_code(f"{PREFIX}{name.upper()}"), field.description, _default(field), _code(example))
    return f"| {' | '.join(map(str, cells))} |\n"


def _default(field: FieldInfo) -> str:
    return "unset" if field.default in (None, {}) else _code(field.default)


def _code(value: object) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
