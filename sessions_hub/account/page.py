"""What all pages of a user's own rows share: who sees them, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.db import Error as DatabaseFault
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_protect

from sessions_hub.lifecycle import ImpersonationDenied, Unavailable, current_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.lifecycle.incomplete import lacks_a_factor
from sessions_hub.lifecycle.own_actions import proof_needed
from sessions_hub.lifecycle.requirement import Shortfall
from sessions_hub.lifecycle.state import state_of
from sessions_hub.models import Device, Session, SessionQuerySet
from sessions_hub.refusals import reauthentication_url

from .base import in_base
from .notes import Note, note_in, noted

Row = TypeVar("Row", Session, Device)


class Refused(Exception):
    """This is not done, and the page says why."""

    def __init__(self, message: Any, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.status = status
        self.headers = headers


class ProofDue(Exception):
    """This is done after a fresh proof of who asks."""

    def __init__(self, lacking: Shortfall) -> None:
        super().__init__(lacking.acr)
        self.lacking = lacking


@method_decorator([never_cache, csrf_protect, xframe_options_deny], name="dispatch")
class AccountPage(View):
    """A page of a user's own rows. Nobody else's exist here.

    For browsers: visitors are sent to sign in, programs are refused. Where a proof is
    due, the way leads by the page that asks again and back to the address of this very
    view, so a view that changes something answers GET with a page that asks.
    """

    http_method_names = ["get", "head", "post", "options"]
    # Also for sessions whose second factor is missing.
    for_incomplete = False
    # Which entry of the menu is this page's.
    section = "sessions"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            # Users of another model have no rows here, whatever their key is.
            if not isinstance(request.user, get_user_model()):
                raise Refused(_("These pages are for the users of this site."), 403)
            if state_of(request).bearer is not None:
                raise Refused(_("These pages are for people, not for programs."), 403)
            if not self.for_incomplete:
                self.refuse_incomplete()
            return super().dispatch(request, *args, **kwargs)
        except ProofDue as due:
            url = reauthentication_url(due.lacking, request.path)
            return HttpResponseRedirect(url)
        except Refused as refusal:
            return self.show(
                "refused",
                {"message": refusal.message},
                status=refusal.status,
                headers=refusal.headers,
            )
        except DatabaseFault as error:
            raise Unavailable("The database did not do it; try again.") from error

    @property
    def user(self) -> AbstractBaseUser:
        """Whose pages they are."""
        return cast("AbstractBaseUser", self.request.user)

    @cached_property
    def now(self) -> datetime:
        """One instant for the whole page."""
        return timezone.now()

    @cached_property
    def current_id(self) -> UUID | None:
        """The id of this request's session; usually known without a query."""
        if (known := state_of(self.request).current_id) is not None:
            return known
        session = current_session(self.request)
        return None if session is None else session.pk

    @property
    def sessions(self) -> SessionQuerySet:
        """The user's sessions, read where ends are written: a replica may be late."""
        return Session.objects.using(database()).for_user(self.user)

    @property
    def devices(self) -> QuerySet[Device]:
        """The user's devices."""
        return Device.objects.using(database()).filter(user=self.user.pk)

    def own(self, rows: QuerySet[Row], pk: UUID) -> Row:
        """One of the user's rows; 404 alike where there is none and where it is another's."""
        row = rows.filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def refuse_impersonation(self) -> None:
        """Raise where somebody acts as the user: what is done in their name would be untrue."""
        if is_impersonation(self.request):
            raise ImpersonationDenied("forbidden")

    def refuse_incomplete(self) -> None:
        """Raise where a second factor is still missing: its password alone opens nothing here."""
        if lacks_a_factor(self.request):
            raise Refused(
                _("Your sign-in is not complete yet: give your second factor first."), 403
            )

    def ask_for_proof(self, action: str) -> None:
        """Raise where an action of the user's own needs a fresh proof."""
        if (lacking := proof_needed(self.request, action)) is not None:
            raise ProofDue(lacking)

    def leave(self, name: str, note: Note, count: int = 0, **kwargs: Any) -> HttpResponse:
        """Go on to another page of ours, which says what was done."""
        url = reverse(f"sessions_hub:{name}", kwargs=kwargs or None)
        return HttpResponseRedirect(noted(self.request, url, note, count))

    def show(
        self,
        name: str,
        context: Mapping[str, Any],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """The page of a template, in the site's own base."""
        whole = {
            **in_base(),
            "section": self.section,
            "now": self.now,
            "hub_note": note_in(self.request),
            "hub_messages": get_messages(self.request),
            "is_impersonation": is_impersonation(self.request),
            **context,
        }
        response = render(self.request, f"sessions_hub/account/{name}.html", whole, status=status)
        for header, value in (headers or {}).items():
            response[header] = value
        return response
