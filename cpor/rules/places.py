"""Where partner and customer are: whose days off count for them, and in which zone days end.

The vendor's directory may add what the claim does not say. It never changes what was said, and
nothing changes once a clock counts by it: its end may stand in a mail.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from cpor.rules.shapes import Region, TimeZone

if TYPE_CHECKING:
    from cpor.rules.state import State

Party = Literal["partner", "customer"]
PARTIES: tuple[Party, ...] = ("partner", "customer")


class ListedPlace(BaseModel):
    """What the directory says of a place."""

    region: Region | None = None
    time_zone: TimeZone | None = None


class Place(BaseModel, frozen=True):
    country: str
    region: str | None = None
    time_zone: str | None = None

    def with_more(self, listed: ListedPlace | None) -> Place:
        """With what is not said here, unless the rest of it contradicts."""
        if listed is None or self._contradicts(listed):
            return self
        return Place(
            country=self.country,
            region=self.region or listed.region,
            time_zone=self.time_zone or listed.time_zone,
        )

    def _contradicts(self, listed: ListedPlace) -> bool:
        if listed.region and not listed.region.startswith(f"{self.country}-"):
            return True
        # A region that was given says the zone, too.
        of_another = self.region is not None and listed.region != self.region
        return of_another or (
            None not in (self.time_zone, listed.time_zone) and self.time_zone != listed.time_zone
        )


def place_of(claim: State, party: Party) -> Place:
    """Whose days count for the party, or will."""
    pinned = claim.pinned_places.get(party)
    if pinned is not None and is_counted_by(claim, party):
        return pinned
    own = claim.partner if party == "partner" else claim.customer
    said = _place(own.country, own.region, own.time_zone)
    return said.with_more(claim.listed_places.get(party))


@lru_cache(maxsize=1024)
def _place(country: str, region: str | None, time_zone: str | None) -> Place:
    """Asked for after each step of a claim."""
    return Place(country=country, region=region, time_zone=time_zone)


def is_counted_by(claim: State, party: Party) -> bool:
    """Whether a clock that binds this party was ever there."""
    return any(clock.window.side == party for clock in claim.clocks.ledger)
