"""A secret may be a file in a folder, as containers are handed them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cpor.settings import Settings, SettingsError, secret_files

KNOWN = [secret_files.OURS + name.upper() for name in Settings.model_fields]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {secret_files.FOLDER: str(tmp_path)}


def test_a_file_stands_for_the_variable_of_its_name(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    for name in ("claims_smtp_password", "temporal_api_key", "AWS_SECRET_ACCESS_KEY"):
        (tmp_path / name).write_text(f"the {name}")
    assert list(secret_files.take(environment, KNOWN)) == []
    assert environment["CLAIMS_SMTP_PASSWORD"] == "the claims_smtp_password"
    assert environment["TEMPORAL_API_KEY"] == "the temporal_api_key"
    assert environment["AWS_SECRET_ACCESS_KEY"] == "the AWS_SECRET_ACCESS_KEY"


@pytest.mark.parametrize("content", ["hush", "hush\n", "hush\r\n", "hush\n\n"])
def test_the_end_of_the_line_is_not_part_of_a_secret(
    tmp_path: Path, environment: dict[str, str], content: str
) -> None:
    (tmp_path / "claims_smtp_password").write_bytes(content.encode())
    assert list(secret_files.take(environment, KNOWN)) == []
    assert environment["CLAIMS_SMTP_PASSWORD"] == "hush"


def test_blanks_are_part_of_it(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "claims_smtp_password").write_text(" hush \n")
    assert list(secret_files.take(environment, KNOWN)) == []
    assert environment["CLAIMS_SMTP_PASSWORD"] == " hush "


def test_what_is_set_wins_and_an_empty_variable_is_unset(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    for name in ("claims_smtp_user", "claims_smtp_password"):
        (tmp_path / name).write_text("from the file")
    environment.update(CLAIMS_SMTP_USER="from the environment", CLAIMS_SMTP_PASSWORD="")
    assert list(secret_files.take(environment, KNOWN)) == []
    assert environment["CLAIMS_SMTP_USER"] == "from the environment"
    assert environment["CLAIMS_SMTP_PASSWORD"] == "from the file"


def test_other_secrets_of_the_folder_are_left_alone(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "postgres_password").write_text("not ours")
    (tmp_path / "google_credentials.json").write_text("read by its path")
    (tmp_path / "kubernetes.io").mkdir()
    (tmp_path / "..data").mkdir()
    assert list(secret_files.take(environment, KNOWN)) == []
    assert list(environment) == [secret_files.FOLDER]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no secret."),
        (b"\n", "holds no secret."),
        (b"a\0b", "holds no secret."),
        (b"\xff\xfe", "cannot be read: it is not UTF-8."),
        (None, "cannot be read: it is no file."),
    ],
)
def test_a_file_that_holds_no_secret_is_named_and_what_it_says_is_not(
    tmp_path: Path, environment: dict[str, str], content: bytes | None, problem: str
) -> None:
    file = tmp_path / "claims_link_secret"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    assert list(secret_files.take(environment, KNOWN)) == [f"The secret file {file} {problem}"]
    assert "CLAIMS_LINK_SECRET" not in environment


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("claims_smtp_user~", "CLAIMS_SMTP_USER"),
        ("claims_sender.bak", "CLAIMS_SENDER"),
        ("claims-sender", "CLAIMS_SENDER"),
        ("claims_smtp_pasword", "CLAIMS_SMTP_PASSWORD"),
    ],
)
def test_a_file_that_was_to_be_a_setting_is_named(
    tmp_path: Path, environment: dict[str, str], name: str, nearest: str
) -> None:
    (tmp_path / name).write_text("hush")
    assert list(secret_files.take(environment, KNOWN)) == [
        f"The secret file {tmp_path / name} is named like no setting; the nearest is {nearest}."
    ]
    assert list(environment) == [secret_files.FOLDER]


def test_a_pipe_is_not_waited_for(tmp_path: Path, environment: dict[str, str]) -> None:
    pipe = tmp_path / "claims_smtp_password"
    os.mkfifo(pipe)
    assert list(secret_files.take(environment, KNOWN)) == [
        f"The secret file {pipe} cannot be read: it is no file."
    ]


def test_a_folder_that_is_named_must_be_there(tmp_path: Path) -> None:
    environment = {secret_files.FOLDER: str(tmp_path / "none")}
    assert list(secret_files.take(environment, KNOWN)) == [
        "CLAIMS_SECRETS_FOLDER is no folder that can be read: No such file or directory."
    ]


def test_settings_are_read_from_files_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(secret_files.FOLDER, str(tmp_path))
    monkeypatch.setenv("CLAIMS_SMTP_HOST", "mail.company.example")
    monkeypatch.setenv("CLAIMS_SMTP_USER", "us")
    monkeypatch.setenv("CLAIMS_SMTP_PASSWORD", "")
    (tmp_path / "claims_smtp_password").write_text("hush\n")
    settings = Settings.load()
    assert settings.smtp_password is not None
    assert settings.smtp_password.get_secret_value() == "hush"


def test_all_that_is_wrong_with_files_and_names_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(secret_files.FOLDER, str(tmp_path))
    monkeypatch.setenv("CLAIMS_SMTP_PASWORD", "")
    (tmp_path / "claims_smtp_pasword").write_text("hush")
    (tmp_path / "claims_link_secret").write_text("")
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    assert raised.value.problems == (
        f"The secret file {tmp_path / 'claims_link_secret'} holds no secret.",
        f"The secret file {tmp_path / 'claims_smtp_pasword'} is named like no setting; "
        "the nearest is CLAIMS_SMTP_PASSWORD.",
        "CLAIMS_SMTP_PASWORD is not a setting; the nearest is CLAIMS_SMTP_PASSWORD.",
    )
    assert "hush" not in str(raised.value)
    assert "CLAIMS_LINK_SECRET" not in os.environ
