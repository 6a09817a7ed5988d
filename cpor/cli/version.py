"""Which version this is, and on what it runs: what a report of a fault should say."""

from __future__ import annotations

from typing import Annotated

from typer import Exit, Option

from cpor.cli.console import print_line


def _print_and_exit(wanted: bool) -> None:
    if wanted:
        print_line(text())
        raise Exit


Version = Annotated[
    bool,
    Option(
        "--version", help="Print the version and exit.", callback=_print_and_exit, is_eager=True
    ),
]


def whole(version: Version = False) -> None:
    """What may be said to no single command."""


def text() -> str:
    import platform
    from importlib.metadata import version

    sdk, python = version("temporalio"), platform.python_version()
    return f"cpor-claims {_own()}, temporalio {sdk}, Python {python}"


def _own() -> str:
    """Installed, or in the checkout it is run from."""
    import tomllib
    from importlib.metadata import PackageNotFoundError, version
    from pathlib import Path

    try:
        return version("cpor-claims")
    except PackageNotFoundError:
        file = Path(__file__).parents[2] / "pyproject.toml"
        return tomllib.loads(file.read_text("utf-8"))["project"]["version"]
