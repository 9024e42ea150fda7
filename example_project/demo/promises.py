"""What must be in the database after the story: the demo checks itself."""

from __future__ import annotations

from collections.abc import Iterator

from sessions_hub.models import AssuranceLevel, EndReason, Session

from .accounts import NAMES
from .visits import CONNECTED, ENDED, PROVEN_TWICE, SIGNED_OUT, VISITS, Visit


def broken_promises() -> list[str]:
    """What did not come out as promised, one line each; usually nothing."""
    return [text for text, kept in _promises() if not kept]


def _promises() -> Iterator[tuple[str, bool]]:
    rows = list(Session.objects.filter(user__username__in=NAMES).order_by("id"))
    yield f"there are {len(VISITS)} sessions, not {len(rows)}", len(rows) == len(VISITS)
    signed_in = {(_username(row), row.user_agent): row for row in rows}
    for visit in VISITS:
        row = signed_in.get((visit.username, visit.agent.user_agent))
        yield from _promises_of(visit, row)


def _promises_of(visit: Visit, row: Session | None) -> Iterator[tuple[str, bool]]:
    what = f"{visit.username} with {visit.agent.name}"
    if row is None:
        yield f"{what}: there is a session", False
        return
    yield f"{what}: the client was understood", bool(row.client_name)
    yield f"{what}: signed in from {visit.town.name}", row.city == visit.town.name
    yield (
        f"{what}: the country is {visit.town.country_code}",
        (row.country_code == visit.town.country_code),
    )
    proofs = row.authentication_methods.filter(revoked_at=None).order_by("id")
    methods = list(proofs.values_list("method", flat=True))
    proven = (
        (["password", "totp"], AssuranceLevel.AAL2)
        if visit is PROVEN_TWICE
        else (["password"], AssuranceLevel.AAL1)
    )
    yield f"{what}: proven by {proven}", (methods, row.assurance_level) == proven
    kept = row.authentication_methods.exclude(provider_access_token="").count()
    yield f"{what}: {kept} provider's tokens are kept", kept == (visit is CONNECTED)
    reason = {ENDED: EndReason.REVOKED_BY_USER, SIGNED_OUT: EndReason.SIGNED_OUT}.get(visit, "")
    yield f"{what}: end reason “{reason}”, not “{row.end_reason}”", row.end_reason == reason
    towns = [visit.town.name, *([visit.then.name] if visit.then else [])]
    seen = list(row.session_devices.order_by("first_seen_at", "id").values_list("city", flat=True))
    yield f"{what}: used in {towns}, not {seen}", seen == towns


def _username(row: Session) -> str:
    return row.user.get_username() if row.user else ""
