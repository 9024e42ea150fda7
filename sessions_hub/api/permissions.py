"""Who may ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.lifecycle import Requirement, shortfall
from sessions_hub.lifecycle.requirement import Lack, Shortfall

from .errors import InsufficientAuthentication, problem_response


class IsSiteUser(IsAuthenticated):
    """Signed in, as a user of AUTH_USER_MODEL: others have no sessions here."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        # By class, not by key: another model's user may share a key with somebody.
        return super().has_permission(request, view) and isinstance(request.user, get_user_model())


class MayIntrospect(IsSiteUser):
    """Who may ask about anybody's token: staff who may see all sessions."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        user: Any = request.user
        return bool(getattr(user, "is_staff", False) and user.has_perm("sessions_hub.view_session"))


def assurance_required(
    level: str = "aal1", *, max_age: timedelta | None = None
) -> type[BasePermission]:
    """A permission for sessions of this assurance level, for any view of the site's own.

        permission_classes = [assurance_required("aal2", max_age=timedelta(minutes=15))]

    A visitor who is not signed in gets the view's usual answer, others the challenge of
    RFC 9470 as problem details. A request authenticated by a token has proven nothing
    by the cookie it may carry as well. Put it last: it raises, so that `|` behind it is
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
