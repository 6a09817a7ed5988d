"""One claim, its history and its proof files as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from cpor.cli.output import next_steps, rivals_text
from cpor.cli.output.words import instant, printable
from cpor.cli.typed import nearest
from cpor.client.errors import MessageRefused
from cpor.rules import proof_sheet
from cpor.rules.action import plain
from cpor.rules.differences import in_words
from cpor.rules.facts import Contact, EvidenceFile
from cpor.rules.history import EVERYBODY, ROLE_NOT_CHECKED, Ground, Question, Sight
from cpor.rules.views import ClaimView, EntryView


def claim(
    known: ClaimView, tries: Mapping[str, str], now: datetime, side: Sight = "reviewer"
) -> str:
    """`tries` has the last answers that the claim has not been told yet, by debt.

    The customer is shown neither contacts nor proof, nor what partner and reviewers say.
    """
    return "\n".join(_claim_lines(known, tries, now, side))


def evidence(files: Sequence[EvidenceFile]) -> str:
    if not files:
        return "No proof files."
    return "\n".join(
        f"{file.state:<9} {file.size:>10,} bytes  {file.sha256}  {file.name}" for file in files
    )


def side(named: str) -> Sight:
    word = named.lower()
    if word not in EVERYBODY:
        known = ", ".join(EVERYBODY)
        meant = nearest(named, EVERYBODY)
        raise MessageRefused("invalid", f"--side {named}: must be one of {known}{meant}")
    return word


def entries(found: Iterable[EntryView]) -> str:
    said: set[str] = set()
    return "\n".join(entry(each, said) for each in found) or "Nothing yet."


def entry(each: EntryView, said: set[str]) -> str:
    """One line, and another one for a remark; what stands in `said` is not remarked again."""
    line = f"{each.seq:>4}  {each.at:%Y-%m-%d %H:%M} UTC  {each.by.role} {each.by.id}: {each.text}"
    remark = " ".join((each.remark or "").split())
    if not remark or remark in line or remark in said:
        return line
    if remark == ROLE_NOT_CHECKED:
        said.add(remark)
    return f"{line}\n      “{remark}”"


def _claim_lines(
    known: ClaimView, tries: Mapping[str, str], now: datetime, side: Sight
) -> Iterator[str]:
    yield f"{known.claim_id}  {known.name}"
    yield f"  {next_steps.standing(known, now)}"
    if side != "customer":
        yield from (f"  {line}" for line in next_steps.next_steps(known))
    products = ", ".join(product.name for product in known.products)
    yield f"  {known.partner.name} → {known.customer.name}: {products}{_new_products(known)}"
    rules = f"rules of {known.edition}" if known.edition else "no edition yet"
    yield f"  {known.program}, {known.activity}, {rules}"
    if known.key:
        yield f"  key: {printable(known.key)}"
    partner, customer = known.partner, known.customer
    yield f"  partner: MPN ID {partner.mpn_id}, {partner.country}"
    yield f"  customer: tenant {customer.tenant_id}, {customer.domain}, {customer.country}"
    if known.consent != "none":
        yield f"  consent {known.consent}, eligibility {known.eligibility}"
    if side != "customer":
        yield from _between_the_sides(known)
    if side == "reviewer" and (known.awaits_award or known.rivals or known.earlier):
        yield from (f"  {line}" for line in rivals_text.lines_of(known))
    yield from (f"  {words}: {instant(at)}" for words, at in _instants(known) if at)
    if side != "customer":
        yield from _to_do(known, tries)


def _between_the_sides(known: ClaimView) -> Iterator[str]:
    yield from (f"  {who}: {_contact(each)}" for who, each in _contacts(known) if each)
    yield from (f"  proof: {_file(file)}{_new(file, known)}" for file in known.evidence)
    if found := proof_sheet.in_words(known.evidence, known.sheet):
        yield f"  proof, by a program: {found}"
    yield f"  reviewer: {known.reviewer or 'nobody yet'}"
    yield from (f"  {line}" for line in _to_look_at(known))
    yield from (f"  asked for: {_ground(request)}" for request in known.requests)
    yield from (f"  rejected for: {_ground(reason)}" for reason in known.reasons)


def _file(file: EvidenceFile) -> str:
    if file.verdict in (None, "clean"):
        return f"{file.name} ({file.state})"
    found = ", ".join(each.replace("_", " ") for each in file.findings)
    return f"{file.name} ({file.state}, {file.verdict}: {found})"


def _new(file: EvidenceFile, known: ClaimView) -> str:
    since = known.reviewed_at
    is_new = since is not None and file.added_at is not None and file.added_at > since
    return f"; new since {instant(since)}" if since and is_new else ""


def _new_products(known: ClaimView) -> str:
    if known.reviewed_at is None or known.claimed_before is None:
        return ""
    then, now = (plain(list(each.products)) for each in (known.claimed_before, known))
    changed = in_words({"products": (then, now)}) if then != now else ""
    return f"; since {instant(known.reviewed_at)} {changed}" if changed else ""


def _to_do(known: ClaimView, tries: Mapping[str, str]) -> Iterator[str]:
    for debt in known.owed:
        answer = tries.get(debt.id) or debt.last_answer
        what = debt.notice or debt.kind
        because = f": {printable(answer)}" if answer else ""
        yield f"  owes {what} since {instant(debt.since)} ({debt.state}){because}"
    if known.editable:
        yield f"  partner may edit: {', '.join(known.editable)}"
    yield from (f"  {line}" for line in next_steps.may_be_said(known))


def _contacts(known: ClaimView) -> Iterator[tuple[str, Contact | None]]:
    yield "partner contact", known.partner.contact
    yield "customer contact", known.customer.contact
    yield "technical contact", known.customer.technical_contact


def _contact(contact: Contact) -> str:
    title = f", {contact.title}" if contact.title else ""
    return f"{contact.name}{title} <{contact.email}>"


def _to_look_at(known: ClaimView) -> Iterator[str]:
    if known.changed_since:
        yield f"changed since {instant(known.changed_since)}: the reviewer has not answered since"
    if known.late_since:
        yield f"late since {instant(known.late_since)}"
    if known.missed:
        yield f"reviewers' clocks that ran out: {known.missed}"
    if known.directory == "changed":
        yield "vendor's directory: not confirmed since the change"
    elif known.directory != "none":
        yield f"vendor's directory: {known.directory.replace('_', ' ')}"
    for who, why in known.unconfirmed.items():
        reasons = ", ".join(each.replace("_", " ") for each in why)
        yield f"to be confirmed: the customer's {who.replace('_', ' ')} ({reasons})"
    if known.proof_unchecked:
        yield "the proof is being checked; nobody is told of the approval before"
    for doubt in known.doubts:
        answer = (
            f"{doubt.answer}: {printable(doubt.reason or '')}" if doubt.answer else "unanswered"
        )
        note = f" ({printable(doubt.note)})" if doubt.note else ""
        yield f"doubt, {doubt.kind.replace('_', ' ')}, {instant(doubt.at)}{note}: {answer}"


def _instants(known: ClaimView) -> Iterator[tuple[str, datetime | None]]:
    yield "first submitted", known.first_submitted_at
    yield "last submitted", known.submitted_at
    yield "approved", known.approved_at
    yield "customer told", known.notice_accepted_at
    yield "official since", known.official_since
    yield "handed off", known.handed_off_at
    yield "ended", known.ended_at


def _ground(ground: Ground) -> str:
    reason = ground.reason.replace("_", " ")
    about = f" ({ground.product})" if ground.product else ""
    drop = ", or to drop it" if isinstance(ground, Question) and ground.remove else ""
    note = f": {printable(ground.note)}" if ground.note else ""
    return f"{reason}{about}{drop}{note}"
