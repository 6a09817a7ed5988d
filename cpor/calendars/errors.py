from __future__ import annotations


class UnknownPlace(ValueError):
    """A place that somebody named and that does not exist; its text is a whole sentence."""


class UnknownCountry(UnknownPlace):
    pass


class UnknownSubdivision(UnknownPlace):
    pass


class UnknownZone(UnknownPlace):
    pass
