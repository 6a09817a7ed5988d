from __future__ import annotations


class UnknownPlace(ValueError):
    """A country, subdivision or time zone that does not exist; the text is one sentence."""


class UnknownCountry(UnknownPlace):
    pass


class UnknownSubdivision(UnknownPlace):
    pass


class UnknownZone(UnknownPlace):
    pass
