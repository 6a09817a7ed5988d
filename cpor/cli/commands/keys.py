"""Commands for keys: those that sign, and those that are trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, BadParameter, Option, Typer

from cpor.cli.console import print_json, print_line, print_result, run_async
from cpor.cli.options import AsJson, ClaimId

if TYPE_CHECKING:
    from cpor.proofs.trust import TrustedKey

app = Typer()
keys_app = Typer(no_args_is_help=True, help="Make signing keys, and choose which keys are trusted.")
app.add_typer(keys_app, name="keys")

KeySet = Annotated[
    Path | None,
    Option("--trusted", metavar="FILE", help="The key set.", show_default="CLAIMS_TRUSTED_KEYS"),
]
KeyId = Annotated[str, Argument(metavar="KEY-ID", help="The key's name, such as portal-2026.")]
At = Annotated[datetime | None, Option("--at", metavar="TIME", help="In UTC.", show_default="now")]


@keys_app.command("new")
@run_async
async def new(
    kid: KeyId,
    file: Annotated[
        Path | None,
        Option("--to", metavar="FILE", help="Where to put it.", show_default="KEY-ID.key.json"),
    ] = None,
) -> None:
    """Make a key: write the private half to a file, and print the public half.

    Example: uv run starter.py keys new portal-2026
    """
    from cpor.proofs import keys

    made = keys.new(kid)
    keys.save_private(made, file or Path(f"{kid}.key.json"))
    print_json(keys.public(made))


@keys_app.command("list")
@run_async
async def list_keys(trusted: KeySet = None, as_json: AsJson = False) -> None:
    """List the trusted keys: for whom each may speak, and until when.

    Example: uv run starter.py keys list --trusted trusted-keys.json
    """
    from cpor.proofs import keys

    found = keys.trusted(_key_set(trusted)).keys.values()
    data = [each.model_dump(mode="json") for each in found]
    print_result(data, "\n".join(map(_line, found)) or "No key is trusted.", as_json)


@keys_app.command("trust")
@run_async
async def trust(
    key: Annotated[Path, Argument(metavar="FILE", help="A JSON Web Key, its public half.")],
    role: Annotated[
        list[str], Option("--role", help="A role for which it may speak; may be repeated.")
    ],
    message: Annotated[
        list[str] | None,
        Option("--message", help="A message it may sign; may be repeated.", show_default="all"),
    ] = None,
    mpn_id: Annotated[
        list[str] | None,
        Option(
            "--mpn-id",
            help="A partner for which it may speak; may be repeated.",
            show_default="all",
        ),
    ] = None,
    since: Annotated[
        datetime | None, Option("--from", metavar="TIME", help="In UTC.", show_default="now")
    ] = None,
    until: Annotated[
        datetime | None, Option("--until", metavar="TIME", help="In UTC.", show_default="no end")
    ] = None,
    trusted: KeySet = None,
) -> None:
    """Trust a key, or change for whom it may speak. Workers notice within seconds.

    Example: uv run starter.py keys trust portal.jwk.json --role partner --mpn-id 4912345
    """
    from cpor.proofs import keys

    file, jwk = _key_set(trusted), keys.read(key)
    keys.trust(
        file,
        jwk,
        roles=role,
        messages=message or None,
        mpn_ids=mpn_id or None,
        valid_from=_in_utc(since),
        valid_until=_in_utc(until),
    )
    print_line(_line(keys.trusted(file).keys[jwk["kid"]]))


@keys_app.command("revoke")
@run_async
async def revoke(kid: KeyId, at: At = None, trusted: KeySet = None) -> None:
    """Stop trusting a key. Messages that claims have accepted stay accepted.

    Example: uv run starter.py keys revoke portal-2026
    """
    from cpor.proofs import keys

    until = keys.revoke(_key_set(trusted), kid, _in_utc(at))
    print_line(f"{kid} is trusted until {until:%Y-%m-%d %H:%M:%S} UTC.")


@app.command()
@run_async
async def sign(
    claim: ClaimId,
    name: Annotated[
        str, Argument(metavar="NAME", help="The message, such as approve; open to start a claim.")
    ],
    message: Annotated[
        str, Argument(metavar="[JSON]", help="Its content; - for standard input.")
    ] = "{}",
    key: Annotated[
        Path | None,
        Option("--key", metavar="FILE", help="The private key.", show_default="CLAIMS_SIGNING_KEY"),
    ] = None,
    mpn_id: Annotated[
        str | None,
        Option("--mpn-id", help="For a partner: its MPN ID.", show_default="the claim's"),
    ] = None,
) -> None:
    """Sign a message and print it, to paste it into the dialog of Temporal's UI.

    Example: uv run starter.py sign CPOR-7Q2M4X approve '{"by": {"role": "reviewer", "id": "kim"}}'
    """
    from cpor.cli import signing
    from cpor.cli.commands.send import read_message
    from cpor.cli.console import connected
    from cpor.client.ids import with_id
    from cpor.rules.proof import OPEN

    signer = signing.own_signer(key)
    if signer is None:
        raise BadParameter("name a key with --key, or set CLAIMS_SIGNING_KEY")
    content: dict[str, Any] = read_message(message)
    if name != OPEN:
        signing.check(name, content)
        content = with_id(content)
        if content["by"]["role"] == "partner" and mpn_id is None:
            async with connected() as claims:
                mpn_id = (await claims.claim(claim)).partner.mpn_id
    if mpn_id is not None:
        signer = signer.for_partner(mpn_id)
    print_json(signer.sign(claim, name, content))


def _key_set(given: Path | None) -> Path:
    from cpor.settings import Settings

    found = given or Settings.load().trusted_keys
    if found is None or "://" in str(found):
        raise BadParameter("name the file with --trusted, or set CLAIMS_TRUSTED_KEYS to one")
    return Path(found)


def _line(key: TrustedKey) -> str:
    only = [f"only {', '.join(each)}" for each in (key.messages, key.mpn_ids) if each is not None]
    times = [
        f"{word} {at:%Y-%m-%d %H:%M} UTC"
        for word, at in (("from", key.valid_from), ("until", key.valid_until))
        if at
    ]
    return "  ".join([key.kid, key.algorithm, ", ".join(key.roles) or "nobody", *only, *times])


def _in_utc(at: datetime | None) -> datetime | None:
    return at and at.replace(tzinfo=UTC)
