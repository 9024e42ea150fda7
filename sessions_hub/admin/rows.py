"""What a page of sessions needs from elsewhere, fetched once for all its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.admin import AdminSite
from django.db.models import Min
from django.http import HttpRequest

from sessions_hub.models import AuthenticationMethod, Method, Session

from .links import Linker, user_linker


@dataclass(frozen=True, slots=True)
class Extras:
    """Beside a session row: the names of its proofs, links, and whether it is the reader's own."""

    methods: Sequence[str] = ()
    user_url: Linker = field(default=lambda pk: "")
    is_current: bool = False


def attach(site: AdminSite, request: HttpRequest, sessions: Sequence[Session]) -> None:
    """Put its Extras beside each session."""
    methods = methods_of([session.pk for session in sessions])
    url_of = user_linker(site, request)
    current = current_id(request)
    for session in sessions:
        vars(session)["_extras"] = Extras(
            methods=methods.get(session.pk, ()),
            user_url=url_of,
            is_current=session.pk == current,
        )


def extras(session: Session) -> Extras:
    """What `attach()` put there."""
    return vars(session).get("_extras") or Extras()


def methods_of(sessions: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The names of the standing methods of each session, in the order of their first completion.

    Grouped in the database: a session may have been proven hundreds of times.
    """
    names: dict[UUID, list[str]] = {}
    rows = (
        AuthenticationMethod.objects.filter(session__in=list(sessions), revoked_at__isnull=True)
        .order_by()
        .values_list("session_id", "method")
        .annotate(first=Min("completed_at"))
        .order_by("first", "method")
    )
    for session_id, method, _first in rows:
        label = Method(method).label if method in Method.values else method
        names.setdefault(session_id, []).append(str(label))
    return names


def current_id(request: HttpRequest) -> UUID | None:
    """The id of the session the reader is in."""
    return getattr(getattr(request, "hub_session", None), "pk", None)
