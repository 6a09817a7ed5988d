"""Renders a page: a template in one language, with headers that keep it private."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from cpor.page import translations
from cpor.page.translations import Translation, codes, filled

HERE = Path(__file__).parent
STYLE = (HERE / "style.css").read_text("utf-8")
ICON = f"data:image/svg+xml;base64,{b64encode((HERE / 'icon.svg').read_bytes()).decode()}"
_STYLE_HASH = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
        "form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Language",
}


def render(
    template: str,
    translation: Translation,
    facts: Mapping[str, object],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HTMLResponse:
    page = _environment().get_template(f"{template}.j2")
    content = page.render(
        say=partial(translation.say, facts=facts),
        filled=partial(filled, facts=facts),
        translation=translation,
        facts=facts,
        **more,
    )
    return HTMLResponse(
        content, status, {**HEADERS, "Content-Language": translation.code, **(headers or {})}
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    seen_by_all = cast("dict[str, Any]", environment.globals)
    seen_by_all.update(
        style=STYLE, icon=ICON, languages=list(map(translations.translation, codes()))
    )
    return environment
