"""Who may ask."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.lifecycle import Requirement, shortfall
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.lifecycle.incomplete import NOT_TO_RELY_ON, lacks_a_factor, type_of_request
from sessions_hub.lifecycle.refused import tell_denied
from sessions_hub.lifecycle.requirement import Lack, Shortfall
from sessions_hub.lifecycle.state import state_of

from .errors import (
    InsufficientAuthentication,
    NotWhileImpersonating,
    SignInIncomplete,
    problem_response,
)

__all__ = ["HasScope", "assurance_required", "scope_required"]


class IsSiteUser(IsAuthenticated):
    """Signed in, as a user of AUTH_USER_MODEL: others have no sessions here."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        # By class, not by key: another model's user may share a key with somebody.
        return super().has_permission(request, view) and isinstance(request.user, get_user_model())


class SignInIsComplete(BasePermission):
    """Not in a session whose second factor is missing, but in the view's actions
    `for_incomplete`: they say what it is, complete it or end it.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if getattr(view, "action", None) in getattr(view, "for_incomplete", ()):
            return True
        if lacks_a_factor(request._request):
            raise SignInIncomplete
        return True


class InsufficientScope(PermissionDenied):
    """The token is valid and may not do this (RFC 6750 §3.1)."""

    default_detail = _("This token may not do this.")
    default_code = "insufficient_scope"

    def __init__(self, scopes: Iterable[str], *, is_told: bool = False) -> None:
        super().__init__()
        self.is_told = is_told
        wanted = " ".join(sorted(scopes))
        self.auth_header = f'Bearer error="insufficient_scope", scope="{wanted}"'
        self.members = {"scope": wanted}


class HasScope(BasePermission):
    """A token has all scopes that the view names; web sessions need none.

    The view's `required_scopes` are a set of them, or a mapping of the view's actions
    to such sets. A token is kept from whatever names none: an empty set lets any in.
    Tokens of other packages are not looked at. See `scope_required()` for one's own views.
    """

    scopes: Collection[str] | None = None

    def has_permission(self, request: Request, view: APIView) -> bool:
        bearer = _bearer_of(request)
        if bearer is None:
            return True
        wanted = self.scopes
        if wanted is None:
            wanted = getattr(view, "required_scopes", None)
        if isinstance(wanted, Mapping):
            wanted = wanted.get(getattr(view, "action", None) or "")
        if wanted is None:
            return False
        if set(wanted) <= bearer.scopes:
            return True
        # Here: a site's own view may answer by a handler of its own.
        tell_denied(request._request, getattr(view, "action", None) or "", "insufficient_scope")
        raise InsufficientScope(wanted, is_told=True)


def _bearer_of(request: Request) -> Bearer | None:
    """The hub's token that a request is authenticated by.

    SessionTokenMiddleware signs its user in before the view: to SessionAuthentication that
    is a user like any other, with nothing in `request.auth`.
    """
    if isinstance(request.auth, Bearer):
        return request.auth
    if request.auth is not None:
        return None
    bearer = state_of(request._request).bearer
    return bearer if bearer is not None and bearer.user == request.user else None


def scope_required(*scopes: str) -> type[HasScope]:
    """A permission for tokens with these scopes, and for everybody who has no token.

    permission_classes = [IsAuthenticated, scope_required("orders:read")]
    """
    return type("ScopeRequired", (HasScope,), {"scopes": frozenset(scopes)})


class MayIntrospect(IsSiteUser):
    """Who may ask about anybody's token: staff who may see all sessions, and services with a
    token of theirs that has the scope `introspect`.

    Of the user as they are now: the scope outlasts what they were when it was handed out.
    Staff ask in their own name, as for whatever staff do.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        user: Any = request.user
        if not (getattr(user, "is_staff", False) and user.has_perm("sessions_hub.view_session")):
            return False
        if is_impersonation(request):
            raise NotWhileImpersonating
        if type_of_request(request._request) in NOT_TO_RELY_ON:
            raise SignInIncomplete
        return True


def assurance_required(
    level: str = "aal1", *, max_age: timedelta | None = None
) -> type[BasePermission]:
    """A permission for sessions of this assurance level, for any view of the site's own.

        permission_classes = [assurance_required("aal2", max_age=timedelta(minutes=15))]

    A visitor who is not signed in gets the view's usual answer, others the challenge of
    RFC 9470 as problem details. A token of the hub's has proven what its session has; a
    request authenticated by another token has proven nothing by the cookie it may carry
    as well. Put it last: it raises, so that `|` behind it is
    not reached. Raises ValueError for a level there is not.
    """
    requirement = Requirement(level, max_age)

    class AssuranceRequired(BasePermission):
        def has_permission(self, request: Request, view: APIView) -> bool:
            lacking = _shortfall(request, requirement)
            if lacking is None:
                return True
            if lacking.lack is Lack.SIGN_IN:
                return False
            _answer_with_problem(view)
            raise InsufficientAuthentication(lacking)

    return AssuranceRequired


def _shortfall(request: Request, requirement: Requirement) -> Shortfall | None:
    lacking = shortfall(request, requirement)
    if isinstance(request.auth, Bearer):
        return lacking
    if lacking is None and request.auth is not None and request.auth is not request.user:
        return Shortfall(Lack.LEVEL, requirement.lowest, requirement.max_age)
    return lacking


def _answer_with_problem(view: APIView) -> None:
    """Let this view's challenge be problem details, whatever handles its other errors."""
    usual: Callable[..., Response | None] = view.get_exception_handler()

    def handler(exc: Exception, context: dict[str, Any]) -> Response | None:
        if isinstance(exc, InsufficientAuthentication):
            return problem_response(exc, context)
        return usual(exc, context)

    view.get_exception_handler = lambda: handler  # type: ignore[method-assign]
