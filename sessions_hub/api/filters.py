"""What a list of sessions can be narrowed by, and which keys it can be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import get_type_hints

from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from sessions_hub.models import (
    AssuranceLevel,
    Method,
    SessionDevice,
    SessionQuerySet,
    SessionType,
    Status,
)
from sessions_hub.models.predicate import proven_by

from .formats import level_text
from .ids import id_in
from .parameters import Filter, Unreadable, instant, one_of
from .representation import SessionObject
from .selection import RESTING_ON, Selection

SELECTING = frozenset({"expand", "fields"})
KEYS = frozenset(get_type_hints(SessionObject))
_LEVELS = {level_text(level): level for level in AssuranceLevel}
_INSTANTS = {
    "issued_after": "issued_at__gte",
    "issued_before": "issued_at__lt",
    "last_used_after": "last_used_at__gte",
    "last_used_before": "last_used_at__lt",
}


def session_filters(now: datetime) -> Mapping[str, Filter[SessionQuerySet]]:
    """The filters of sessions, by parameter; what is active is so at `now`."""
    return {
        "status": partial(with_status, now),
        "session_type": _of_type,
        "country_code": _of_country,
        "os_code": partial(_of_text, "os_code"),
        "client_type": partial(_of_text, "client_type"),
        "tenant_id": _in_tenant,
        "method": _of_method,
        "assurance_level": _of_level,
        "device": _on_device,
        **{name: partial(_since_or_until, lookup) for name, lookup in _INSTANTS.items()},
    }


def with_status(now: datetime, rows: SessionQuerySet, value: str) -> SessionQuerySet:
    """Those with this status at `now`. Raises Unreadable for what is none."""
    match one_of(Status.values, value):
        case Status.ACTIVE:
            return rows.active(now)
        case Status.EXPIRED:
            return rows.expired(now)
        case _:
            return rows.revoked(now)


def _of_type(rows: SessionQuerySet, value: str) -> SessionQuerySet:
    return rows.filter(session_type=one_of(SessionType.values, value))


def _of_country(rows: SessionQuerySet, value: str) -> SessionQuerySet:
    # Empty: of which it is not known.
    if value and not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise Unreadable(_("Use the two letters of a country (ISO 3166)."))
    return rows.filter(country_code=value.upper())


def _of_text(column: str, rows: SessionQuerySet, value: str) -> SessionQuerySet:
    # PostgreSQL cannot look for NUL, and no row has one.
    return rows.none() if "\x00" in value else rows.filter(**{column: value})


def _in_tenant(rows: SessionQuerySet, value: str) -> SessionQuerySet:
    return rows.none() if "\x00" in value else rows.for_tenant(value)


def _of_method(rows: SessionQuerySet, value: str) -> SessionQuerySet:
    return rows.filter(proven_by(one_of(Method.values, value)))


def _of_level(rows: SessionQuerySet, value: str) -> SessionQuerySet:
    return rows.filter(assurance_level=_LEVELS[one_of(list(_LEVELS), value)])


def _on_device(rows: SessionQuerySet, value: str) -> SessionQuerySet:
    if (pk := id_in(value)) is None:
        raise Unreadable(_("Use the id of a device."))
    return rows.filter(
        Exists(SessionDevice.objects.filter(session=OuterRef("pk"), device=pk)),
    )


def _since_or_until(lookup: str, rows: SessionQuerySet, value: str) -> SessionQuerySet:
    return rows.filter(**{lookup: instant(value)})


def selection_in(given: QueryDict) -> Selection:
    """The keys that `?expand=` and `?fields=` ask for; all of them without either.

    A name that `expand` does not list is left out with what rests on it, and so are its
    queries. Raises ValidationError for names there are not, and for a field that is
    left out by the other parameter.
    """
    keys = KEYS
    if (expand := given.get("expand")) is not None:
        wanted = _names("expand", expand, frozenset(RESTING_ON))
        for name in RESTING_ON.keys() - wanted:
            keys -= RESTING_ON[name]
    if (fields := given.get("fields")) is not None:
        asked = _names("fields", fields, KEYS)
        if left_out := sorted(asked - keys):
            message = _("“expand” leaves this out: %(names)s.") % {"names": ", ".join(left_out)}
            raise ValidationError({"fields": [message]})
        keys = asked
    return Selection(None if keys == KEYS else keys)


def _names(parameter: str, text: str, known: frozenset[str]) -> frozenset[str]:
    names = frozenset(text.split(",")) if text else frozenset()
    if unknown := sorted(names - known):
        message = _("There is no such key: %(names)s.") % {"names": ", ".join(unknown)}
        raise ValidationError({parameter: [message]})
    if not names and parameter == "fields":
        raise ValidationError({parameter: [_("Name at least one key.")]})
    return names
