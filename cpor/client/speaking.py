"""Each message as a method: whoever sends it, what it takes and what comes of it."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel

from cpor.rules import messages
from cpor.rules.messages import Receipt


class Taken(BaseModel, frozen=True):
    """The message lies at the engine and is not lost, but no worker has answered it yet.

    The query `receipt` will know the answer under this id; so does whoever sends it once more.
    """

    id: str
    outcome: Literal["taken"] = "taken"
    text: str = "Taken, not yet answered: no worker is there."


Answer = Receipt | Taken


class Speaks(ABC):
    @abstractmethod
    async def send(self, claim_id: str, name: str, message: Mapping[str, Any]) -> Answer:
        """Say something and be answered; see `ClaimsClient.send`."""

    async def say(self, claim_id: str, message: messages.Message) -> Answer:
        """Say anything that may be said to a claim."""
        content = message.model_dump(mode="json", exclude_unset=True)
        return await self.send(claim_id, message.name, content)

    async def edit(self, claim_id: str, message: messages.Edit) -> Answer:
        """The partner changes fields; which may be, the claim's `editable` says.

        >>> changes = Changes(products=[NamedProduct(name="Teams")])
        >>> (await claims.edit("CPOR-7Q2M4X", Edit(by=ada, changes=changes))).text
        'Changed: products. It reaches the reviewers when you submit.'
        """
        return await self.say(claim_id, message)

    async def add_evidence(self, claim_id: str, message: messages.AddEvidence) -> Answer:
        """The partner names proof files, uploaded before.

        >>> file = await claims.upload("CPOR-7Q2M4X", Path("more.pdf"))
        >>> (await claims.add_evidence("CPOR-7Q2M4X", AddEvidence(by=ada, evidence=[file]))).text
        'Added: more.pdf. It reaches the reviewers when you submit.'
        """
        return await self.say(claim_id, message)

    async def comment(self, claim_id: str, message: messages.Comment) -> Answer:
        """Partner or reviewer write a remark; an `internal` one only reviewers see.

        >>> (await claims.comment("CPOR-7Q2M4X", Comment(by=kim, text="Looks good."))).text
        'Noted. The other side is told; no clock stops.'
        """
        return await self.say(claim_id, message)

    async def submit(self, claim_id: str, message: messages.Submit) -> Answer:
        """The partner submits the claim, or answers what was asked by submitting it again.

        >>> (await claims.submit("CPOR-7Q2M4X", Submit(by=ada))).status
        <Status.UNDER_REVIEW: 'Under review'>
        """
        return await self.say(claim_id, message)

    async def withdraw(self, claim_id: str, message: messages.Withdraw) -> Answer:
        """The partner takes the claim back.

        >>> (await claims.withdraw("CPOR-7Q2M4X", Withdraw(by=ada, reason="wrong_mpn"))).text
        'Withdrawn. Nothing more happens to this claim.'
        """
        return await self.say(claim_id, message)

    async def dispute(self, claim_id: str, message: messages.Dispute) -> Answer:
        """The partner objects to a rejection, with a justification, more proof, or both.

        >>> objection = Dispute(by=ada, justification="Teams is named on page 3.")
        >>> (await claims.dispute("CPOR-7Q2M4X", objection)).text
        'Noted. A second reviewer decides.'
        """
        return await self.say(claim_id, message)

    async def disassociate(self, claim_id: str, message: messages.Disassociate) -> Answer:
        """The partner ends its association with the customer.

        >>> the_end = Disassociate(by=ada, reason="The contract ran out.")
        >>> (await claims.disassociate("CPOR-7Q2M4X", the_end)).text
        'Ended. The customer is told, and what was handed on is recalled.'
        """
        return await self.say(claim_id, message)

    async def start_review(self, claim_id: str, message: messages.StartReview) -> Answer:
        """A reviewer begins to check the proof.

        >>> (await claims.start_review("CPOR-7Q2M4X", StartReview(by=kim))).status
        <Status.UNDER_REVIEW: 'Under review'>
        """
        return await self.say(claim_id, message)

    async def request_info(self, claim_id: str, message: messages.RequestInfo) -> Answer:
        """A reviewer asks the partner for more, or to drop a product.

        >>> asked = Request(reason="missing_products", product="Teams", remove=True)
        >>> (await claims.request_info("CPOR-7Q2M4X", RequestInfo(by=kim, requests=[asked]))).text
        'Asked. The partner is told.'
        """
        return await self.say(claim_id, message)

    async def approve(self, claim_id: str, message: messages.Approve) -> Answer:
        """A reviewer approves; the customer is asked next.

        With `seen`, the number of the last history entry looked at, it is refused as
        `changed_since` where the partner has changed or said something after it.

        >>> (await claims.approve("CPOR-7Q2M4X", Approve(by=kim, note="All there."))).text
        'Approved. The customer is being told.'
        """
        return await self.say(claim_id, message)

    async def reject(self, claim_id: str, message: messages.Reject) -> Answer:
        """A reviewer rejects, with reasons.

        >>> why = Reason(reason="insufficient_poe")
        >>> (await claims.reject("CPOR-7Q2M4X", Reject(by=kim, reasons=[why]))).text
        'Rejected. The partner is told.'
        """
        return await self.say(claim_id, message)

    async def decline(self, claim_id: str, message: messages.Decline) -> Answer:
        """The customer says no.

        >>> lars = By(role="customer", id="contact")
        >>> (await claims.decline("CPOR-7Q2M4X", Decline(by=lars))).text
        'Your no is noted. The partner is not recognised and sees no data.'
        """
        return await self.say(claim_id, message)

    async def assign(self, claim_id: str, message: messages.Assign) -> Answer:
        """An operator gives the claim to a reviewer.

        >>> (await claims.assign("CPOR-7Q2M4X", Assign(by=olga, reviewer="lee"))).text
        'Assigned to lee.'
        """
        return await self.say(claim_id, message)

    async def extend(self, claim_id: str, message: messages.Extend) -> Answer:
        """An operator gives whoever must act more time.

        >>> longer = Extend(by=olga, business_days=2, why="They are on holiday.")
        >>> (await claims.extend("CPOR-7Q2M4X", longer)).text
        'Extended by 2 business days.'
        """
        return await self.say(claim_id, message)

    async def bounced(self, claim_id: str, message: messages.Bounced) -> Answer:
        """A mail that a server had taken came back; `notice_id` begins its Message-ID.

        >>> mailer = By(role="system", id="mailer")
        >>> lost = Bounced(by=mailer, notice_id="CPOR-7Q2M4X.consent.1.contact", detail="5.1.1")
        >>> (await claims.bounced("CPOR-7Q2M4X", lost)).text
        'Noted. The contact must be corrected.'
        """
        return await self.say(claim_id, message)

    async def eligibility_result(
        self, claim_id: str, message: messages.EligibilityResult
    ) -> Answer:
        """The incentive engine says what came of the hand-off.

        >>> engine = By(role="system", id="incentives")
        >>> verdict = EligibilityResult(by=engine, outcome="eligible")
        >>> (await claims.eligibility_result("CPOR-7Q2M4X", verdict)).text
        'Noted. The partner is told.'
        """
        return await self.say(claim_id, message)


def with_id(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message under an id, so that it may be sent again without harm."""
    return {**message, "id": message.get("id") or uuid.uuid4().hex}
