"""Users, by their id, and acting as them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.api.representation import related
from sessions_hub.api.serializers import SessionSerializer
from sessions_hub.lifecycle import ImpersonationDenied, start_impersonation
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.staff import record_impersonation
from sessions_hub.models import Session
from sessions_hub.models.predicate import user_key

from .base import StaffViewSet
from .errors import ImpersonationRefused, NoSuchRow
from .requests import ImpersonationRequest


class StaffUserViewSet(StaffViewSet):
    """`POST staff/users/{id}/impersonate/`."""

    # Names no scope: it takes the browser whose session changes sides.
    required_permissions = {"impersonate": "impersonate_user"}

    @action(detail=True, methods=["post"])
    def impersonate(self, request: Request, pk: str) -> Response:
        """Act as this user in this browser; 201 with the session that began."""
        wanted = ImpersonationRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        user, actor = find_user(pk), self.actor
        if user is None:
            raise NoSuchRow
        try:
            session = start_impersonation(
                request,
                user,
                wanted.values["reason"],
                record=lambda started: record_impersonation(actor, started),
            )
        except ImpersonationDenied as denial:
            raise ImpersonationRefused(denial) from denial
        joined, prefetched = related()
        rows = Session.objects.using(database()).select_related(*joined)
        context = {"current_id": session.pk, "now": self.now}
        shown = rows.prefetch_related(*prefetched).get(pk=session.pk)
        return Response(SessionSerializer(shown, context=context).data, status=201)


def find_user(key: Any) -> AbstractBaseUser | None:
    """The user with this id, written as text; None where there is none, or can be none."""
    try:
        return get_user_model()._default_manager.filter(pk=user_key(key)).first()
    except ValueError:
        return None
