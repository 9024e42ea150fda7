"""What all views of a user's own sessions share: whose they are, and which one is current."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.functional import cached_property

from sessions_hub.lifecycle import current_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.lifecycle.own_actions import proof_needed
from sessions_hub.lifecycle.state import state_of
from sessions_hub.models import Session, SessionQuerySet

from .base import HubViewSet
from .errors import NoSuchSession, NotWhileImpersonating, ReauthenticationRequired
from .representation import related
from .serializers import SessionSerializer


class OwnSessionsViewSet(HubViewSet):
    """One's own sessions. Nobody else's exist here."""

    serializer_class = SessionSerializer
    # Anything up to the next slash: a malformed id gets the answer of an unknown one.
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> SessionQuerySet:
        # Read where ends are written: a replica may still show an ended session as active.
        if self.action == "destroy":
            return Session.objects.using(database()).for_user(self.user).select_related("user")
        return self.loaded().for_user(self.user)

    def loaded(self) -> SessionQuerySet:
        """Sessions, with all that is shown of them."""
        joined, prefetched = related()
        rows = Session.objects.using(database())
        return rows.select_related(*joined).prefetch_related(*prefetched)

    def get_object(self) -> Session:
        if (pk := _uuid(self.kwargs["pk"])) is None:
            raise NoSuchSession
        return self._mine(pk)

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        return {**context, "current_id": self.current_id, "now": self.now}

    @property
    def user(self) -> AbstractBaseUser:
        """Who asks; the permission has seen that it is a user of this site."""
        return cast("AbstractBaseUser", self.request.user)

    @cached_property
    def now(self) -> datetime:
        """One instant for the whole answer."""
        return timezone.now()

    @cached_property
    def current_id(self) -> UUID | None:
        """The id of this request's session; usually known without a query."""
        if (known := state_of(self.request._request).current_id) is not None:
            return known
        session = current_session(self.request)
        return None if session is None else session.pk

    def refuse_impersonation(self) -> None:
        """Raise where somebody acts as the user: an end in their name would be untrue."""
        if is_impersonation(self.request):
            raise NotWhileImpersonating

    def ask_for_proof(self, action: str) -> None:
        """Refuse an action of the user's own that needs a fresh proof, where there is none."""
        if (lacking := proof_needed(self.request, action)) is not None:
            raise ReauthenticationRequired(lacking)

    def _mine(self, pk: UUID) -> Session:
        try:
            return self.get_queryset().get(pk=pk)
        except Session.DoesNotExist:
            raise NoSuchSession from None


def _uuid(text: str) -> UUID | None:
    """The id that is written so; other spellings of a UUID name nothing."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None
