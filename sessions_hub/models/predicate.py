"""Which sessions are meant: what people say of them, as one condition on their rows. Pure.

Each condition is a name and a value. What is unknown of a session is no answer: it
neither lies below a version nor in a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from sessions_hub.capture.address import network_range
from sessions_hub.understanding.versions import os_version_key, version_key

from .authentication_method import AuthenticationMethod
from .choices import AssuranceLevel, Method, SessionType
from .device import SessionDevice
from .exact import exactly

_WINDOWS = "WIN"


class WrongCondition(ValueError):
    """A condition that says nothing; `name` is which."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


def condition_of(wanted: Mapping[str, Any]) -> Q:
    """The rows that meet all conditions. Raises WrongCondition; also when there is none."""
    if not wanted:
        raise WrongCondition("", _("Give at least one condition."))
    together = Q()
    for name, value in wanted.items():
        if name not in CONDITIONS:
            raise WrongCondition(name, _("There is no such condition."))
        try:
            together &= CONDITIONS[name](value, wanted)
        except (ValueError, TypeError) as error:
            raise WrongCondition(name, str(error)) from None
    return together


def in_network(network: str) -> Q:
    """The rows of this address, or of this network in CIDR notation. Raises ValueError."""
    low, high = network_range(network)
    return Q(ip_key=low) if low == high else Q(ip_key__gte=low, ip_key__lte=high)


def proven_by(method: str) -> Q:
    """The sessions with a proof by this method that has not been taken back."""
    proofs = AuthenticationMethod.objects.filter(
        session=OuterRef("pk"), method=Method(method), revoked_at__isnull=True
    )
    return Q(Exists(proofs))


def seen_on(device: UUID) -> Q:
    """The sessions that were used on this device."""
    # Looked up first: a device has few sessions, and has an index.
    return Q(pk__in=SessionDevice.objects.filter(device=device).values("session"))


def user_key(key: Any) -> Any:
    """A user's key as its column has it, wherever it was read. Raises ValueError."""
    column: Any = get_user_model()._meta.pk
    # The key of a child model is the key of its parent.
    column = getattr(column, "target_field", column)
    try:
        if "\x00" in str(key):
            raise ValueError
        # With its validators: a number no column holds is an error of the database.
        return column.clean(key, None)
    except (ValidationError, ValueError, TypeError):
        raise ValueError(_("This cannot be the id of a user.")) from None


def named_user(key: Any) -> Any:
    """`user_key()` of a condition. Raises WrongCondition."""
    try:
        return user_key(key)
    except ValueError as error:
        raise WrongCondition("user", str(error)) from None


def in_country(code: str) -> Q:
    """The sessions of this country, by its code of two letters in any case."""
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise ValueError(_("Give a country code of two letters, such as DE."))
    return Q(country_code=code.upper())


def of_operator(name: str) -> Q:
    """The sessions of this network operator: "AS3320", whatever its name is, or the whole text."""
    if name[:2].upper() == "AS" and name[2:].isascii() and name[2:].isdigit():
        number = name.upper()
        return Q(autonomous_system=number) | Q(autonomous_system__startswith=f"{number} ")
    return Q(autonomous_system=name)


def os_below(version: str, code: str) -> Q:
    """The sessions on the system `code` in a version lower than this."""
    return _below("os", os_version_key("Windows" if code == _WINDOWS else "", version), code)


def client_below(version: str, code: str) -> Q:
    """The sessions in the client `code` in a version lower than this."""
    return _below("client", version_key(version), code)


def _below(what: str, key: str, code: str) -> Q:
    if not code:
        raise ValueError(_("Say of what, too, with %(name)s.") % {"name": f"{what}_code"})
    if not key:
        raise ValueError(_("Give a version with a number, such as 18.1."))
    # Without the unknown ones, whose key is empty and would come first.
    column = f"{what}_version_key"
    return Q(**{f"{column}__lt": key, f"{column}__gt": "", f"{what}_code": code})


Condition = Callable[[Any, Mapping[str, Any]], Q]

CONDITIONS: Mapping[str, Condition] = {
    "user": lambda key, _all: Q(user=user_key(key)),
    "network": lambda network, _all: in_network(network),
    "country_code": lambda code, _all: in_country(code),
    "autonomous_system": lambda name, _all: of_operator(name),
    "os_code": lambda code, _all: Q(os_code=code),
    "os_version_below": lambda version, both: os_below(version, both.get("os_code", "")),
    "client_type": lambda kind, _all: Q(client_type=kind),
    "client_code": lambda code, _all: Q(client_code=code),
    "client_version_below": lambda version, both: client_below(
        version, both.get("client_code", "")
    ),
    "method": lambda method, _all: proven_by(method),
    "assurance_level": lambda level, _all: Q(assurance_level=AssuranceLevel(level)),
    "assurance_level_below": lambda level, _all: Q(assurance_level__lt=AssuranceLevel(level)),
    "tenant_id": lambda tenant, _all: exactly("tenant_id", tenant),
    "issued_after": lambda moment, _all: Q(issued_at__gte=_aware(moment)),
    "issued_before": lambda moment, _all: Q(issued_at__lt=_aware(moment)),
    "last_used_after": lambda moment, _all: Q(last_used_at__gte=_aware(moment)),
    "last_used_before": lambda moment, _all: Q(last_used_at__lt=_aware(moment)),
    "device": lambda device, _all: seen_on(device),
    "session_type": lambda kind, _all: Q(session_type=SessionType(kind)),
}


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(_("Give a time with its zone."))
    return moment
