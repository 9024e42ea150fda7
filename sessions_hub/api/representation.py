"""A session as JSON: one typed object, built from rows that are already loaded.

Times are RFC 3339 in UTC with `Z`, ids are strings, unknown text is `""`, and an
unknown address, an absent time or an absent object is `null`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Prefetch

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import (
    AssuranceLevel,
    AuthenticationMethod,
    EndReason,
    Method,
    Session,
    SessionDevice,
    SessionType,
    Status,
)
from sessions_hub.understanding.amr import amr_of

from .formats import Identifier, Moment, level_text, time_or_null, time_text
from .people import (
    ActorObject,
    ImpersonatorObject,
    UserObject,
    actor_object,
    impersonator_object,
    user_object,
)
from .places import ClientObject, PlaceObject, client_object, place_object
from .selection import WHOLE, Selection

ShowUser = Callable[[AbstractBaseUser], "UserObject | dict[str, Any]"]

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


class MethodObject(TypedDict):
    """One completed proof."""

    id: Identifier
    method: Annotated[str, Method]
    assurance_level: Annotated[str, AssuranceLevel]
    completed_at: Moment
    provider: str
    provider_uid: str
    organization: str
    upstream_acr: str
    # As the provider has told it.
    upstream_amr: list[Any]


class PastMethodObject(MethodObject):
    """A proof in the history of its session, where it may have been taken back."""

    revoked_at: Moment | None


class SessionObject(ClientObject):
    """One session."""

    object: Literal["session"]
    id: Identifier
    active: bool
    current: bool
    status: Annotated[str, Status]
    session_type: Annotated[str, SessionType]
    name: str
    user_id: str | None
    user: UserObject | dict[str, Any] | None
    tenant_id: str
    workspace_id: str
    audience: str
    scopes: list[str]
    metadata: dict[str, Any]
    issued_at: Moment
    authenticated_at: Moment
    mfa_updated_at: Moment | None
    last_used_at: Moment
    updated_at: Moment
    expires_at: Moment
    idle_expires_at: Moment
    max_age_minutes: int
    ended_at: Moment | None
    end_reason: Annotated[str, EndReason] | Literal[""]
    ended_by: ActorObject | None
    assurance_level: Annotated[str, AssuranceLevel]
    auth_method: Annotated[str, Method] | Literal["impersonation"]
    factors: list[Annotated[str, Method]]
    amr: list[str]
    provider: str
    provider_uid: str
    provider_access_token_expires_at: Moment | None
    authentication_methods: list[MethodObject]
    devices: list[PlaceObject]
    impersonator: ImpersonatorObject | None


def represent(
    session: Session,
    *,
    current_id: UUID | None,
    now: datetime,
    show_user: ShowUser = user_object,
    selection: Selection = WHOLE,
) -> SessionObject:
    """The session as it is at `now`; `current_id` is the session of this request.

    Reads `user`, `impersonator`, `authentication_methods` and `session_devices.device`:
    load them with the rows, see `related()`. What a `selection` has not loaded is not
    read, and what rests on it says nothing: see `Selection.of()`.
    """
    methods = _proofs_of(session) if selection.has_methods else []
    places = _places_of(session) if selection.has_places else []
    # How the session came about stays true when that authenticator is removed later.
    first = methods[0] if methods else None
    standing = [proof for proof in methods if proof.revoked_at is None]
    user = show_user(session.user) if session.user and selection.has_user else None
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
        "user": user,
        "tenant_id": session.tenant_id,
        "workspace_id": session.workspace_id,
        "audience": session.audience,
        "scopes": session.scopes,
        "metadata": session.metadata,
        "issued_at": time_text(session.issued_at),
        "authenticated_at": time_text(session.authenticated_at),
        "mfa_updated_at": time_or_null(session.mfa_updated_at),
        "last_used_at": time_text(session.last_used_at),
        "updated_at": time_text(session.updated_at),
        "expires_at": time_text(session.expires_at),
        "idle_expires_at": time_text(session.idle_expires_at),
        "max_age_minutes": max(session.max_age, timedelta(0)) // timedelta(minutes=1),
        "ended_at": None if end is None else time_text(end.at),
        "end_reason": "" if end is None else end.reason.value,
        "ended_by": actor_object(session),
        "assurance_level": level_text(session.assurance_level),
        "auth_method": _auth_method(session, first),
        "factors": list(dict.fromkeys(proof.method for proof in standing)),
        "amr": amr_of(standing, multi_factor=session.assurance_level >= AssuranceLevel.AAL2),
        "provider": "" if first is None else first.provider or _PROVIDERS.get(first.method, ""),
        "provider_uid": "" if first is None else _provider_uid(first, session.user),
        "provider_access_token_expires_at": (
            None if first is None else time_or_null(first.provider_access_token_expires_at)
        ),
        "authentication_methods": [method_object(proof) for proof in standing],
        **client_object(session, places[0] if places else None),
        "devices": [place_object(place) for place in places],
        "impersonator": impersonator_object(session),
    }


def _proofs_of(session: Session) -> list[AuthenticationMethod]:
    return sorted(session.authentication_methods.all(), key=_by_completion)


def _places_of(session: Session) -> list[SessionDevice]:
    return sorted(session.session_devices.all(), key=_by_first_sight)


def _by_completion(proof: AuthenticationMethod) -> tuple[datetime, UUID]:
    return proof.completed_at, proof.pk


def _by_first_sight(place: SessionDevice) -> tuple[datetime, UUID]:
    return place.first_seen_at, place.pk


def method_object(proof: AuthenticationMethod) -> MethodObject:
    """A proof, without the provider's tokens."""
    return {
        "id": str(proof.pk),
        "method": proof.method,
        "assurance_level": level_text(proof.assurance_level),
        "completed_at": time_text(proof.completed_at),
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


def related(selection: Selection = WHOLE) -> tuple[Sequence[str], Sequence[Any]]:
    """What `represent()` reads beside the row: to join, and to prefetch.

    From where the rows are read: routers are asked for each prefetch anew, and a replica
    may not have the proofs of a session yet.
    """
    prefetched: list[Any] = []
    if selection.has_methods:
        proofs = AuthenticationMethod.objects.using(database())
        prefetched.append(Prefetch("authentication_methods", queryset=proofs))
    if selection.has_places:
        places = SessionDevice.objects.using(database()).select_related("device")
        prefetched.append(Prefetch("session_devices", queryset=places))
    return ("user", "impersonator"), prefetched
