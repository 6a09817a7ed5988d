"""A claim is opened once, however often somebody says so."""

from __future__ import annotations

import pytest

from cpor import ClaimExists, ClaimsClient, MessageRefused, Opening
from tests.client.lives import ADA, ended, opened
from tests.examples import REVIEWER, opening, without
from tests.workflows.world import World


async def test_a_claim_opened_by_a_model_is_the_one_opened_by_its_json(
    world: World, claims: ClaimsClient
) -> None:
    data = without(opening(world.new_id()), "comment")
    assert await claims.open(Opening.model_validate(data)) == await claims.open(data)


async def test_an_opening_with_other_content_under_the_same_id_is_refused(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims)
    with pytest.raises(ClaimExists, match="an id is used once"):
        await claims.open(opening(claim_id, name="Another one"))


async def test_what_is_wrong_with_an_opening_is_named_field_by_field(
    world: World, claims: ClaimsClient
) -> None:
    wrong = opening(world.new_id(), program="osu", products=[{"name": "Teems"}])
    with pytest.raises(MessageRefused) as refused:
        await claims.open(wrong)
    assert refused.value.code == "invalid"
    assert [each.field for each in refused.value.fields] == ["program", "products.0.name"]


async def test_whoever_may_not_open_a_claim_is_refused_as_by_the_claim_itself(
    world: World, claims: ClaimsClient
) -> None:
    with pytest.raises(MessageRefused, match="a claim is opened by its partner") as refused:
        await claims.open(opening(world.new_id(), by=REVIEWER))
    assert refused.value.code == "wrong_role"


async def test_models_may_stand_in_an_opening_of_plain_json(
    world: World, claims: ClaimsClient
) -> None:
    claim_id = await opened(world, claims, by=ADA)
    assert await claims.open(opening(claim_id, by=ADA.model_dump(exclude_unset=True))) == claim_id


@pytest.mark.parametrize("value", ["\ud800", object()])
async def test_what_is_no_json_is_refused_in_words(
    world: World, claims: ClaimsClient, value: object
) -> None:
    with pytest.raises(MessageRefused):
        await claims.open(opening(world.new_id(), name=value))


async def test_of_a_forgotten_claim_nobody_can_say_whether_it_was_the_same(
    world: World, claims: ClaimsClient, elsewhere: ClaimsClient
) -> None:
    claim_id = await ended(world, claims)
    with pytest.raises(ClaimExists, match=r"over and forgotten \(perhaps this very one"):
        await elsewhere.open(opening(claim_id))


async def test_nor_of_a_claim_that_was_started_by_other_means(
    world: World, claims: ClaimsClient
) -> None:
    handle = await world.open()
    with pytest.raises(ClaimExists, match=r"opened by other means \(perhaps this very one"):
        await claims.open(opening(handle.id))
