"""Taking out of ended sessions what points to a person, once its time is over.

Sessions that have not ended are left alone with all their places: a move is judged by
the fingerprints, agents, networks and coordinates of every place the session was accepted
in. An ended session is judged no more, so that its fingerprints may go too; they must,
since one is a digest of address and agent, and a cut address leaves 256 to try.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Round

from sessions_hub.capture.address import address_key
from sessions_hub.models import Device, Session, SessionDevice
from sessions_hub.models.querysets import BATCH

from .guard import bounded_write, database

# How many bits of an address stay, by its version.
_KEPT_BITS = {4: 24, 6: 48}
# Of a coordinate, the digits behind the point: a tenth of a degree is 11 km.
_DIGITS = 1
# How the key of an address ends that is cut: of IPv4, mapped into IPv6, and of IPv6.
_MAPPED = address_key("0.0.0.0")[:24]  # noqa: S104 - not bound to
_CUT_4, _CUT_6 = "0" * 2, "0" * 20

_PLACE = ("ip", "ip_key", "latitude", "longitude")
_RAW: Mapping[str, Any] = {"user_agent": "", "client_hints": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What ended before these moments is anonymized; None leaves that part alone."""

    addresses: datetime | None
    agents: datetime | None

    @classmethod
    def at(cls, now: datetime, addresses: timedelta | None, agents: timedelta | None) -> Due:
        """What is due at `now`, where both are kept that long after the end."""
        return cls(
            addresses=None if addresses is None else now - addresses,
            agents=None if agents is None else now - agents,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """How many rows of a table one batch has anonymized."""

    table: str
    rows: int


# What a fingerprint begins with that is no digest of anything.
_BLANK = "~"


def cut_address(address: str) -> str:
    """The first address of its network: of the /24 of IPv4, the /48 of IPv6."""
    version = 6 if ":" in address else 4
    return str(ip_network((address, _KEPT_BITS[version]), strict=False).network_address)


def round_coordinate(degrees: float | None) -> float | None:
    """The coordinate to a tenth of a degree."""
    return None if degrees is None else round(degrees, _DIGITS)


def anonymize(due: Due, *, batch_size: int = BATCH) -> Iterator[Done]:
    """Anonymize what is due; yield what came of each batch.

    In the order of ids, each batch in one short transaction. Rows that are anonymized
    already are not found, so that a run goes on where another one was stopped, and a
    second run does nothing. Rows another transaction holds are left for the next run.
    Raises django.db.Error.
    """
    for table in TABLES:
        rows = table.rows(due)
        if rows is None:
            continue
        last: UUID | None = None
        while True:
            page = rows if last is None else rows.filter(pk__gt=last)
            ids = list(page.order_by("pk").values_list("pk", flat=True)[:batch_size])
            if ids:
                yield Done(table.name, _batch(table, rows, ids, due))
            if len(ids) < batch_size:
                break
            last = ids[-1]


def count_due(due: Due) -> dict[str, int]:
    """How many rows of each table `anonymize()` would write."""
    found = ((table.name, table.rows(due)) for table in TABLES)
    return {name: 0 if rows is None else rows.count() for name, rows in found}


def _batch(table: _Table, rows: QuerySet[Any], ids: list[UUID], due: Due) -> int:
    alias = rows.db
    features = connections[alias].features
    with bounded_write(alias):
        mine = table.model._base_manager.using(alias).filter(pk__in=ids).order_by("pk")
        locked = list(
            mine.select_for_update(
                skip_locked=features.has_select_for_update_skip_locked,
                no_key=features.has_select_for_no_key_update,
            ).values_list("pk", flat=True)
        )
        # Asked once more, now that nobody can change them.
        still = table.model._base_manager.using(alias).filter(pk__in=locked)
        by_address = table.by_address(due, still)
        changed = {row.pk for row in by_address}
        if by_address:
            table.write_addresses(by_address, alias)
        by_agent = set(table.by_agent(due, still).values_list("pk", flat=True))
        still.filter(pk__in=by_agent).update(**_RAW)
    return len(changed | by_agent)


def _has_raw() -> Q:
    return ~Q(user_agent="") | ~Q(client_hints={})


def _has_address() -> Q:
    is_cut = Q(ip_key="") | Q(ip_key__startswith=_MAPPED, ip_key__endswith=_CUT_4)
    is_cut |= Q(ip_key__endswith=_CUT_6)
    return ~is_cut | _is_exact("latitude") | _is_exact("longitude")


def _is_exact(column: str) -> Q:
    return Q(**{f"{column}__isnull": False}) & ~Q(**{column: Round(F(column), _DIGITS)})


def _ended(before: datetime | None, condition: Callable[[], Q], column: str = "ended_at") -> Q:
    # Nothing is in an empty list.
    return Q(pk__in=[]) if before is None else Q(condition(), **{f"{column}__lt": before})


def _cut(row: Any) -> None:
    if row.ip:
        row.ip = cut_address(row.ip)
        row.ip_key = address_key(row.ip)
    row.latitude = round_coordinate(row.latitude)
    row.longitude = round_coordinate(row.longitude)


class _Table(ABC):
    """One table: which of its rows are due, and how they are written."""

    name: str
    model: Any

    def rows(self, due: Due) -> QuerySet[Any] | None:
        """All rows that are due; None where none can be."""
        if due.addresses is None and due.agents is None:
            return None
        rows = self.model._base_manager.using(database())
        return rows.filter(self._address(due) | self._agent(due))  # type: ignore[no-any-return]

    def by_address(self, due: Due, rows: QuerySet[Any]) -> list[Any]:
        """Those whose address is due."""
        return list(rows.filter(self._address(due)))

    def by_agent(self, due: Due, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those whose agent is due."""
        return rows.filter(self._agent(due))

    @abstractmethod
    def write_addresses(self, rows: list[Any], alias: str) -> None:
        """Cut addresses and coordinates, and forget the fingerprints."""

    @abstractmethod
    def _address(self, due: Due) -> Q: ...

    @abstractmethod
    def _agent(self, due: Due) -> Q: ...


class _Sessions(_Table):
    name, model = "sessions", Session

    def _address(self, due: Due) -> Q:
        return _ended(due.addresses, lambda: _has_address() | ~Q(current_fingerprint=""))

    def _agent(self, due: Due) -> Q:
        return _ended(due.agents, _has_raw)

    def write_addresses(self, rows: list[Any], alias: str) -> None:
        for row in rows:
            _cut(row)
            row.current_fingerprint = ""
        columns = [*_PLACE, "current_fingerprint"]
        Session._base_manager.using(alias).bulk_update(rows, columns)


class _Places(_Table):
    name, model = "places of use", SessionDevice

    def _address(self, due: Due) -> Q:
        # An address that looks cut may be whole: its digest goes all the same.
        return _ended(
            due.addresses,
            lambda: (
                _has_address()
                | ~(Q(fingerprint__startswith=_BLANK) | Q(fingerprint__startswith=f"!{_BLANK}"))
            ),
            "session__ended_at",
        )

    def _agent(self, due: Due) -> Q:
        return _ended(due.agents, _has_raw, "session__ended_at")

    def write_addresses(self, rows: list[Any], alias: str) -> None:
        for row in rows:
            _cut(row)
            # A random one keeps the rows of a session apart; what was held stays so.
            head = f"!{_BLANK}" if row.fingerprint[:1] == "!" else _BLANK
            row.fingerprint = head + row.pk.hex[len(head) :]
        SessionDevice._base_manager.using(alias).bulk_update(rows, [*_PLACE, "fingerprint"])


class _Devices(_Table):
    name, model = "devices", Device

    def _address(self, due: Due) -> Q:
        return Q(pk__in=[])

    def write_addresses(self, rows: list[Any], alias: str) -> None:
        """They have none, so that none is ever due."""

    def _agent(self, due: Due) -> Q:
        in_use = SessionDevice._base_manager.filter(
            device=OuterRef("pk"), session__ended_at__isnull=True
        )
        idle = _ended(due.agents, _has_raw, "last_seen_at")
        return idle & ~Q(Exists(in_use))


TABLES: tuple[_Table, ...] = (_Sessions(), _Places(), _Devices())
