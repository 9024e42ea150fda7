"""What the filters of staff's lists leave, and the window where one of them has no index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from sessions_hub.api.filters import with_status
from sessions_hub.capture.address import network_range
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import AuthenticationMethod, Method, Session, SessionQuerySet, Status
from sessions_hub.models.predicate import condition_of, in_network, named_user
from sessions_hub.models.walks import of_status, proven

from .pagination import Window

# Through so many rows a page looks; fewer where each costs a look at its user or its proofs.
LOOKED_THROUGH = 50_000
LOOKED_THROUGH_DEARLY = 5_000
_DEAR = frozenset({"status", "method"})


def wanted_sessions(
    given: Mapping[str, Any], now: datetime
) -> tuple[SessionQuerySet, Window | None]:
    """The sessions that meet all filters at `now`. Raises WrongCondition."""
    every = Session.objects.using(database())
    conditions = {name: _condition(name, given[name]) for name in given if name != "status"}
    indexed = [name for name in conditions if _is_indexed(name, given[name])]
    others = given.keys() - set(indexed)
    dear = _DEAR & others
    wanted = every.filter(*conditions.values())
    if (status := given.get("status")) is not None:
        if indexed:
            # Few of many, and far apart: the index of those not ended saves reading the rest.
            wanted, dear = with_status(now, wanted, status), dear - {"status"}
        else:
            wanted = wanted.filter(of_status(Status(status), now))
    if not others:
        return wanted, None
    return wanted, Window(
        every.filter(*(conditions[name] for name in indexed)),
        wanted,
        LOOKED_THROUGH_DEARLY if dear else LOOKED_THROUGH,
        # Beside another index, that of the addresses is no use.
        every.filter(conditions["network"]) if "network" in others and not indexed else None,
    )


def wanted_proofs(
    given: Mapping[str, Any],
) -> tuple[QuerySet[AuthenticationMethod], Window | None]:
    """The proofs that meet all filters. Raises WrongCondition."""
    every = AuthenticationMethod.objects.using(database())
    named = dict(given)
    user = named.pop("user", None)
    # What is left is named like its column.
    wanted = every.filter(**named)
    if user is not None:
        wanted = wanted.filter(session__user=named_user(user))
    if named.keys() != {"method"} or user is not None:
        return wanted, None
    return wanted, Window(every.all(), wanted, LOOKED_THROUGH)


def _condition(name: str, value: Any) -> Q:
    match name:
        case "method":
            return proven(Method(value))
        case "ip":
            return in_network(value)
    return condition_of({name: value})


def _is_indexed(name: str, value: Any) -> bool:
    """Whether an index has the rows by id: of a user, at one address."""
    if name != "network":
        return name in {"user", "ip"}
    low, high = network_range(value)
    return low == high
