"""What all views for staff share: who may come in, what they may do, and a trace of who may not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_hub.api.base import HubViewSet
from sessions_hub.api.errors import NotWhileImpersonating, SignInIncomplete
from sessions_hub.api.permissions import HasScope, IsSiteUser
from sessions_hub.api.requests import StrictSerializer
from sessions_hub.credentials.scopes import Scope
from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.lifecycle.incomplete import NOT_TO_RELY_ON, type_of_request

from .pagination import Window, WindowPagination

Row = TypeVar("Row", bound=Model)

# What a token needs for whatever staff do; their permissions come on top.
STAFF = frozenset({Scope.STAFF})
# Read by the pages, and no filters.
_OF_PAGES = frozenset({"cursor", "page_size"})


class IsStaff(BasePermission):
    """A member of staff, in their own name: what they do says who wanted it.

    Not in a session whose second factor is missing, or that a link in a mail began.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not getattr(request.user, "is_staff", False):
            return False
        if is_impersonation(request):
            raise NotWhileImpersonating
        if type_of_request(request._request) in NOT_TO_RELY_ON:
            raise SignInIncomplete
        return True


class HasStaffPermission(BasePermission):
    """The Django permission that the view names for its action; none is named, none may."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        action = getattr(view, "action", None)
        if action in {None, "metadata"}:
            # A method that this route does not have, OPTIONS among them: 405 comes next.
            return True
        wanted = getattr(view, "required_permissions", {}).get(action)
        return wanted is not None and request.user.has_perm(f"sessions_hub.{wanted}")


class StaffViewSet(HubViewSet):
    """Everybody's rows, for members of staff with the permission and tokens with the scope."""

    permission_classes = (IsSiteUser, IsStaff, HasScope, HasStaffPermission)
    required_permissions: Mapping[str, str] = {}
    pagination_class = WindowPagination
    # Anything up to the next slash: a malformed id gets the answer of an unknown one.
    lookup_value_regex = "[^/]+"

    @cached_property
    def now(self) -> datetime:
        """One instant for the whole answer."""
        return timezone.now()

    @cached_property
    def actor(self) -> Actor:
        """Who acts, and from where."""
        return Actor.of(self.request._request)

    def filters(self, kind: type[StrictSerializer]) -> dict[str, Any]:
        """The filters in the address of a list. Raises ValidationError for unknown ones."""
        given = {
            name: values
            for name, values in self.request.query_params.lists()
            if name not in _OF_PAGES
        }
        if twice := [name for name, values in given.items() if len(values) > 1]:
            raise ValidationError({name: [_("Give it once.")] for name in twice})
        wanted = kind(data={name: values[0] for name, values in given.items()})
        wanted.is_valid(raise_exception=True)
        return wanted.values

    def page_of(self, wanted: QuerySet[Any], window: Window | None = None) -> Response:
        """The page that is asked for of the wanted rows, within the window."""
        cast("WindowPagination", self.paginator).window = window
        rows = self.get_queryset()
        page = self.paginate_queryset(rows if window else rows & wanted)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def by_id(rows: QuerySet[Row], text: str) -> Row | None:
    """The row with the id that is written so, if there is one."""
    try:
        return rows.filter(pk=UUID(text)).first()
    except ValueError:
        return None
