"""What a claim is about: parties, products, proof files, and the object that opens a claim.

The checks are written here: a library's next version may judge what is replayed otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from math import inf
from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from cpor.rules import catalogue
from cpor.rules.bounds import check_bounds
from cpor.rules.characters import JOINERS, WHITESPACE, is_printable, lower
from cpor.rules.errors import Invalid, Problem, problems
from cpor.rules.party_names import PartyName
from cpor.rules.proof_files import FILE_TYPES, FileVerdict, FindingCode
from cpor.rules.shapes import (
    IN_TEXTS,
    ActorId,
    Check,
    ClaimId,
    Country,
    Domain,
    Email,
    Guid,
    Language,
    Line,
    MpnId,
    ProductName,
    Proof,
    Region,
    Sha256,
    TimeZone,
    any_case,
)
from cpor.rules.shapes import Instant as Instant

FIRST_RULES = RULES = 1
"""Raised whenever validation, table or effects change. A claim keeps the number it was opened
under, and whatever changed later is asked for by number: its past must replay as it was."""

MOST_PRODUCTS = 20
MOST_FILES = 20
MOST_FILE_BYTES = 25 * 1024 * 1024
MOST_TEXT_BYTES: Mapping[int, int] = {1: 4000}
"""By the number of the rules it came with; see `in_force`."""

Program = Literal["osa-sell", "osu-m365", "osu-business-applications"]
Activity = Literal["presales", "usage", "revenue-association"]
Role = Literal["partner", "reviewer", "customer", "operator", "system"]
PartnerRole = Literal["incentives_admin", "incentives_user", "billing_admin", "global_admin"]
FileState = Literal["received", "sealed", "missing", "changed", "withdrawn"]

NO_PROOF = Problem("evidence", "at least one proof file is needed to submit")

ACTIVITIES: Mapping[str, tuple[str, ...]] = {
    "osa-sell": ("presales", "revenue-association"),
    "osu-m365": ("usage",),
    "osu-business-applications": ("usage",),
}
_WITHOUT_IN_TEXTS = dict.fromkeys(map(ord, IN_TEXTS))
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
    if not value.strip(WHITESPACE + JOINERS):
        raise ValueError("must not be empty; leave the field out instead")
    if len(value.encode("utf-8", "replace")) > most:
        raise ValueError(f"must have at most {most} bytes")
    if not is_printable(value.translate(_WITHOUT_IN_TEXTS)):
        raise ValueError("must not have control characters")
    return value


def _file_name(value: str) -> str:
    stem, _, ending = value.rpartition(".")
    if not stem or lower(ending) not in FILE_TYPES or "/" in value or "\\" in value:
        raise ValueError(f"must be a file name that ends in one of {', '.join(FILE_TYPES)}")
    return value


def _file_size(value: int) -> int:
    if not 0 < value <= MOST_FILE_BYTES:
        raise ValueError(f"must be from 1 to {MOST_FILE_BYTES} bytes (25 MiB)")
    return value


_MOST = int(in_force(MOST_TEXT_BYTES, RULES))
Text = Annotated[
    str,
    Check(
        _text,
        minLength=1,
        maxLength=_MOST,
        pattern=r"[^\x00-\x20\x7f]",
        description=f"Text of one or more lines, {_MOST} bytes in UTF-8 at most.",
    ),
]
FileName = Annotated[
    Line,
    Check(
        _file_name,
        pattern=rf"^\s*[^/\\\x00-\x1f\x7f]+\.({'|'.join(map(any_case, FILE_TYPES))})\s*$",
        description=f"A name without folders that ends in one of {', '.join(FILE_TYPES)}.",
        examples=["sow.pdf"],
    ),
]
FileSize = Annotated[
    int,
    Field(strict=True),
    Check(_file_size, minimum=1, maximum=MOST_FILE_BYTES, description="In bytes."),
]


EACH_ONCE = Field(json_schema_extra={"uniqueItems": True})


class Fact(BaseModel):
    """Base of whatever is sent to us: an unknown field is refused by name."""

    model_config = ConfigDict(extra="forbid")


class By(Fact):
    """Who says it. Without a proof, the role is believed."""

    role: Role
    id: ActorId
    """The account. A customer's is `contact` or `technical_contact`, never an address."""
    name: PartyName | None = None
    """Shown to people together with the id."""
    partner_role: PartnerRole | None = None
    """What this person may do for the partner; left out, it is not checked."""
    proof: Annotated[Proof | None, Field(exclude=True)] = None
    """A signature over the whole message. It is never sent back."""


class Contact(Fact):
    """Whom mails go to."""

    name: PartyName
    email: Email
    title: Line | None = None
    language: Language | None = None


class Placed(Fact):
    """A company at a place: its calendar and time zone count the days that bind it."""

    country: Country
    region: Region | None = None
    """Left out: the country as a whole."""
    time_zone: TimeZone | None = None
    """Left out: the most populous of the region, else of the country."""

    @model_validator(mode="after")
    def _region_is_of_the_country(self) -> Self:
        if self.region is not None and not self.region.startswith(f"{self.country}-"):
            raise ValueError(f"the region {self.region} is not in the country {self.country}")
        return self


class Partner(Placed):
    """The company that claims."""

    mpn_id: MpnId
    name: PartyName
    contact: Contact


class Customer(Placed):
    """The company whose purchase or use was influenced."""

    name: PartyName
    tenant_id: Guid
    """The customer's directory."""
    domain: Domain
    contact: Contact
    technical_contact: Contact | None = None
    """Needed for Business Applications, and told whenever the contact is."""


class NamedProduct(Fact):
    """A product as a client names it: by name, code or alias."""

    name: ProductName
    subscription_id: Guid | None = None
    """Needed for a Business Applications product; left out for others."""

    @property
    def entry(self) -> catalogue.CatalogueEntry:
        return catalogue.get(self.name)


NamedProducts = Annotated[
    list[NamedProduct],
    Field(max_length=MOST_PRODUCTS, json_schema_extra={"minItems": 1, "uniqueItems": True}),
]


class Product(BaseModel):
    """A product as the claim holds it."""

    code: str
    """Its code in the product catalogue, for programs."""
    name: str
    """Its name in the product catalogue, for people."""
    subscription_id: str | None = None
    """Of a Business Applications product."""

    @classmethod
    def of(cls, named: NamedProduct) -> Product:
        entry = named.entry
        return cls(code=entry.code, name=entry.name, subscription_id=named.subscription_id)


class FileReference(Fact):
    """A proof file whose bytes already lie in the store."""

    sha256: Sha256
    name: FileName
    media_type: Line
    """As registered, such as application/pdf; shown, not judged."""
    size: FileSize


class EvidenceFile(BaseModel):
    """A proof file, and what the store found of it."""

    sha256: str
    """Of its bytes, in lower-case hex digits."""
    name: str
    """As the partner named it."""
    media_type: str
    """As the partner said."""
    size: int
    """In bytes."""
    state: FileState = "received"
    """`sealed`: checked and copied; `missing`: no bytes found; `changed`: not those bytes;
    `withdrawn`: the partner takes it back, so it stays but is not reviewed."""
    verdict: FileVerdict | None = None
    """What came of looking into it; a `refused` one is no proof. Null before."""
    findings: list[FindingCode] = []
    """What was found in it."""
    added_at: Instant | None = None
    """When it was named, the last time."""

    @property
    def is_there(self) -> bool:
        return self.state in ("received", "sealed")

    @property
    def counts(self) -> bool:
        """As proof: it is there and can be read."""
        return self.is_there and self.verdict != "refused"


class Opening(Fact):
    """The one object that starts a claim."""

    claim_id: ClaimId
    key: Line | None = None
    """Your own key for it, such as its number in your system. It names no person."""
    name: Line
    """What people call the claim."""
    program: Program
    activity: Activity
    """Which of them go with a program stands in docs/contract.md."""
    partner: Partner
    customer: Customer
    products: NamedProducts
    """What is claimed, each product once."""
    evidence: Annotated[list[FileReference], Field(max_length=MOST_FILES), EACH_ONCE] = []
    """Proof files; to submit, at least one."""
    comment: Text | None = None
    """For the reviewers."""
    edition: Line | None = None
    """Which rules hold; left out, the worker's own choice."""
    submit: bool = True
    """False leaves the claim a draft, in Editing."""
    by: By | None = None
    """The partner's person who opens it."""

    @classmethod
    def read(cls, data: object, rules: int = RULES) -> Opening:
        """The opening, or `Invalid` with every problem there is."""
        check_bounds(cls, data)
        try:
            opening = cls.model_validate(data, context=under(rules))
        except ValidationError as error:
            found = problems(error)
            broken = {problem.field.partition(".")[0] for problem in found}
            salvaged = cls._salvage(data, broken, rules)
            wrong = [*found, *salvaged.inconsistencies(broken), *salvaged.lacks_proof(broken)]
            raise Invalid(wrong) from None
        if found := list(opening.inconsistencies()):
            raise Invalid([*found, *opening.lacks_proof()])
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

    def lacks_proof(self, unread: Collection[str] = ()) -> list[Problem]:
        """What any submission without proof is refused for, named beside all else that is wrong."""
        known = not {"evidence", "submit"} & set(unread)
        return [NO_PROOF] if known and self.submit and not self.evidence else []


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
