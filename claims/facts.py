"""What a claim is about: parties, products, proof files, and the object that opens a claim.

Each check has a text of its own. The checks are part of the rules a running claim is replayed
with, so they are written here and not left to a library whose next version may judge otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC
from math import inf
from typing import Annotated, Any, Literal, cast

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)

from claims import catalogue
from claims.errors import Invalid, Problem

FIRST_RULES = RULES = 1
"""Raised whenever validation, table or effects change. A claim keeps the number it was opened
under, and whatever changed later is asked for by number: its past must replay as it was."""

MOST_PRODUCTS = 20
MOST_FILES = 20
MOST_FILE_BYTES = 25 * 1024 * 1024
MOST_TEXT_BYTES: Mapping[int, int] = {1: 4000}
"""By the number of the rules it came with; see `in_force`."""
FILE_TYPES = ("pdf", "docx", "xlsx", "pptx", "msg", "eml", "png", "jpg", "tiff", "txt", "csv")

Program = Literal["osa-sell", "osu-m365", "osu-business-applications"]
Activity = Literal["presales", "usage", "revenue-association"]
Role = Literal["partner", "reviewer", "customer", "operator", "system"]
PartnerRole = Literal["incentives_admin", "incentives_user", "billing_admin", "global_admin"]
FileState = Literal["received", "sealed", "missing", "changed"]

ACTIVITIES: Mapping[str, tuple[str, ...]] = {
    "osa-sell": ("presales", "revenue-association"),
    "osu-m365": ("usage",),
    "osu-business-applications": ("usage",),
}


def _shape(pattern: str, text: str, most: int = 255) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if len(value) > most or not compiled.fullmatch(value):
            raise ValueError(text)
        return value

    return check


def _line(value: str) -> str:
    value = value.strip()
    if not value:
        raise ValueError("must not be empty")
    if len(value) > 255:
        raise ValueError("must have at most 255 characters")
    if not value.isprintable():
        raise ValueError("must be one line of printable characters")
    return value


STORED = 0
"""In place of a number: what was taken once is not judged again when it is read back."""


def in_force(bounds: Mapping[int, int], rules: int) -> float:
    """The bound of these rules: of the newest that are not newer."""
    if rules == STORED:
        return inf
    return bounds[max(number for number in bounds if number <= rules)]


def under(rules: int) -> Mapping[str, int]:
    """What tells the validation of a message under which rules its claim runs."""
    return {"rules": rules}


def _text(value: str, info: ValidationInfo) -> str:
    context = cast("Mapping[str, int]", info.context or {})
    most = in_force(MOST_TEXT_BYTES, context.get("rules", RULES))
    if not value.strip():
        raise ValueError("must not be empty; leave the field out instead")
    if len(value.encode("utf-8", "replace")) > most:
        raise ValueError(f"must have at most {most} bytes")
    if any(not (char.isprintable() or char in "\n\r\t") for char in value):
        raise ValueError("must not have control characters")
    return value


def _guid(value: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        raise ValueError("must be a GUID such as 5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11")
    return value.lower()


def _product(value: str) -> str:
    if catalogue.find(value) is None:
        near = catalogue.nearest(value)
        hint = f"; nearest: {', '.join(near)}" if near else ""
        raise ValueError(f"{value!r} is not in the product catalogue{hint}")
    return value


def _file_name(value: str) -> str:
    stem, _, ending = value.rpartition(".")
    if not stem or ending.lower() not in FILE_TYPES or "/" in value or "\\" in value:
        raise ValueError(f"must be a file name that ends in one of {', '.join(FILE_TYPES)}")
    return value


def _file_size(value: int) -> int:
    if not 0 < value <= MOST_FILE_BYTES:
        raise ValueError(f"must be from 1 to {MOST_FILE_BYTES} bytes (25 MiB)")
    return value


_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = rf"(?:{_LABEL}\.)+{_LABEL}"

Instant = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]
Line = Annotated[str, AfterValidator(_line)]
Text = Annotated[str, AfterValidator(_text)]
Guid = Annotated[str, AfterValidator(_guid)]
ClaimId = Annotated[
    str,
    AfterValidator(_shape(r"[A-Z0-9-]{4,40}", "must be 4 to 40 characters of A-Z, 0-9 and -")),
]
Sha256 = Annotated[
    str, AfterValidator(_shape(r"[0-9a-f]{64}", "must be a SHA-256 in 64 lower-case hex digits"))
]
Email = Annotated[
    str,
    AfterValidator(
        _shape(
            rf"[^\s@<>()\[\],:;\"\\\x00-\x1f\x7f]+@{_DOMAIN}",
            "must be an e-mail address such as name@company.example",
            254,
        )
    ),
]
Domain = Annotated[
    str, AfterValidator(_shape(_DOMAIN, "must be a domain such as company.example", 253))
]
Country = Annotated[
    str, AfterValidator(_shape(r"[A-Z]{2}", "must be a two-letter country code such as DE"))
]
Language = Annotated[
    str,
    AfterValidator(
        _shape(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "must be a language tag such as en or de-AT")
    ),
]
MpnId = Annotated[
    str, AfterValidator(_shape(r"[0-9]{4,12}", "must be an MPN ID of 4 to 12 digits"))
]


class Fact(BaseModel):
    """Base of whatever is sent to us: an unknown field is refused by name."""

    model_config = ConfigDict(extra="forbid")


class By(Fact):
    """Who says it. The role is believed."""

    role: Role
    id: Line
    name: Line | None = None
    partner_role: PartnerRole | None = None


class Contact(Fact):
    name: Line
    email: Email
    title: Line | None = None
    language: Language | None = None


class Partner(Fact):
    mpn_id: MpnId
    name: Line
    country: Country
    contact: Contact


class Customer(Fact):
    name: Line
    tenant_id: Guid
    domain: Domain
    country: Country
    contact: Contact
    technical_contact: Contact | None = None


class NamedProduct(Fact):
    """A product as a client names it: by name, code or alias."""

    name: Annotated[Line, AfterValidator(_product)]
    subscription_id: Guid | None = None

    @property
    def entry(self) -> catalogue.CatalogueEntry:
        return catalogue.get(self.name)


NamedProducts = Annotated[list[NamedProduct], Field(max_length=MOST_PRODUCTS)]


class Product(BaseModel):
    """A product as the claim holds it."""

    code: str
    name: str
    subscription_id: str | None = None

    @classmethod
    def of(cls, named: NamedProduct) -> Product:
        entry = named.entry
        return cls(code=entry.code, name=entry.name, subscription_id=named.subscription_id)


class FileReference(Fact):
    """A proof file whose bytes already lie in the store."""

    sha256: Sha256
    name: Annotated[Line, AfterValidator(_file_name)]
    media_type: Line
    size: Annotated[int, Field(strict=True), AfterValidator(_file_size)]


class EvidenceFile(BaseModel):
    sha256: str
    name: str
    media_type: str
    size: int
    state: FileState = "received"

    @property
    def is_there(self) -> bool:
        return self.state in ("received", "sealed")


class Opening(Fact):
    """The one object that starts a claim."""

    claim_id: ClaimId
    name: Line
    program: Program
    activity: Activity
    partner: Partner
    customer: Customer
    products: NamedProducts
    evidence: Annotated[list[FileReference], Field(max_length=MOST_FILES)] = []
    comment: Text | None = None
    edition: Line | None = None
    submit: bool = True
    by: By | None = None

    @classmethod
    def read(cls, data: object, rules: int = RULES) -> Opening:
        """The opening, or `Invalid` with every problem there is."""
        try:
            opening = cls.model_validate(data, context=under(rules))
        except ValidationError as error:
            found = problems(error)
            broken = {problem.field.partition(".")[0] for problem in found}
            salvaged = cls._salvage(data, broken, rules)
            raise Invalid([*found, *salvaged.inconsistencies(broken)]) from None
        if found := list(opening.inconsistencies()):
            raise Invalid(found)
        return opening

    @classmethod
    def _salvage(cls, data: object, broken: set[str], rules: int) -> Opening:
        """The fields that can be read, so that they can be compared although others can't."""
        if not isinstance(data, dict):
            broken.update(cls.model_fields)
            return cls.model_construct()
        sent = cast("dict[str, object]", data)
        broken.update(name for name in ("program",) if name not in sent)
        return cls.model_construct(
            **{
                name: TypeAdapter[Any](field.rebuild_annotation()).validate_python(
                    sent[name], context=under(rules)
                )
                for name, field in cls.model_fields.items()
                if name in sent and name not in broken
            }
        )

    def inconsistencies(self, unread: Collection[str] = ()) -> Iterator[Problem]:
        """What is wrong between fields that are right each for itself."""
        if "program" not in unread:
            if "activity" not in unread:
                yield from fit_of_activity(self.program, self.activity)
            if "products" not in unread:
                yield from fit_of_products(self.program, self.products)
            if "customer" not in unread:
                yield from fit_of_contacts(self.program, self.customer)
        if "evidence" not in unread:
            yield from fit_of_evidence(self.evidence)
            if "submit" not in unread and self.submit and not self.evidence:
                yield Problem("evidence", "at least one proof file is needed to submit")


def fit_of_activity(program: str, activity: str) -> Iterator[Problem]:
    if activity not in ACTIVITIES[program]:
        fitting = " or ".join(ACTIVITIES[program])
        yield Problem("activity", f"{activity} does not go with {program}; it takes {fitting}")


def fit_of_products(program: str, products: list[NamedProduct]) -> Iterator[Problem]:
    if not products:
        yield Problem("products", "at least one product is needed")
    family = catalogue.family_of(program)
    seen: set[tuple[str, str | None]] = set()
    for index, product in enumerate(products):
        entry, place = product.entry, f"products.{index}"
        if (entry.code, product.subscription_id) in seen:
            yield Problem(f"{place}.name", f"{entry.name} is named twice")
        seen.add((entry.code, product.subscription_id))
        if entry.family != family:
            yield Problem(f"{place}.name", f"{entry.name} cannot be claimed under {program}")
        elif family == "business-applications" and product.subscription_id is None:
            yield Problem(f"{place}.subscription_id", f"needed for {entry.name}")
        elif family == "m365" and product.subscription_id is not None:
            yield Problem(f"{place}.subscription_id", f"must be left out under {program}")


def fit_of_contacts(program: str, customer: Customer) -> Iterator[Problem]:
    if needs_technical_contact(program) and customer.technical_contact is None:
        yield Problem("customer.technical_contact", f"needed under {program}")


def fit_of_evidence(evidence: list[FileReference]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, file in enumerate(evidence):
        if file.sha256 in seen:
            yield Problem(f"evidence.{index}.sha256", "this file is named twice")
        seen.add(file.sha256)


def needs_technical_contact(program: str) -> bool:
    return catalogue.family_of(program) == "business-applications"


def problems(error: ValidationError) -> list[Problem]:
    """Pydantic's findings in plain words, each with the path of its field."""
    return [
        Problem(
            ".".join(str(step) for step in found["loc"] if step != "[key]"),
            _plainly(cast("Any", found)),
        )
        for found in error.errors(include_url=False)
    ]


def _plainly(found: Mapping[str, Any]) -> str:
    context: Mapping[str, Any] = found.get("ctx") or {}
    match found["type"]:
        case "missing":
            return "is needed"
        case "extra_forbidden":
            return "is not a known field"
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be {context['expected']}"
        case "string_type":
            return "must be a text"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be an object"
        case "list_type":
            return "must be a list"
        case "too_long":
            return f"must have at most {context['max_length']} entries"
        case "too_short":
            return "must have at least one entry"
        case _:
            return str(found["msg"]).removeprefix("Input ").replace("should be", "must be")
