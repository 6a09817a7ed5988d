"""The plugin: it sets the payload converter of clients and replayers, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.worker import Replayer

from cpor import ClaimsPlugin, Comment
from cpor.payloads import TolerantConverter
from tests.client.lives import KIM
from workflows.claim import ClaimWorkflow


class Codec(PayloadCodec):
    """Stands for one that encrypts."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


def test_a_client_and_a_replayer_get_the_same_converter(client: Client) -> None:
    replayer = Replayer(workflows=[ClaimWorkflow], plugins=[ClaimsPlugin()])
    both = (client.data_converter, replayer.config(active_config=True).get("data_converter"))
    for converter in both:
        assert converter is not None
        assert converter.payload_converter_class is TolerantConverter


def test_a_codec_of_the_programs_own_stays(client: Client) -> None:
    given = DataConverter(payload_codec=Codec())
    own = Client(client.service_client, data_converter=given, plugins=[ClaimsPlugin()])
    assert own.data_converter.payload_codec is given.payload_codec
    assert own.data_converter.payload_converter_class is TolerantConverter


def test_payloads_are_byte_for_byte_those_of_the_sdks_pydantic_converter(client: Client) -> None:
    for value in (Comment(by=KIM, text="Grüße 🙂"), {"by": {"id": "kim"}}, None, b"raw", [1, 2.5]):
        ours = client.data_converter.payload_converter.to_payloads([value])
        assert ours == pydantic_data_converter.payload_converter.to_payloads([value])
