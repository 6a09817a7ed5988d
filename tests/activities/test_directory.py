from __future__ import annotations

import asyncio
import json
import logging
import re
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.testing import ActivityEnvironment

from activities import Activities
from activities.directory import DirectoryActivity, HttpDirectory
from cpor.rules.effects.directory import DirectoryQuestion, DirectoryResult
from cpor.rules.facts import Product
from cpor.rules.places import ListedPlace
from cpor.settings import LOOPBACK, Settings
from tests.activities import servers
from tests.activities.facts import BEGAN, CLAIM, TENANT
from tests.activities.servers import RawServer

ROOT = Path(__file__).parents[2]
QUESTION = DirectoryQuestion(
    id=f"{CLAIM}.directory.1",
    claim_id=CLAIM,
    program="osu-m365",
    activity="usage",
    mpn_id="4912345",
    tenant_id=TENANT,
    domain="contoso.example",
    products=[
        Product(code="teams", name="Teams"),
        Product(code="exchange-online", name="Exchange Online"),
    ],
)
TRIES = 3
TEMPORARY = [
    "408 Request Timeout",
    "425 Too Early",
    "429 Too Many Requests",
    "500 Internal Server Error",
    "503 Service Unavailable",
]


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HttpDirectory, "PAUSES", (0.0,) * (TRIES - 1))


async def answered(
    act: DirectoryActivity,
    question: DirectoryQuestion = QUESTION,
    limit: timedelta = timedelta(minutes=2),
) -> DirectoryResult:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, started_time=BEGAN, start_to_close_timeout=limit)
    result = await environment.run(act.ask_directory, question)
    assert BEGAN <= result.at < BEGAN + timedelta(minutes=1), "the claim's time, not the machine's"
    return result


@asynccontextmanager
async def asking(
    url: str, token: str | None = None, patience: float = 5
) -> AsyncGenerator[DirectoryActivity]:
    directory = HttpDirectory(url, SecretStr(token) if token else None, patience)
    try:
        yield DirectoryActivity(directory)
    finally:
        await directory.close()


async def told(server: servers.HttpReceiver) -> DirectoryResult:
    async with server, asking(server.url) as act:
        return await answered(act)


def saying(answer: object, headers: str = "") -> servers.HttpReceiver:
    body = answer if isinstance(answer, str) else json.dumps(answer)
    return servers.HttpReceiver("200 OK", headers, body)


def refusing(*problems: str) -> servers.HttpReceiver:
    return saying({"answer": "no", "problems": problems})


@dataclass
class Example:
    url: str

    async def answer(self, **changes: Any) -> DirectoryResult:
        async with asking(self.url) as act:
            return await answered(act, QUESTION.model_copy(update=changes))


@pytest.fixture(scope="module")
def example() -> Iterator[Example]:
    """The example directory, run as its page says."""
    command = [sys.executable, str(ROOT / "examples/directory.py"), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield Example(process.stdout.readline().split()[-1])
        process.terminate()


async def test_a_directory_that_says_yes_confirms(example: Example) -> None:
    result = await example.answer()
    assert (result.outcome, result.problems, result.detail) == ("confirmed", [], "")


@pytest.mark.parametrize(
    ("given", "name"),
    [("Fabrikam GmbH", "Fabrikam GmbH"), (None, None), (7, None), ("evil/x", None), ("", None)],
)
async def test_a_directory_may_name_the_partner(given: object, name: str | None) -> None:
    result = await told(saying({"answer": "yes", "partner_name": given}))
    assert (result.outcome, result.partner_name, result.mpn_id) == (
        "confirmed",
        name,
        QUESTION.mpn_id,
    )


@pytest.mark.parametrize("said", [{"answer": "yes"}, {"answer": "no", "problems": ["No."]}])
async def test_a_directory_may_say_where_partner_and_customer_are(said: dict[str, Any]) -> None:
    place = {"region": "US-WA", "time_zone": "America/Los_Angeles"}
    result = await told(saying({**said, "partner_place": place, "customer_place": {}}))
    assert result.places == {"partner": ListedPlace(**place), "customer": ListedPlace()}


@pytest.mark.parametrize(
    "place", [None, 7, "US-WA", {"region": "Washington"}, {"time_zone": "<b>"}]
)
async def test_what_is_no_place_is_left_out(place: object) -> None:
    result = await told(saying({"answer": "yes", "partner_place": place}))
    assert (result.outcome, result.places) == ("confirmed", {})


async def test_the_example_says_where_its_partner_is(example: Example) -> None:
    result = await example.answer()
    assert result.places == {"partner": ListedPlace(region="DE-BY", time_zone="Europe/Berlin")}


async def test_a_directory_that_says_no_refuses_in_its_own_words(example: Example) -> None:
    result = await example.answer(
        mpn_id="1234",
        domain="fabrikam.example",
        products=[
            Product(code="intune", name="Intune"),
            Product(code="sharepoint-online", name="SharePoint Online"),
        ],
    )
    assert (result.outcome, result.detail) == ("refused", "")
    assert result.problems == [
        "The MPN location 1234 is not enrolled in osu-m365.",
        "The domain fabrikam.example does not belong to the tenant.",
        "The tenant has no such subscription of Intune.",
        "The subscription of SharePoint Online is not provisioned.",
    ]


async def test_each_subscription_is_looked_at_by_its_id(example: Example) -> None:
    def bought(code: str, name: str, last: int) -> Product:
        subscription = f"0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c0{last}"
        return Product(code=code, name=name, subscription_id=subscription)

    program = {"program": "osu-business-applications"}
    good = await example.answer(**program, products=[bought("sales", "Sales", 1)])
    assert good.outcome == "confirmed"
    bad = await example.answer(
        **program,
        products=[
            bought("sales", "Sales", 2),
            bought("finance", "Finance", 2),
            bought("field-service", "Field Service", 3),
        ],
    )
    assert bad.problems == [
        "The tenant has no such subscription of Sales.",
        "The subscription of Finance is not active.",
        "The subscription of Field Service was bought through a reseller.",
    ]


async def test_an_unknown_tenant_is_a_plain_no(example: Example) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    assert (await example.answer(tenant_id=nobody)).problems == [f"There is no tenant {nobody}."]


def test_the_example_says_what_it_can_do_and_what_is_wrong(tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "examples/directory.py"), *words],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert "--facts" in run("--help").stdout
    nowhere = run("--facts", str(tmp_path / "nowhere.json"))
    assert nowhere.returncode == 2
    assert "No such file" in nowhere.stderr


async def test_the_question_is_posted_as_documented() -> None:
    server = saying({"answer": "yes"})
    assert (await told(server)).outcome == "confirmed"
    ((headers, body),) = server.requests
    assert headers["idempotency-key"] == f"{CLAIM}.directory.1"
    assert headers["content-type"] == "application/json"
    assert "authorization" not in headers
    assert json.loads(body) == documented()[0]


async def test_answers_are_understood_as_documented() -> None:
    _, yes, no, placed = documented()
    assert (await told(saying(yes))).outcome == "confirmed"
    refused = await told(saying(no))
    assert (refused.outcome, refused.problems) == ("refused", no["problems"])
    assert (await told(saying(placed))).places == {
        "partner": ListedPlace(**placed["partner_place"]),
        "customer": ListedPlace(**placed["customer_place"]),
    }


def documented() -> list[Any]:
    page = (ROOT / "docs/directory.md").read_text("utf-8")
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.S)]


async def test_the_same_question_has_the_same_key_each_time() -> None:
    async with servers.HttpReceiver("503 Busy") as server, asking(server.url) as act:
        await answered(act)
        await answered(act)
    assert len(server.requests) == 2 * TRIES
    assert {headers["idempotency-key"] for headers, _ in server.requests} == {QUESTION.id}
    assert len({body for _, body in server.requests}) == 1


@pytest.mark.parametrize("said", [{}, {"problems": []}, {"problems": None}, {"problems": [" \n"]}])
async def test_a_no_without_a_reason_is_a_no(said: dict[str, Any]) -> None:
    result = await told(saying({"answer": "no", **said}))
    assert result.outcome == "refused"
    assert result.problems == ["The vendor's directory says no and does not say why."]


async def test_a_problem_is_one_printable_line_without_addresses() -> None:
    result = await told(
        refusing(
            "Ask <ada.berg@fabrikam.example>\r\nor\tkim@contoso.example, please.",
            "bell \x07, escape \x1b[31m, right-to-left \u202e, nothing \x00",
        )
    )
    assert result.problems == [
        "Ask <…> or …, please.",
        "bell ?, escape ?[31m, right-to-left ?, nothing ?",
    ]


async def test_long_problems_and_long_lists_are_cut() -> None:
    result = await told(refusing("word " * 200, *(f"Problem {n}." for n in range(50))))
    assert len(result.problems) == 20
    assert len(result.problems[0]) == 300
    assert result.problems[0].endswith("…")
    assert result.problems[-1] == "Problem 18."


async def test_a_problem_without_spaces_takes_no_time() -> None:
    result = await told(refusing("x" * 60_000))
    assert result.outcome == "refused"
    assert result.at < BEGAN + timedelta(seconds=15)


async def test_without_an_address_nothing_is_checked() -> None:
    result = await answered(DirectoryActivity(None))
    assert result.outcome == "not checked"
    assert result.detail == "There is no directory to ask; see CLAIMS_DIRECTORY_URL."


@pytest.mark.parametrize("status", TEMPORARY)
async def test_a_busy_directory_is_asked_three_times(status: str) -> None:
    server = servers.HttpReceiver(status)
    result = await told(server)
    assert result.outcome == "not checked"
    assert result.detail == f"The directory answered with status {status[:3]}, neither yes nor no."
    assert len(server.requests) == TRIES


@pytest.mark.parametrize(
    "status",
    ["201 Created", "204 No Content", "400 Bad Request", "401 Unauthorized", "404 Not Found"],
)
async def test_no_other_status_is_an_answer_or_asked_again(status: str) -> None:
    server = servers.HttpReceiver(status, body='{"answer": "no", "problems": ["so"]}')
    result = await told(server)
    assert result.outcome == "not checked"
    assert status[:3] in result.detail
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect"])
async def test_no_redirect_is_followed(status: str) -> None:
    async with saying({"answer": "yes"}) as elsewhere:
        server = servers.HttpReceiver(status, f"location: {elsewhere.url}\r\n")
        result = await told(server)
    assert result.outcome == "not checked"
    assert (len(server.requests), len(elsewhere.requests)) == (1, 0)


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "no",
        '"no"',
        "[]",
        "{}",
        "<html>no</html>",
        '{"answer": "maybe"}',
        '{"answer": "No"}',
        '{"answer": false}',
        '{"answer": ["no"]}',
        '{"answer": "no", "problems": "all of it"}',
        '{"answer": "no", "problems": [1]}',
        '{"answer": "no", "problems": ["\\ud800"]}',
        '{"answer": "no"',
        "[" * 60_000,
    ],
)
async def test_junk_is_no_answer(junk: str) -> None:
    server = saying(junk)
    result = await told(server)
    assert result.outcome == "not checked"
    assert result.detail == "The directory's answer cannot be understood."
    assert len(server.requests) == 1


async def test_a_yes_with_problems_is_neither() -> None:
    result = await told(saying({"answer": "yes", "problems": ["The domain is another's."]}))
    assert result.outcome == "not checked"
    assert result.detail == "The directory said yes and named problems."


async def test_a_directory_may_say_more_than_is_asked() -> None:
    result = await told(saying({"answer": "yes", "problems": [], "checked": ["domain"]}))
    assert result.outcome == "confirmed"


async def test_a_compressed_answer_is_not_unpacked() -> None:
    server = saying({"answer": "yes"}, "content-encoding: gzip\r\n")
    assert (await told(server)).outcome == "confirmed", "as it came"
    ((headers, _),) = server.requests
    assert headers["accept-encoding"] == "identity"


async def test_a_giant_answer_is_not_read_to_its_end() -> None:
    padding = " " * 64 * 1024
    result = await told(saying(json.dumps({"answer": "yes"}) + padding))
    assert result.outcome == "not checked"
    assert result.detail == "The directory's answer is too long to be one."


async def test_an_endless_answer_is_not_waited_for() -> None:
    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" " * 4096)
            await writer.drain()

    async with raw(endless) as url, asking(url) as act:
        result = await answered(act)
    assert result.detail == "The directory's answer is too long to be one."


async def test_a_directory_that_is_down_is_not_checked() -> None:
    async with raw(hang_up) as url:
        pass
    async with asking(url) as act:
        result = await answered(act)
    assert result.outcome == "not checked"
    assert result.detail == "The directory cannot be reached (ConnectError)."


async def test_a_directory_that_hangs_up_is_asked_three_times() -> None:
    connections: list[object] = []

    def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(reader)
        hang_up(reader, writer)

    async with raw(counting) as url, asking(url) as act:
        result = await answered(act)
    assert result.outcome == "not checked"
    assert len(connections) == TRIES


async def test_a_hiccup_is_got_over() -> None:
    answers = [b"", b"503 Busy", b"200 OK"]

    async def recovering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if status := answers.pop(0):
            body = b'{"answer": "yes"}'
            writer.write(b"HTTP/1.1 %b\r\nconnection: close\r\n\r\n%b" % (status, body))
            await writer.drain()
        writer.close()

    async with raw(recovering) as url, asking(url) as act:
        assert (await answered(act)).outcome == "confirmed"
    assert not answers


async def test_a_silent_directory_is_not_waited_for() -> None:
    async with raw(lambda reader, writer: None) as url, asking(url, patience=0.1) as act:
        result = await answered(act)
    assert result.outcome == "not checked"
    assert result.detail == "The directory did not answer in time."
    assert result.at < BEGAN + timedelta(seconds=15)


async def test_an_answer_in_drops_is_not_waited_for() -> None:
    async with raw(dripping) as url, asking(url, patience=0.2) as act:
        result = await answered(act)
    assert result.detail == "The directory did not answer in time."
    assert result.at < BEGAN + timedelta(seconds=15)


async def test_all_tries_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DirectoryActivity.LONGEST == 20
    monkeypatch.setattr(DirectoryActivity, "LONGEST", 0.2)
    async with raw(dripping) as url, asking(url, patience=60) as act:
        result = await answered(act)
    assert result.detail == "The directory did not answer in time."
    assert result.at < BEGAN + timedelta(seconds=15)


async def test_it_ends_before_the_engine_gives_the_attempt_up() -> None:
    async with raw(dripping) as url, asking(url, patience=60) as act:
        result = await answered(act, limit=timedelta(seconds=0.5))
    assert result.outcome == "not checked"
    assert result.at < BEGAN + timedelta(seconds=15)


@pytest.mark.parametrize("host", ["xn--a", "ä" * 80])
async def test_an_address_that_is_none_is_not_checked(host: str) -> None:
    async with asking(f"https://{host}/") as act:
        result = await answered(act)
    assert result.outcome == "not checked"
    assert result.detail.startswith("The directory cannot be asked")


async def test_the_token_is_sent_as_bearer_and_told_to_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    results: list[DirectoryResult] = []
    for status in ("200 OK", "401 Unauthorized", "503 Busy"):
        server = servers.HttpReceiver(status, body="I know hush-hush and ?key=secret")
        async with server, asking(server.url, token="hush-hush") as act:
            results.append(await answered(act))
        assert {headers["authorization"] for headers, _ in server.requests} == {"Bearer hush-hush"}
    async with asking(server.url, token="hush-hush") as act:
        results.append(await answered(act))
    assert all(result.outcome == "not checked" for result in results)
    written = caplog.text + "".join(result.model_dump_json() for result in results)
    assert CLAIM in written
    assert not re.search(r"hush|secret|127\.0\.0\.1:\d+/", written)


async def test_a_worker_asks_the_directory_that_is_set(settings: Settings) -> None:
    async with saying({"answer": "yes"}) as server:
        there = {"directory_url": server.url, "directory_token": SecretStr("hush-hush")}
        async with Activities(settings.model_copy(update=there)) as activities:
            assert (await registered(activities)).outcome == "confirmed"
    ((headers, _),) = server.requests
    assert headers["authorization"] == "Bearer hush-hush"


async def test_a_worker_without_a_directory_says_so(settings: Settings) -> None:
    async with Activities(settings) as activities:
        assert (await registered(activities)).outcome == "not checked"


async def registered(activities: Activities) -> DirectoryResult:
    (act,) = (act for act in activities.all if act.__name__ == "ask_directory")
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, start_to_close_timeout=timedelta(minutes=2))
    return await environment.run(act, QUESTION)


@asynccontextmanager
async def raw(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None] | None],
) -> AsyncGenerator[str]:
    async with RawServer(handle) as server:
        yield f"http://{LOOPBACK}:{server.port}/?key=secret"


def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.02)
