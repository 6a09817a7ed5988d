"""docs/settings.md is what the models say, and every example can be taken as it stands."""

from __future__ import annotations

import os
from typing import Any, cast

import pytest
from pydantic import create_model

from cpor.settings import Settings, SettingsError
from docs.generate.settings import PAGE, page

FIELDS = Settings.model_fields


def test_the_page_is_as_the_models_are() -> None:
    assert PAGE.read_text("utf-8") == page(), "make it anew: python -m docs.generate.settings"


@pytest.mark.parametrize("name", FIELDS)
def test_each_setting_stands_there_with_one_example(name: str) -> None:
    (row,) = [line for line in page().splitlines() if f"`CLAIMS_{name.upper()}`" in line[:60]]
    _, _, meaning, default, example, _ = (cell.strip() for cell in row.split("|"))
    assert meaning
    assert default
    assert example.strip("`")


@pytest.mark.parametrize("name", FIELDS)
def test_each_example_is_one_that_is_taken(name: str) -> None:
    field = FIELDS[name]
    example = (field.examples or [None])[0]
    if "SecretStr" in str(field.annotation):
        assert example == "(from your secret store)"
    else:
        alone = cast("Any", create_model)("Alone", **{name: (field.annotation, field)})
        assert getattr(alone(**{name: example}), name) is not None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "9464", "localhost:9464", "127.0.0.1:0", "127.0.0.1:65536", "::1:9464", "[::1]:"],
)
@pytest.mark.parametrize("name", ["CLAIMS_METRICS_ADDRESS", "CLAIMS_HEALTH_ADDRESS"])
def test_one_listens_at_an_ip_address_and_a_port(
    address: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in [each for each in os.environ if each.startswith("CLAIMS_")]:
        monkeypatch.delenv(other)
    monkeypatch.setenv(name, address)
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    assert raised.value.problems == (
        f"{name} must be an IP address and a port such as 127.0.0.1:9464 or [::1]:9464.",
    )
