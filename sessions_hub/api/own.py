"""What all views of a user's own rows share: whose they are, and which session is current."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property

from sessions_hub.lifecycle import current_session
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.lifecycle.own_actions import proof_needed
from sessions_hub.lifecycle.state import state_of
from sessions_hub.lifecycle.whole import fetch_whole
from sessions_hub.models import Session, SessionQuerySet

from .base import HubViewSet
from .errors import NoSuchSession, NotWhileImpersonating, ReauthenticationRequired
from .filters import selection_in
from .forward_auth import asked_by_proxy
from .ids import id_in
from .pagination import SessionPagination
from .people import UserObjects
from .representation import related
from .selection import WHOLE, Selection
from .serializers import SessionSerializer

Row = TypeVar("Row", bound=Model)

# Actions whose answer can be narrowed.
_SELECTIVE = frozenset({"list", "current"})
# Actions that show nothing of the session they are about.
_ROW_ALONE = frozenset({"destroy", "devices", "authentication_methods"})


class OwnViewSet(HubViewSet):
    """One's own rows. Nobody else's exist here."""

    # Anything up to the next slash: a malformed id gets the answer of an unknown one.
    lookup_value_regex = "[^/]+"

    @property
    def user(self) -> AbstractBaseUser:
        """Who asks; the permission has seen that it is a user of this site."""
        return cast("AbstractBaseUser", self.request.user)

    @property
    def bearer(self) -> Bearer | None:
        """The token that asks; None for a browser."""
        return self.request.auth if isinstance(self.request.auth, Bearer) else None

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

    def page_of(self, rows: QuerySet[Row], order: str) -> list[Row]:
        """The page that is asked for of rows in this order, by id."""
        paginator = cast("SessionPagination", self.paginator)
        paginator.ordering = order
        page: list[Row] = self.paginate_queryset(rows) or []
        return page

    def refuse_impersonation(self) -> None:
        """Raise where somebody acts as the user: an end in their name would be untrue."""
        if is_impersonation(self.request):
            raise NotWhileImpersonating

    def ask_for_proof(self, action: str) -> None:
        """Refuse an action of the user's own that needs a fresh proof, where there is none."""
        if (lacking := proof_needed(self.request, action)) is not None:
            raise ReauthenticationRequired(lacking)


class OwnSessionsViewSet(OwnViewSet):
    """One's own sessions."""

    serializer_class = SessionSerializer

    def get_queryset(self) -> SessionQuerySet:
        """Mine, with all that is shown of them."""
        # Read where ends are written: a replica may still show an ended session as active.
        joined, prefetched = related(self.selection)
        rows = Session.objects.using(database()).for_user(self.user)
        return rows.select_related(*joined).prefetch_related(*prefetched)

    @cached_property
    def asked(self) -> QueryDict:
        """The query parameters; of the session one is in, those a proxy means."""
        if self.action == "current":
            return asked_by_proxy(self.request)
        return self.request.query_params

    @cached_property
    def selection(self) -> Selection:
        """The keys that are answered: those asked for, of lists and of the session one is in."""
        if self.action in _SELECTIVE:
            return selection_in(self.asked)
        return WHOLE

    def get_object(self) -> Session:
        if (pk := id_in(self.kwargs["pk"])) is None:
            raise NoSuchSession
        return self.mine(pk)

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        return {
            **context,
            "current_id": self.current_id,
            "now": self.now,
            "selection": self.selection,
            "user_object": UserObjects(),
        }

    def shown(self, pk: UUID) -> dict[str, Any]:
        """One of mine as it is read now, with all that belongs to it."""
        return dict(self.get_serializer(self.mine(pk)).data)

    def mine(self, pk: UUID) -> Session:
        """The session with this id as it is now; NoSuchSession unless it is one's own.

        With all that is shown of it, in one statement.
        """
        return self.whole(pk, self.user.pk)

    def whole(self, pk: UUID, user_id: Any) -> Session:
        """The session with this id and user, with all that is shown of it."""
        alias = database()
        session: Session | None
        if self.action in _ROW_ALONE:
            rows = Session.objects.using(alias).select_related("user")
            session = rows.filter(pk=pk, user=user_id).first()
        else:
            session = fetch_whole(pk, user_id, alias, with_places=self.selection.has_places)
        if session is None:
            raise NoSuchSession
        return session
