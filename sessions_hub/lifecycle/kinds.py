"""What kind of sign-in it was: the session type, and what a recovery link proves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.module_loading import import_string

from sessions_hub.conf import conf
from sessions_hub.models import Method, Session, SessionType
from sessions_hub.understanding.methods import MethodClaim

from . import proofs
from .link import Link

# By name: a site that does not use it need not load its forms.
_RESET_VIEW = ("django.contrib.auth.views", "PasswordResetConfirmView")
_RECOVERY = frozenset({Method.LINK_RECOVERY, Method.CODE_RECOVERY})
# Sent to the user for one sign-in.
_ONE_TIME = frozenset({Method.MAGIC_LINK, Method.CODE, Method.SMS})
# What a sign-in is by its proofs alone; any other type somebody has asked for.
_BY_PROOFS = frozenset(
    {SessionType.REGULAR_LOGIN, SessionType.ACCOUNT_RECOVERY, SessionType.ONE_TIME_ACCESS}
)


def claims_of_sign_in(request: HttpRequest, session: SessionBase, tie: Link) -> list[MethodClaim]:
    """The proofs of a sign-in that has just happened in this request."""
    claims = proofs.claims_at_sign_in(session, tie)
    if _is_reset(request) and not _RECOVERY.intersection(_methods(claims)):
        # Django signs in with a backend's name, but it was the link that proved the user.
        # Only what a package has noted has a key.
        return [MethodClaim(method=Method.LINK_RECOVERY), *(c for c in claims if c.key)]
    return claims


def type_of_sign_in(request: HttpRequest, user: Any, claims: Sequence[MethodClaim]) -> SessionType:
    """The type of a sign-in: what SESSIONS_HUB_SESSION_TYPE says, or what its proofs say.

    Raises ValueError when the function names no type, and whatever it raises.
    """
    if (path := conf.SESSIONS_HUB_SESSION_TYPE) is not None:
        name_type: Callable[[HttpRequest, Any, list[str]], str | None] = import_string(path)
        if (named := name_type(request, user, _methods(claims))) is not None:
            return SessionType(named)
    return type_of_proofs(_methods(claims))


def type_of_proofs(methods: Iterable[str]) -> SessionType:
    """The type of a sign-in with these methods and no others."""
    used = set(methods)
    if used & _RECOVERY:
        return SessionType.ACCOUNT_RECOVERY
    return SessionType.ONE_TIME_ACCESS if used and used <= _ONE_TIME else SessionType.REGULAR_LOGIN


def type_after(
    kind: str, before: Iterable[str], claims: Iterable[MethodClaim], *, is_sign_in: bool = False
) -> str:
    """The type of a session of type `kind` once `claims` are proven beside `before`.

    A temporary session has been waiting for a proof it did not have: with that it is
    a regular one, and the same password once more is not it. One-time access is not
    one any more when more has been proven than the one-time code. A recovery stays
    one until its user signs in without it.
    """
    known, new = set(before), set(_methods(claims)) - {Method.UNKNOWN, Method.ANONYMOUS}
    match kind:
        case SessionType.TEMPORARY if new - known:
            return SessionType.REGULAR_LOGIN
        case SessionType.ONE_TIME_ACCESS if new:
            together = type_of_proofs(known | new)
        case SessionType.ACCOUNT_RECOVERY | SessionType.CREDENTIAL_RECOVERY if is_sign_in and new:
            together = type_of_proofs(new)
        case _:
            return kind
    return together if together is SessionType.REGULAR_LOGIN else kind


def type_after_correction(
    request: HttpRequest, user: Any, claims: Sequence[MethodClaim], session: Session | None
) -> SessionType | None:
    """The type of a sign-in whose proofs were `claims` after all; None for the one it has.

    Proofs correct what was read from proofs, and not what somebody has asked for.
    """
    if session is None or session.session_type not in _BY_PROOFS:
        return None
    return type_of_sign_in(request, user, claims)


def _is_reset(request: HttpRequest) -> bool:
    func = getattr(getattr(request, "resolver_match", None), "func", None)
    ancestors = getattr(getattr(func, "view_class", None), "__mro__", ())
    return any((one.__module__, one.__qualname__) == _RESET_VIEW for one in ancestors)


def _methods(claims: Iterable[MethodClaim]) -> list[str]:
    return [claim.method for claim in claims]
