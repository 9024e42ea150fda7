"""Everybody's sessions: read, extended, ended."""

from __future__ import annotations

from typing import Any, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.api.formats import Identifier, Moment, time_or_null
from sessions_hub.api.representation import related
from sessions_hub.api.serializers import SessionSerializer
from sessions_hub.lifecycle import Extension, current_session
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.minting import lifetime_within
from sessions_hub.lifecycle.staff import end_matching, end_one, extend_one, look
from sessions_hub.lifecycle.state import state_of
from sessions_hub.models import Session, SessionQuerySet

from .base import STAFF, StaffViewSet, by_id
from .errors import NoSuchRow, NotExtended
from .narrowing import wanted_sessions
from .requests import EndRequest, ExtendRequest, SessionFilters, checked


class FoundObject(TypedDict):
    """What a dry run has found; `capped` where it stopped counting."""

    count: int
    capped: bool
    sample: list[Identifier]


class EndedManyObject(TypedDict):
    """What ending by conditions came to; `more` where the limit left some."""

    ended: int
    more: bool
    sample: list[Identifier]


class LimitsObject(TypedDict):
    """Until when a session lasts; null where there is none."""

    expires_at: Moment | None
    idle_expires_at: Moment | None


class ExtendedObject(LimitsObject):
    """A session that lasts longer. Its limits alone: reading the rest takes another permission."""

    id: Identifier


class StaffSessionViewSet(StaffViewSet):
    """`staff/sessions/`, without starting one: see `create.py`."""

    serializer_class = SessionSerializer
    required_scopes = {
        "list": STAFF,
        "retrieve": STAFF,
        "extend": STAFF,
        "destroy": STAFF,
        "end": STAFF,
    }
    required_permissions = {
        "list": "view_session",
        "retrieve": "view_session",
        "extend": "change_session",
        "destroy": "end_session",
        "end": "end_session",
    }

    def get_queryset(self) -> SessionQuerySet:
        # Where ends are written: a replica may still show an ended session as active.
        joined, prefetched = related()
        rows = Session.objects.using(database()).select_related(*joined)
        return rows.prefetch_related(*prefetched)

    def get_object(self) -> Session:
        session = by_id(self.get_queryset(), self.kwargs["pk"])
        if session is None:
            raise NoSuchRow
        return session

    def get_serializer_context(self) -> dict[str, Any]:
        current_id = state_of(self.request._request).current_id
        return {**super().get_serializer_context(), "current_id": current_id, "now": self.now}

    @property
    def bearer(self) -> Bearer | None:
        """The token that asks, if one does."""
        return self.request.auth if isinstance(self.request.auth, Bearer) else None

    def list(self, request: Request) -> Response:
        """Everybody's, newest first, in pages."""
        given = self.filters(SessionFilters)
        return self.page_of(*checked(lambda: wanted_sessions(given, self.now)))

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of anybody's."""
        return Response(self.get_serializer(self.get_object()).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """End one; 204 also when it had ended, whose end stays as it was."""
        end_one(self.get_object(), self.actor, now=self.now)
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str) -> Response:
        """Let one last longer, as far as its limits allow; 409 says why it does not."""
        session = self.get_object()
        wanted = ExtendRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        # A token makes nothing last longer than itself, nor what it has started.
        lifetime = lifetime_within(wanted.values["lifetime"], self.bearer, self.now)
        done = extend_one(session, self.actor, lifetime=lifetime, now=self.now)
        if not done.is_extended:
            raise NotExtended(done, {**_limits(done)})
        answer: ExtendedObject = {"id": str(done.session_id), **_limits(done)}
        return Response(answer)

    @action(detail=False, methods=["post"])
    def end(self, request: Request) -> Response:
        """End all that meet the conditions, but for the one this request is in."""
        asked = EndRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.values
        only_looks, limit = wanted.pop("dry_run"), wanted.pop("limit")
        here = current_session(request)
        own_id = None if here is None else here.pk
        if only_looks:
            found = checked(lambda: look(wanted, except_for=own_id, now=self.now))
            looked: FoundObject = {
                "count": found.count,
                "capped": found.is_capped,
                "sample": [str(one) for one in found.sample],
            }
            return Response(looked)
        ended = checked(
            lambda: end_matching(wanted, self.actor, except_for=own_id, limit=limit, now=self.now)
        )
        answer: EndedManyObject = {
            "ended": ended.count,
            "more": ended.has_more,
            "sample": [str(one) for one in ended.sample],
        }
        return Response(answer)


def _limits(extension: Extension) -> LimitsObject:
    return {
        "expires_at": time_or_null(extension.expires_at),
        "idle_expires_at": time_or_null(extension.idle_expires_at),
    }
