"""What the derived columns of a stored row should hold, by its raw values. No writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sessions_hub.capture import ClientSnapshot
from sessions_hub.capture.address import address_key
from sessions_hub.models.client import ClientColumns, PlaceColumns, client_values
from sessions_hub.understanding import ClientFacts, Place, locate
from sessions_hub.understanding.client import parse_client
from sessions_hub.understanding.versions import os_version_key, version_key

CLIENT_COLUMNS = tuple(field.attname for field in ClientColumns._meta.local_fields)
PLACE_COLUMNS = tuple(field.attname for field in PlaceColumns._meta.local_fields)

# They come from files of their own, so that one may be known without the other.
_OPERATOR = ("autonomous_system",)
_WHERE = tuple(name for name in Place.__slots__ if name not in _OPERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What rows are derived with.

    `backend` is the dotted path of a user agent backend. Addresses are looked up
    for rows without a place; with `relocate` also for those that have one.
    """

    backend: str
    relocate: bool = False


@dataclass(frozen=True, slots=True)
class Rederived:
    """The columns that should change, with their new values.

    `without_raw`: neither user agent nor hints are kept, so the client stays as it
    is. It stays too where the backend recognised nothing of a client the row names
    (`not_recognised`), and where parsing raised `error`.
    """

    changes: Mapping[str, Any]
    without_raw: bool = False
    not_recognised: bool = False
    error: Exception | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the client stays as it is because it could not be derived."""
        return self.without_raw or self.not_recognised or self.error is not None


def rederive(row: Mapping[str, Any], sources: Sources) -> Rederived:
    """Derive a row anew; `row` has CLIENT_COLUMNS and, where its model has them, PLACE_COLUMNS.

    What cannot be derived is kept, never blanked. The sortable keys follow from the
    columns beside them in any case.
    """
    values: dict[str, Any] = {}
    error: Exception | None = None
    not_recognised = False
    without_raw = not (row["user_agent"] or row["client_hints"])
    if not without_raw:
        snapshot = ClientSnapshot(user_agent=row["user_agent"], hints=row["client_hints"])
        try:
            facts = parse_client(snapshot, backend=sources.backend)
            not_recognised = facts == ClientFacts() and any(
                row[name] for name in ClientFacts.__slots__
            )
            values = {} if not_recognised else client_values(snapshot, facts)
        # A backend may raise anything; that is a reason to keep what is there.
        except Exception as raised:  # noqa: BLE001
            error = raised
    now = {**row, **values}
    values["os_version_key"] = os_version_key(now["os_name"], now["os_version"])
    values["client_version_key"] = version_key(now["client_version"])
    if "ip" in row:
        values["ip_key"] = address_key(row["ip"] or "")
        values |= _place(row, sources)
    changes = {name: value for name, value in values.items() if value != row[name]}
    return Rederived(changes, without_raw, not_recognised, error)


def _place(row: Mapping[str, Any], sources: Sources) -> dict[str, Any]:
    wanted = [
        names
        for names in (_WHERE, _OPERATOR)
        if sources.relocate or not any(_is_known(row[name]) for name in names)
    ]
    if not (row["ip"] and wanted):
        return {}
    place = locate(row["ip"])
    values: dict[str, Any] = {}
    for names in wanted:
        found = {name: getattr(place, name) for name in names}
        known = {name: value for name, value in found.items() if _is_known(value)}
        # A file that knows less, or nothing, does not make a place unknown; but no
        # city stays from a country that is another now.
        moved = known.get("country_code", row["country_code"]) != row["country_code"]
        values |= found if moved else known
    return values


def _is_known(value: Any) -> bool:
    # The equator is a place: 0.0 is known.
    return value is not None and value != ""
