"""API keys: made, seen and revoked by their user."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from sessions_hub.conf import conf
from sessions_hub.credentials.scopes import Scope
from sessions_hub.lifecycle import start_token_session
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.limits import limits_of
from sessions_hub.lifecycle.minting import (
    HandsNothingOut,
    claims_within,
    grantable,
    parent_of,
)
from sessions_hub.lifecycle.own_actions import CREATE_API_KEY
from sessions_hub.lifecycle.policy import PROGRAMS
from sessions_hub.lifecycle.rates import CREATE, wait_for
from sessions_hub.models import AssuranceLevel, Session, SessionToken, SessionType

from .page import AccountPage, Refused
from .paging import page_of
from .rows import session_rows

_LIFETIMES = tuple(timedelta(days=days) for days in (7, 30, 90, 365))
_USUAL = timedelta(days=30)
_MEANINGS: dict[str, str | Promise] = {
    Scope.SESSIONS_READ: _("See where you are signed in"),
    Scope.SESSIONS_WRITE: _("End your sessions, and make further keys"),
    Scope.DEVICES_READ: _("See your devices"),
    Scope.DEVICES_WRITE: _("Name, trust and forget your devices"),
    Scope.STAFF: _("Do what you may do as a member of staff"),
    Scope.INTROSPECT: _("Ask whose a token is"),
}


class KeyForm(forms.Form):
    """What a new key is called, what it may do, and how long it is good for."""

    name = forms.CharField(
        label=_("Name"),
        max_length=Session._meta.get_field("name").max_length,
        help_text=_("What it is for, so that you know it again."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    lifetime = forms.TypedChoiceField(label=_("Good for"), coerce=int)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without any it can only say whose it is."),
    )

    def __init__(self, *args: Any, user: AbstractBaseUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A label stands above its field, and needs no colon.
        self.label_suffix = ""
        longest = limits_of(SessionType.API_KEY, AssuranceLevel.AAL0, lambda: user).overall
        lifetimes = lifetimes_within(longest)
        fields: Any = self.fields
        fields["scopes"].choices = _scopes(grantable(user, None))
        fields["lifetime"].choices = [
            (int(one.total_seconds()), lifetime_text(one)) for one in lifetimes
        ]
        usual = max((one for one in lifetimes if one <= _USUAL), default=lifetimes[0])
        fields["lifetime"].initial = int(usual.total_seconds())


def lifetimes_within(longest: timedelta) -> list[timedelta]:
    """The lifetimes to choose from: no longer than a key lasts at all, and that one too."""
    within = [one for one in _LIFETIMES if one < longest]
    return within if len(within) == len(_LIFETIMES) else [*within, longest]


def lifetime_text(lifetime: timedelta) -> str:
    """A lifetime in whole days, hours or minutes, in the words Django has translated."""
    if days := lifetime // timedelta(days=1):
        return ngettext("%(num)d day", "%(num)d days", days) % {"num": days}
    if hours := lifetime // timedelta(hours=1):
        return ngettext("%(num)d hour", "%(num)d hours", hours) % {"num": hours}
    minutes = max(1, lifetime // timedelta(minutes=1))
    return ngettext("%(num)d minute", "%(num)d minutes", minutes) % {"num": minutes}


def _scopes(scopes: Iterable[str]) -> list[tuple[str, str | Promise]]:
    """The hub's own first, in the order of their list; the site's own by name."""
    order = [scope.value for scope in Scope]
    known = sorted(scopes, key=lambda one: (order.index(one) if one in order else 99, one))
    return [(one, _MEANINGS.get(one, one)) for one in known]


class KeyPage(AccountPage):
    """A page about the user's programs."""

    section = "api-keys"


class KeysView(KeyPage):
    """The API keys that are good, and other programs with a secret; newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        programs = self.sessions.active(self.now).filter(session_type__in=PROGRAMS)
        good = SessionToken.objects.using(database()).filter(replaced_at__isnull=True)
        with_hints = programs.select_related("user").prefetch_related(
            Prefetch("tokens", queryset=good, to_attr="good_secrets")
        )
        found, page = page_of(with_hints, request)
        rows = session_rows(found, current_id=self.current_id, now=self.now)
        may_make = conf.SESSIONS_HUB_ACCOUNT_API_KEYS
        return self.show("api_keys", {"rows": rows, "page": page, "may_make": may_make})


class NewKeyView(KeyPage):
    """Makes a key, and shows its secret in the answer: nowhere else, and never again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        self._refuse()
        self._parent()
        # Before anything is typed that a redirect would lose.
        self.ask_for_proof(CREATE_API_KEY)
        return self.show("api_key_new", {"form": KeyForm(user=self.user)})

    @sensitive_variables()
    def post(self, request: HttpRequest) -> HttpResponse:
        self._refuse()
        parent = self._parent()
        self.ask_for_proof(CREATE_API_KEY)
        form = KeyForm(request.POST, user=self.user)
        if not form.is_valid():
            return self.show("api_key_new", {"form": form}, status=422)
        longer = wait_for(CREATE, f"user:{self.user.pk}")
        if longer is not None:
            seconds = str(int(longer.total_seconds()))
            message = _("You have made many keys in a short time. Please try again later.")
            raise Refused(message, 429, {"Retry-After": seconds})
        issued = start_token_session(
            self.user,
            claims_within(parent),
            request=request,
            session_type=SessionType.API_KEY,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            lifetime=timedelta(seconds=form.cleaned_data["lifetime"]),
            now=self.now,
        )
        return self.show("api_key_made", {"issued": issued}, status=201)

    def _refuse(self) -> None:
        self.refuse_impersonation()
        if not conf.SESSIONS_HUB_ACCOUNT_API_KEYS:
            raise Refused(_("API keys are not made here."), 403)

    def _parent(self) -> Session:
        try:
            return parent_of(self.request, None, self.now)
        except HandsNothingOut as refusal:
            if refusal.code == "sign_in_incomplete":
                message = _("A key is not made by a link in a mail alone. Sign in first.")
                raise Refused(message, 403) from refusal
            message = _("It is not known which session this is. Sign in again.")
            raise Refused(message, 409) from refusal
