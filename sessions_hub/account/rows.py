"""Sessions and devices as a page shows them: what a person reads, in their language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Prefetch, Subquery, UUIDField, prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from sessions_hub.lifecycle.alerts import place_of
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.policy import PROGRAMS
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    Session,
    SessionDevice,
    SessionQuerySet,
    SessionType,
)
from sessions_hub.models.client import ClientColumns
from sessions_hub.models.validity import End

# Matomo's device types, and the picture of each; what is not named is a computer's.
_ICONS = {
    "smartphone": "phone",
    "phablet": "phone",
    "feature phone": "phone",
    "portable media player": "phone",
    "wearable": "watch",
    "tablet": "tablet",
    "tv": "tv",
    "smart display": "tv",
    "console": "tv",
    "desktop": "computer",
}


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """One session; `spoken` tells it from all others on its page, for who hears the buttons."""

    session: Session
    label: str
    spoken: str
    icon: str
    place: str
    address: str
    methods: list[str]
    is_current: bool
    end: End | None

    @property
    def is_impersonation(self) -> bool:
        """Whether somebody else acts as the user in it."""
        return self.session.is_impersonation

    @property
    def ends_at(self) -> datetime:
        """When it ends by itself if it is not used again."""
        return min(self.session.expires_at, self.session.idle_expires_at)


@dataclass(frozen=True, kw_only=True)
class DeviceGroup:
    """The sessions on one device; `device` is None where it is not known."""

    device: Device | None
    title: str
    subtitle: str
    spoken: str
    icon: str
    rows: list[SessionRow]

    @property
    def is_current(self) -> bool:
        """Whether this very page is read on it."""
        return any(row.is_current for row in self.rows)


def with_device(rows: SessionQuerySet) -> SessionQuerySet:
    """Sessions with their user, and the id of the device they began on in `shown_device`."""
    first = SessionDevice.objects.filter(session=OuterRef("pk")).order_by("first_seen_at", "pk")
    device = Subquery(first.values("device_id")[:1], output_field=UUIDField())
    return rows.select_related("user").annotate(shown_device=device)


def load_methods(sessions: Sequence[Session]) -> None:
    """Read how sessions were proven, all in one query; `session_rows()` tells it then."""
    proofs = AuthenticationMethod.objects.using(database()).filter(revoked_at__isnull=True)
    ordered = proofs.order_by("completed_at", "pk")
    prefetch_related_objects(
        sessions, Prefetch("authentication_methods", queryset=ordered, to_attr="standing")
    )


def session_rows(
    sessions: Iterable[Session], *, current_id: UUID | None, now: datetime
) -> list[SessionRow]:
    """The rows of a page, in the order given. No query."""
    found = list(sessions)
    labels = [_label(session) for session in found]
    spoken = _told_apart(
        [
            (label, f"{label}, {date_format(timezone.localtime(one.issued_at), 'DATETIME_FORMAT')}")
            for label, one in zip(labels, found, strict=True)
        ]
    )
    return [
        SessionRow(
            session=session,
            label=label,
            spoken=name,
            icon=_icon(session),
            # An impersonator's place is not the user's to see.
            place="" if session.is_impersonation else place_of(session),
            address="" if session.is_impersonation else session.ip or "",
            methods=_methods(session),
            is_current=session.pk == current_id,
            end=session.how_ended(now),
        )
        for session, label, name in zip(found, labels, spoken, strict=True)
    ]


def grouped(rows: Sequence[SessionRow], devices: dict[UUID, Device]) -> list[DeviceGroup]:
    """Rows by device: the current one first, then those used last. No query.

    A session on no known device is a group of its own.
    """
    found: dict[Any, list[SessionRow]] = {}
    for row in rows:
        device_id = getattr(row.session, "shown_device", None)
        found.setdefault(device_id if device_id in devices else row.session.pk, []).append(row)
    groups = [(devices.get(key), _ordered(mine)) for key, mine in found.items()]
    titles = [str(device) if device else mine[0].label for device, mine in groups]
    spoken = _told_apart(
        [
            (title, f"{title}, {date_format(timezone.localtime(device.first_seen_at))}")
            if device
            else (title, title)
            for title, (device, _mine) in zip(titles, groups, strict=True)
        ]
    )
    made = [
        DeviceGroup(
            device=device,
            title=title,
            # What it is, where its user has called it something else.
            subtitle=device.client_label if device and device.name else "",
            spoken=name,
            icon=icon_of(device) if device else mine[0].icon,
            rows=mine,
        )
        for title, name, (device, mine) in zip(titles, spoken, groups, strict=True)
    ]
    return sorted(made, key=_current_then_latest)


def device_names(devices: Sequence[Device]) -> list[str]:
    """What tells each device of a page from the others."""
    return _told_apart(
        [
            (str(one), f"{one}, {date_format(timezone.localtime(one.first_seen_at))}")
            for one in devices
        ]
    )


def icon_of(row: ClientColumns) -> str:
    """The picture of a client: the name of one in `_icon.html`."""
    return _ICONS.get(row.device_type, "program" if row.client_type == "library" else "computer")


def _icon(session: Session) -> str:
    if session.is_impersonation:
        return "person"
    if session.session_type in PROGRAMS:
        return "key"
    return icon_of(session)


def _label(session: Session) -> str:
    if session.session_type == SessionType.IMPERSONATION:
        return str(_("%(name)s, acting as you")) % {"name": session.impersonator_label}
    return str(session)


def _methods(session: Session) -> list[str]:
    """How it was proven, each way once, in the order it was done."""
    proofs: list[AuthenticationMethod] = getattr(session, "standing", [])
    names = [
        f"{proof.get_method_display()} ({proof.provider})"
        if proof.provider
        else str(proof.get_method_display())
        for proof in proofs
        if proof.method != "unknown"
    ]
    return list(dict.fromkeys(names))


def _told_apart(names: Sequence[tuple[str, str]]) -> list[str]:
    """The short name where no other is like it, else the long one, numbered if need be."""
    short = Counter(name for name, _long in names)
    seen: Counter[str] = Counter()
    apart = []
    for name, longer in names:
        one = name if short[name] == 1 else longer
        seen[one] += 1
        apart.append(one if seen[one] == 1 else f"{one} ({seen[one]})")
    return apart


def _ordered(rows: list[SessionRow]) -> list[SessionRow]:
    return sorted(rows, key=lambda row: (not row.is_current, -row.session.last_used_at.timestamp()))


def _current_then_latest(group: DeviceGroup) -> tuple[bool, float]:
    return not group.is_current, -max(row.session.last_used_at.timestamp() for row in group.rows)
