"""What only the vendor's directory knows, asked by HTTP when a claim is submitted.

Only a plain "no" refuses a submission. Whatever else happens, the claim goes on and says
"not checked": a slow or broken directory neither delays a partner for long nor refuses a claim.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, Literal

import httpx
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError
from temporalio import activity

from activities import clock, http_client
from cpor import redaction
from cpor.rules import errors
from cpor.rules.effects.directory import DirectoryDebt, DirectoryQuestion, DirectoryResult
from cpor.rules.party_names import PartyName
from cpor.rules.places import ListedPlace, Party

log = logging.getLogger(__name__)

MOST_PROBLEMS = 20
MOST_CHARACTERS = 300
NO_REASON_GIVEN = "The vendor's directory says no and does not say why."


class NothingLearned(Exception):
    """Neither a yes nor a no: one sentence without address, secret or content."""


class Hiccup(NothingLearned):
    """Another try may learn more."""


@dataclass(frozen=True)
class Said:
    """A yes, or the problems that speak against it."""

    problems: list[str]
    partner_name: str | None
    places: Mapping[Party, ListedPlace]


class DirectoryActivity:
    LONGEST: ClassVar[float] = 20.0
    """Seconds that a submission waits for the directory, all tries together."""

    def __init__(self, directory: HttpDirectory | None) -> None:
        self._directory = directory

    @activity.defn(name=DirectoryDebt.activity)
    async def ask_directory(self, question: DirectoryQuestion) -> DirectoryResult:
        now = clock.start()
        try:
            said = await self._ask(question)
        except NothingLearned as why:
            log.info("the directory told nothing about %s: %s", question.claim_id, why)
            return DirectoryResult(outcome="not checked", at=now(), detail=str(why))
        return DirectoryResult(
            outcome="refused" if said.problems else "confirmed",
            at=now(),
            problems=said.problems,
            mpn_id=question.mpn_id,
            partner_name=said.partner_name,
            places=dict(said.places),
        )

    async def _ask(self, question: DirectoryQuestion) -> Said:
        if self._directory is None:
            raise NothingLearned("There is no directory to ask; see CLAIMS_DIRECTORY_URL.")
        try:
            async with asyncio.timeout(min(self.LONGEST, clock.time_limit() or self.LONGEST)):
                return await self._directory.ask(question)
        except TimeoutError:
            raise NothingLearned("The directory did not answer in time.") from None


class HttpDirectory:
    """A directory that is asked by POST; docs/directory.md describes the conversation."""

    PAUSES: ClassVar[tuple[float, ...]] = (0.2, 0.8)
    """Seconds before each further try."""

    def __init__(self, url: str, token: SecretStr | None, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._client = http_client.client(timeout, _headers(token))

    async def ask(self, question: DirectoryQuestion) -> Said:
        for pause in self.PAUSES:
            try:
                return await self._ask_once(question)
            except Hiccup:
                await asyncio.sleep(pause)
        return await self._ask_once(question)

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask_once(self, question: DirectoryQuestion) -> Said:
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream(
                    "POST",
                    self._url,
                    content=question.model_dump_json(exclude={"id"}),
                    headers={"Idempotency-Key": question.id},
                ) as answer,
            ):
                _judge(answer)
                content = await http_client.opening(answer)
        except (httpx.TimeoutException, TimeoutError):
            raise Hiccup("The directory did not answer in time.") from None
        except httpx.TransportError as error:
            raise Hiccup(f"The directory cannot be reached ({type(error).__name__}).") from None
        except (httpx.HTTPError, *http_client.UNCALLABLE) as error:
            raise NothingLearned(
                f"The directory cannot be asked ({type(error).__name__})."
            ) from None
        if len(content) > http_client.MOST_OF_ANSWER:
            raise NothingLearned("The directory's answer is too long to be one.")
        return _understood(content)


def _headers(token: SecretStr | None) -> Mapping[str, str]:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token.get_secret_value()}"
    return headers


def _judge(answer: httpx.Response) -> None:
    said = f"The directory answered with status {answer.status_code}, neither yes nor no."
    if answer.is_server_error or answer.status_code in http_client.TEMPORARY:
        raise Hiccup(said)
    if answer.status_code != 200:
        raise NothingLearned(said)


class _Answer(BaseModel):
    answer: Literal["yes", "no"]
    problems: list[str] | None = None
    partner_name: Any = None
    partner_place: Any = None
    customer_place: Any = None


def _understood(content: bytes) -> Said:
    try:
        said = _Answer.model_validate_json(content)
    except ValidationError:
        raise NothingLearned("The directory's answer cannot be understood.") from None
    if said.answer == "yes" and said.problems:
        raise NothingLearned("The directory said yes and named problems.")
    found = _presentable(said.problems or ()) or [NO_REASON_GIVEN]
    return Said(
        problems=found if said.answer == "no" else [],
        partner_name=_name(said.partner_name),
        places=dict(_places(said)),
    )


def _name(given: object) -> str | None:
    """Mails say it in our name, so it must be one that a partner might have, too."""
    try:
        return _NAME.validate_python(given)
    except ValidationError:
        return None


_NAME: TypeAdapter[str] = TypeAdapter(PartyName)


def _places(said: _Answer) -> Iterator[tuple[Party, ListedPlace]]:
    """What is no place is left out."""
    given: Mapping[Party, object] = {
        "partner": said.partner_place,
        "customer": said.customer_place,
    }
    for party, place in given.items():
        with suppress(ValidationError):
            yield party, ListedPlace.model_validate(place)


def _presentable(problems: Iterable[str]) -> list[str]:
    return list(islice(filter(None, map(_line, problems)), MOST_PROBLEMS))


def _line(text: str) -> str:
    # Word by word, since looking for addresses takes quadratic time in what has no spaces.
    words = (redaction.shortened(word[:MOST_CHARACTERS]) for word in text.split())
    return errors.shortened(" ".join(words), MOST_CHARACTERS)
