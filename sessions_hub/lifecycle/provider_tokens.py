"""Reading back the tokens that providers gave: the one call that does, and who may."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import Error as DatabaseFault
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from sessions_hub import events
from sessions_hub.conf import conf
from sessions_hub.credentials.encryption import DecryptionFailed, decrypt, place_of
from sessions_hub.credentials.keys import Key, key_ring
from sessions_hub.models import AuthenticationMethod, Session, SessionType

from .current import current_session
from .exceptions import SessionsHubError, Unavailable
from .guard import database
from .impersonation_rules import is_impersonation
from .incomplete import NOT_TO_RELY_ON
from .provider_record import TOKEN_COLUMNS
from .requirement import Requirement, Shortfall, shortfall
from .sighting import snapshot_of
from .state import plain_request

# Code → what people read.
TOKEN_DENIALS: dict[str, str | Promise] = {
    "disabled": _("This site does not hand out the tokens of providers."),
    "not_signed_in": _("Sign in first."),
    "impersonation": _("This cannot be done while acting as another user."),
    "owner": _("These are the tokens of somebody else's session."),
    "ended": _("This session has ended."),
    "stale": _("Prove again that it is you: your last proof is too long ago."),
}


class ProviderTokensDenied(SessionsHubError, PermissionDenied):
    """Who asked may not read these tokens, or not now. Django answers 403.

    `code` is one of `TOKEN_DENIALS`; `shortfall` says what "stale" asks for (RFC 9470).
    """

    def __init__(self, code: str, lacking: Shortfall | None = None) -> None:
        self.code = code
        self.shortfall = lacking
        super().__init__(str(TOKEN_DENIALS[code]))


class ProviderTokenUnreadable(SessionsHubError):
    """A stored token cannot be decrypted. `code` says why: see DecryptionFailed.

    What is stored stays: a key that comes back makes it readable again, and what was
    tampered with is evidence. Until then each read ends here, with an event.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__("A stored token of a provider cannot be read.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTokens:
    """What one provider gave for the user of a session. `repr()` leaves the tokens out."""

    method_id: UUID
    provider: str
    uid: str
    issuer: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime | None


@sensitive_variables()
def provider_tokens(
    session: Session | UUID, *, by: AbstractBaseUser, request: HttpRequest
) -> list[ProviderTokens]:
    """The tokens that providers gave in a live session, those of the latest proof first.

    The only way to them, and open only where SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS is True:
    to the session's own user (`by`, who must be whom the request is signed in as), within
    SESSIONS_HUB_REAUTHENTICATE_MAX_AGE of a proof in the request's session, and to nobody
    who acts as another user. What cannot be judged is denied. Proofs without a token are
    left out. Every answer is one event in the log.

    Raises ProviderTokensDenied, ProviderTokenUnreadable, and Unavailable when the database
    does not tell. Send the answer with `Cache-Control: no-store`.
    """
    pk = session if isinstance(session, UUID) else session.pk
    plain = plain_request(request)
    try:
        code, lacking = _denial(pk, by, plain)
        if code is None:
            found = _read(pk, key_ring())
    except DatabaseFault as error:
        raise Unavailable("The tokens could not be read; try again.") from error
    except ProviderTokenUnreadable as error:
        _tell(events.PROVIDER_TOKENS_UNREADABLE, pk, by, plain, reason=error.code)
        raise
    if code is not None:
        _tell(events.PROVIDER_TOKENS_DENIED, pk, by, plain, reason=code)
        raise ProviderTokensDenied(code, lacking)
    providers = [tokens.provider for tokens in found]
    _tell(events.PROVIDER_TOKENS_READ, pk, by, plain, providers=providers)
    return found


aprovider_tokens = sync_to_async(provider_tokens)


def _denial(pk: UUID, by: Any, request: HttpRequest | None) -> tuple[str | None, Shortfall | None]:
    """Why not, as a code; None for go ahead."""
    if conf.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS is not True:
        return "disabled", None
    own = None if request is None else current_session(request)
    if own is None or own.session_type in NOT_TO_RELY_ON:
        return "not_signed_in", None
    if own.session_type == SessionType.IMPERSONATION or is_impersonation(request):
        return "impersonation", None
    wanted = Session.objects.using(database()).select_related("user").filter(pk=pk).first()
    if wanted is None or not by.pk == own.user_id == wanted.user_id:
        return "owner", None
    if wanted.session_type == SessionType.IMPERSONATION:
        return "impersonation", None
    if not wanted.is_active(timezone.now()):
        return "ended", None
    wish = Requirement("aal1", conf.SESSIONS_HUB_REAUTHENTICATE_MAX_AGE)
    if (lacking := shortfall(request, wish)) is not None:
        return "stale", lacking
    return None, None


@sensitive_variables()
def _read(pk: UUID, ring: tuple[Key, ...]) -> list[ProviderTokens]:
    rows = AuthenticationMethod.objects.using(database()).filter(session_id=pk)
    rows = rows.exclude(provider_access_token="", provider_refresh_token="")
    return [
        ProviderTokens(
            method_id=row.pk,
            provider=row.provider,
            uid=row.provider_uid,
            issuer=row.issuer,
            expires_at=row.provider_access_token_expires_at,
            **{name: _opened(row, column, ring) for column, name in TOKEN_COLUMNS.items()},
        )
        for row in rows.order_by("-completed_at", "-pk")
    ]


@sensitive_variables()
def _opened(row: AuthenticationMethod, column: str, ring: tuple[Key, ...]) -> str:
    # Never in a local of its own: it may be plain text.
    if not getattr(row, column):
        return ""
    try:
        return decrypt(getattr(row, column), place_of(AuthenticationMethod, row.pk, column), ring)
    except DecryptionFailed as error:
        raise ProviderTokenUnreadable(error.code) from error


def _tell(event: events.Event, pk: UUID, by: Any, request: HttpRequest | None, **more: Any) -> None:
    address, user_id = snapshot_of(request).address, getattr(by, "pk", None)
    events.emit(event, session_id=pk, user_id=user_id, address=address, **more)
