#!/usr/bin/env -S uv run
"""Runs the command line of partners, reviewers, customers and operators."""

from __future__ import annotations

from cpor.cli.app import command_line, main
from demo.commands import demo_app, notices_app

app = command_line(notices_app, demo_app)

if __name__ == "__main__":
    main(app)
