"""Numbers about sign-ins, for people who look after a site. Reads only.

Each number is one aggregate over a range of an index: an id carries the time of its
sign-in, so a period is a range of primary keys. The database is the one the site's
router reads from; a replica will do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, When
from django.utils.translation import ngettext

from sessions_hub.models import AuthenticationMethod, Device, Session, SessionType
from sessions_hub.models.ids import first_id_at
from sessions_hub.models.querysets import limit_values
from sessions_hub.models.validity import past_limits

from .failed import failed_since

DAY = timedelta(days=1)
PERIODS = (DAY, 7 * DAY, 30 * DAY)
_ROWS = Count("pk")
# Programs sign in from where they run, often inside the site's own network.
PROGRAMS = frozenset({SessionType.API_KEY, SessionType.OAUTH_CLIENT, SessionType.SERVICE_ACCOUNT})


@dataclass(frozen=True, slots=True)
class SharedAddress:
    """The one address, no visitor's own, that the last sign-ins were recorded with.

    `address` is empty where they were recorded without any.
    """

    address: str
    sign_ins: int

    @property
    def advice(self) -> str:
        """What is wrong and what to do about it, in the reader's language."""
        if self.address:
            text = ngettext(
                "The last %(count)s sign-in came from %(address)s, which is no public "
                "address: most likely that of a proxy, not of the visitors. Name your proxies in "
                "SESSIONS_HUB_TRUSTED_PROXIES, or their number in SESSIONS_HUB_PROXY_COUNT; see "
                "“Behind a proxy” in docs/install.md.",
                "The last %(count)s sign-ins all came from %(address)s, which is no public "
                "address: most likely that of a proxy, not of the visitors. Name your proxies in "
                "SESSIONS_HUB_TRUSTED_PROXIES, or their number in SESSIONS_HUB_PROXY_COUNT; see "
                "“Behind a proxy” in docs/install.md.",
                self.sign_ins,
            )
        else:
            text = ngettext(
                "The last %(count)s sign-in was recorded without an address: most likely the "
                "site is served through a Unix socket. Set SESSIONS_HUB_TRUSTED_PROXIES = "
                "['unix'], or the number of proxies in SESSIONS_HUB_PROXY_COUNT; see “Behind a "
                "proxy” in docs/install.md.",
                "The last %(count)s sign-ins were recorded without an address: most likely the "
                "site is served through a Unix socket. Set SESSIONS_HUB_TRUSTED_PROXIES = "
                "['unix'], or the number of proxies in SESSIONS_HUB_PROXY_COUNT; see “Behind a "
                "proxy” in docs/install.md.",
                self.sign_ins,
            )
        return text % {"count": self.sign_ins, "address": self.address}


def shared_address(limit: int = 100) -> SharedAddress | None:
    """The private or empty address that the last `limit` sign-ins share; None if they do not.

    Also None while there are fewer. Sessions without a client (programs, rows made
    without a request) do not count. One SELECT of at most five times `limit` narrow
    rows, newest first.
    """
    newest = Session.objects.order_by("-pk").values_list(
        "session_type", "current_fingerprint", "ip"
    )
    addresses = [
        address or ""
        for session_type, fingerprint, address in newest[: 5 * limit]
        if fingerprint and session_type not in PROGRAMS
    ][:limit]
    if len(addresses) < limit or len(set(addresses)) != 1:
        return None
    address = addresses[0]
    # Everything but the public internet: RFC 1918, RFC 4193, RFC 6598 (carriers),
    # loopback, link-local, and what is reserved.
    if address and ip_address(address).is_global:
        return None
    return SharedAddress(address=address, sign_ins=limit)


@dataclass(frozen=True, slots=True)
class Share:
    """How often one value occurs; `value` is as stored, empty for an unknown one."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Period:
    """What happened in the time up to now.

    `failed_sign_ins` is None where the site does not count them.
    """

    length: timedelta
    sign_ins: int
    new_devices: int
    failed_sign_ins: int | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Counts by value, the largest first; `others` counts what the values left out add up to."""

    shares: tuple[Share, ...]
    others: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int], top: int | None = None) -> Breakdown:
        """Those that were counted at all; of many values the `top` ones, and the rest as one."""
        found = sorted(
            (pair for pair in counts.items() if pair[1]), key=lambda one: (-one[1], one[0])
        )
        rest = [] if top is None else found[top:]
        return cls(
            tuple(Share(*one) for one in found[:top]), sum(number for _value, number in rest)
        )

    @property
    def total(self) -> int:
        """All of them together."""
        return sum(share.count for share in self.shares) + self.others

    def first(self, top: int) -> Breakdown:
        """The first `top` of them; the rest are others."""
        rest = sum(share.count for share in self.shares[top:])
        return Breakdown(self.shares[:top], self.others + rest)

    def regrouped(self, group: Callable[[str], str]) -> Breakdown:
        """The same counts by `group(value)`, the largest first."""
        counts: Counter[str] = Counter()
        for share in self.shares:
            counts[group(share.value)] += share.count
        return Breakdown(Breakdown.of(counts).shares, self.others)


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a site at one moment. The breakdowns cover `window`.

    `methods` counts a sign-in once for each method it was proven with, so that its
    counts may add up to more than there were sign-ins. `ends` counts sessions that
    ended in the window, whenever they began, those whose limit has passed included.
    """

    at: datetime
    active: int
    periods: tuple[Period, ...]
    window: Period
    operating_systems: Breakdown
    clients: Breakdown
    device_types: Breakdown
    countries: Breakdown
    methods: Breakdown
    assurance_levels: Breakdown
    ends: Breakdown


def statistics(now: datetime, *, window: timedelta = PERIODS[-1], top: int = 10) -> Statistics:
    """The numbers at `now`, with at most `top` names in a breakdown. Eleven queries."""
    since = now - window
    sign_ins = Session.objects.filter(pk__gte=first_id_at(since))
    proofs = AuthenticationMethod.objects.filter(session__gte=first_id_at(since))
    *periods, whole = _periods(now, (*PERIODS, window))

    def by(column: str) -> Breakdown:
        return breakdown(sign_ins, column, top=top, total=whole.sign_ins)

    return Statistics(
        at=now,
        active=Session.objects.active(now).count(),
        periods=tuple(periods),
        window=whole,
        operating_systems=by("os_name"),
        clients=by("client_name"),
        device_types=by("device_type"),
        countries=by("country_code"),
        methods=breakdown(proofs, "method", Count("session", distinct=True)),
        assurance_levels=breakdown(sign_ins, "assurance_level"),
        ends=breakdown(_ended(since, now), "reason"),
    )


def _periods(now: datetime, lengths: tuple[timedelta, ...]) -> list[Period]:
    starts = [first_id_at(now - length) for length in lengths]
    columns = {
        f"since_{number}": Count("pk", filter=Q(pk__gte=start))
        for number, start in enumerate(starts)
    }
    counts = [
        rows.filter(pk__gte=min(starts)).aggregate(**columns).values()
        for rows in (Session.objects.all(), Device.objects.all())
    ]
    failed = failed_since([now - length for length in lengths], Session.objects.db)
    return [Period(*values) for values in zip(lengths, *counts, failed, strict=True)]


def breakdown(
    rows: QuerySet[Any],
    column: str,
    count: Count = _ROWS,
    *,
    top: int | None = None,
    total: int = 0,
) -> Breakdown:
    """The largest groups of rows; all of them without `top`, for a closed list of words."""
    groups = rows.values_list(column).annotate(number=count).order_by("-number", column)[:top]
    # Levels are numbers, and written as everywhere.
    texts = ((f"aal{v}" if isinstance(v, int) else str(v), number) for v, number in groups)
    shares = tuple(Share(*text) for text in texts)
    # A sign-in between two queries must not make the rest negative.
    return Breakdown(shares, others=max(0, total - sum(share.count for share in shares)))


def _ended(since: datetime, now: datetime) -> QuerySet[Any]:
    """The sessions that ended since then, with their `reason`, whether or not it is stamped."""
    unnoticed = Q(past_limits(now), expires_at__gte=since, idle_expires_at__gte=since)
    return Session.objects.filter(
        Q(ended_at__gte=since) | Q(unnoticed, ended_at__isnull=True)
    ).annotate(
        reason=Case(
            When(ended_at__isnull=False, then=F("end_reason")),
            default=limit_values(now)["end_reason"],
            output_field=CharField(),
        )
    )
