"""A session as JSON: one typed object, built from rows that are already loaded.

Times are RFC 3339 in UTC with `Z`, ids are strings, unknown text is `""`, and an
unknown address, an absent time or an absent object is `null`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypedDict
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Prefetch

from sessions_hub.models import (
    AssuranceLevel,
    AuthenticationMethod,
    Method,
    Session,
    SessionDevice,
    SessionType,
)
from sessions_hub.understanding.amr import amr_of
from sessions_hub.understanding.countries import country_name

# What stands for the provider where the method is none of a third party.
_PROVIDERS: dict[str, str] = {
    Method.PASSWORD: "email",
    Method.ANONYMOUS: "anonymous",
    Method.MAGIC_LINK: "magic-url",
    Method.SMS: "phone",
    Method.CODE: "token",
    Method.TOKEN: "token",
    Method.SERVER: "server",
}


class ClientObject(TypedDict):
    """From what and from where; part of a session and of each place of use."""

    ip: str | None
    user_agent: str
    os_code: str
    os_name: str
    os_version: str
    client_type: str
    client_code: str
    client_name: str
    client_version: str
    client_engine: str
    client_engine_version: str
    device_id: str | None
    device_name: str
    device_type: str
    device_brand: str
    device_model: str
    country_code: str
    country_name: str
    location: str


class PlaceObject(ClientObject):
    """One place a session was used from."""

    id: str
    first_seen_at: str
    last_seen_at: str


class UserObject(TypedDict):
    """Whose session it is."""

    id: str
    username: str
    display: str


class ActorObject(TypedDict):
    """Who ended a session; `id` is null once that user is deleted."""

    id: str | None
    username: str


class ImpersonatorObject(TypedDict):
    """Who used the session in the user's name, and why."""

    email: str
    reason: str


class MethodObject(TypedDict):
    """One completed proof."""

    id: str
    method: str
    assurance_level: str
    completed_at: str
    provider: str
    provider_uid: str
    organization: str
    upstream_acr: str
    upstream_amr: list[str]


class SessionObject(ClientObject):
    """One session."""

    object: Literal["session"]
    id: str
    active: bool
    current: bool
    status: str
    session_type: str
    name: str
    user_id: str | None
    user: UserObject | None
    tenant_id: str
    workspace_id: str
    audience: str
    scopes: list[str]
    metadata: dict[str, Any]
    issued_at: str
    authenticated_at: str
    mfa_updated_at: str | None
    last_used_at: str
    updated_at: str
    expires_at: str
    idle_expires_at: str
    max_age_minutes: int
    ended_at: str | None
    end_reason: str
    ended_by: ActorObject | None
    assurance_level: str
    auth_method: str
    factors: list[str]
    amr: list[str]
    provider: str
    provider_uid: str
    provider_access_token_expires_at: str | None
    authentication_methods: list[MethodObject]
    devices: list[PlaceObject]
    impersonator: ImpersonatorObject | None


def represent(session: Session, *, current_id: UUID | None, now: datetime) -> SessionObject:
    """The session as it is at `now`; `current_id` is the session of this request.

    Reads `user`, `impersonator`, `authentication_methods` and
    `session_devices.device`: load them with the rows, see `related()`.
    """
    methods = sorted(session.authentication_methods.all(), key=_by_completion)
    places = sorted(session.session_devices.all(), key=_by_first_sight)
    # How the session came about stays true when that authenticator is removed later.
    first = methods[0] if methods else None
    standing = [proof for proof in methods if proof.revoked_at is None]
    end = session.how_ended(now)
    return {
        "object": "session",
        "id": str(session.pk),
        "active": session.is_active(now),
        "current": session.pk == current_id,
        "status": session.status(now).value,
        "session_type": session.session_type,
        "name": session.name,
        "user_id": None if session.user_id is None else str(session.user_id),
        "user": None if session.user is None else _user(session.user),
        "tenant_id": session.tenant_id,
        "workspace_id": session.workspace_id,
        "audience": session.audience,
        "scopes": session.scopes,
        "metadata": session.metadata,
        "issued_at": _time(session.issued_at),
        "authenticated_at": _time(session.authenticated_at),
        "mfa_updated_at": _time_or_null(session.mfa_updated_at),
        "last_used_at": _time(session.last_used_at),
        "updated_at": _time(session.updated_at),
        "expires_at": _time(session.expires_at),
        "idle_expires_at": _time(session.idle_expires_at),
        "max_age_minutes": max(session.max_age, timedelta(0)) // timedelta(minutes=1),
        "ended_at": None if end is None else _time(end.at),
        "end_reason": "" if end is None else end.reason.value,
        "ended_by": _actor(session),
        "assurance_level": _level(session.assurance_level),
        "auth_method": _auth_method(session, first),
        "factors": list(dict.fromkeys(proof.method for proof in standing)),
        "amr": amr_of(standing, multi_factor=session.assurance_level >= AssuranceLevel.AAL2),
        "provider": "" if first is None else first.provider or _PROVIDERS.get(first.method, ""),
        "provider_uid": "" if first is None else _provider_uid(first, session.user),
        "provider_access_token_expires_at": (
            None if first is None else _time_or_null(first.provider_access_token_expires_at)
        ),
        "authentication_methods": [_method(proof) for proof in standing],
        **_client(session, places[0] if places else None),
        "devices": [_place(place) for place in places],
        "impersonator": _impersonator(session),
    }


def _by_completion(proof: AuthenticationMethod) -> tuple[datetime, UUID]:
    return proof.completed_at, proof.pk


def _by_first_sight(place: SessionDevice) -> tuple[datetime, UUID]:
    return place.first_seen_at, place.pk


def _client(row: Session | SessionDevice, place: SessionDevice | None) -> ClientObject:
    device = None if place is None else place.device
    return {
        "ip": row.ip,
        "user_agent": row.user_agent,
        "os_code": row.os_code,
        "os_name": row.os_name,
        "os_version": row.os_version,
        "client_type": row.client_type,
        "client_code": row.client_code,
        "client_name": row.client_name,
        "client_version": row.client_version,
        "client_engine": row.client_engine,
        "client_engine_version": row.client_engine_version,
        "device_id": None if device is None else str(device.pk),
        "device_name": "" if device is None else device.name,
        "device_type": row.device_type,
        "device_brand": row.device_brand,
        "device_model": row.device_model,
        "country_code": row.country_code,
        "country_name": country_name(row.country_code),
        "location": row.location,
    }


def _place(place: SessionDevice) -> PlaceObject:
    return {
        "id": str(place.pk),
        **_client(place, place),
        "first_seen_at": _time(place.first_seen_at),
        "last_seen_at": _time(place.last_seen_at),
    }


def _method(proof: AuthenticationMethod) -> MethodObject:
    return {
        "id": str(proof.pk),
        "method": proof.method,
        "assurance_level": _level(proof.assurance_level),
        "completed_at": _time(proof.completed_at),
        "provider": proof.provider,
        "provider_uid": proof.provider_uid,
        "organization": proof.organization,
        "upstream_acr": proof.upstream_acr,
        "upstream_amr": proof.upstream_amr,
    }


def _auth_method(session: Session, first: AuthenticationMethod | None) -> str:
    if session.session_type == SessionType.IMPERSONATION:
        return "impersonation"
    return Method.UNKNOWN.value if first is None else first.method


def _provider_uid(first: AuthenticationMethod, user: AbstractBaseUser | None) -> str:
    if first.provider_uid or first.method != Method.PASSWORD or user is None:
        return first.provider_uid
    return user.get_username()


def _user(user: AbstractBaseUser) -> UserObject:
    name = user.get_full_name().strip() if hasattr(user, "get_full_name") else ""
    username = user.get_username()
    return {"id": str(user.pk), "username": username, "display": name or username}


def _actor(session: Session) -> ActorObject | None:
    if session.ended_by_id is None and not session.ended_by_label:
        return None
    actor = None if session.ended_by_id is None else str(session.ended_by_id)
    return {"id": actor, "username": session.ended_by_label}


def _impersonator(session: Session) -> ImpersonatorObject | None:
    person = session.impersonator
    if person is None and not session.impersonator_label:
        return None
    email = "" if person is None else getattr(person, person.get_email_field_name(), "")
    return {
        "email": email or session.impersonator_label,
        "reason": session.impersonation_reason,
    }


def _level(level: int) -> str:
    return f"aal{level}"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _time_or_null(moment: datetime | None) -> str | None:
    return None if moment is None else _time(moment)


def related() -> tuple[Sequence[str], Sequence[Any]]:
    """What `represent()` reads beside the row: to join, and to prefetch."""
    places = SessionDevice.objects.select_related("device")
    return ("user", "impersonator"), (
        "authentication_methods",
        Prefetch("session_devices", queryset=places),
    )
