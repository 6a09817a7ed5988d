"""What a Temporal client, worker and replayer of claims have in common, as a plugin of the SDK."""

from __future__ import annotations

from temporalio.plugin import SimplePlugin

from cpor.payloads import with_our_payloads


class ClaimsPlugin(SimplePlugin):
    """Sets up a client, or a replayer, for claims. A worker takes it from its client.

    >>> client = await Client.connect("localhost:7233", plugins=[ClaimsPlugin()])

    Only the payload converter is set: a payload codec of the program's own stays.
    """

    def __init__(self) -> None:
        super().__init__("cpor.ClaimsPlugin", data_converter=with_our_payloads)
