"""The page that asks a signed-in user to prove once more who they are."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from sessions_hub import events
from sessions_hub.lifecycle import Unavailable, attempts, current_session
from sessions_hub.lifecycle.ceremony import ask_for_key, prove_by_key
from sessions_hub.lifecycle.exceptions import ProofNotFull
from sessions_hub.lifecycle.prove import (
    ask_for_code,
    is_challenge_of,
    is_own,
    prove_again,
    prove_by_code,
    prove_by_password,
)
from sessions_hub.models import AssuranceLevel, Session
from sessions_hub.refusals import is_own_url
from sessions_hub.understanding.methods import MethodClaim

from .base import in_base
from .forms import NOT_FULL, ReauthenticateForm

_LEVELS = {f"aal{level.value}": level for level in AssuranceLevel if level}


@method_decorator(
    [
        sensitive_post_parameters("password", "code", "credential"),
        never_cache,
        csrf_protect,
        xframe_options_deny,
    ],
    name="dispatch",
)
class ReauthenticateView(View):
    """Proves the visitor's own session again and returns to `next`.

    The user is the session's: nobody else's password, code or key does anything here. A
    GET writes nothing. `?level=` says which fields the form insists on; what the
    page behind `next` asks for it checks itself.
    """

    http_method_names = ["get", "head", "post", "options"]
    template_name = "sessions_hub/account/reauthenticate.html"

    user: AbstractBaseUser
    session: Session

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        session = current_session(request)
        if session is None or not isinstance(request.user, get_user_model()):
            return self.cannot(_("This sign-in cannot be proven again. Sign in anew."))
        if not is_own(session):
            self.session, self.user = session, request.user
            self.tell(events.PROOF_DENIED, reason="impersonation")
            return self.cannot(_("You are signed in as somebody else and cannot prove to be them."))
        self.session, self.user = session, request.user
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.get_form(), 200)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.get_form(request.POST)
        if "send" in request.POST:
            return self.send(form)
        if "begin" in request.POST:
            return self.begin(form)
        if not form.can_reach or not form.is_valid():
            return self.show(form, 200)
        if not is_challenge_of(self.session, form.cleaned_data["challenge"]):
            return self.again(_("This form is out of date. Please try again."), 400)
        counted = self.counted(form)
        if not all(attempts.may_try(key) for key in counted):
            self.tell(events.PROOF_BLOCKED)
            return self.again(_("Too many wrong answers. Please try again in 15 minutes."), 429)
        try:
            claims = self.prove(form)
        except DatabaseFault as error:
            raise Unavailable("The proof could not be checked; try again.") from error
        if not claims:
            self.tell(events.PROOF_FAILED)
            return self.again(_("That is not right. Please try again."), 200)
        for key in counted:
            attempts.succeeded(key)
        try:
            session = prove_again(request, claims, now=timezone.now())
        except ProofNotFull:
            return self.again(NOT_FULL, 200)
        except DatabaseFault as error:
            raise Unavailable("The proof could not be recorded; try again.") from error
        if session is None:
            return self.cannot(_("This sign-in cannot be proven again. Sign in anew."))
        return HttpResponseRedirect(self.next_url or resolve_url(settings.LOGIN_REDIRECT_URL))

    def send(self, form: ReauthenticateForm) -> HttpResponse:
        """Have a code sent, and show the form to type it into."""
        if not is_challenge_of(self.session, self.request.POST.get("challenge", "")):
            return self.again(_("This form is out of date. Please try again."), 400)
        factor = form.sender(self.request.POST["send"])
        # Each code is a message to somebody: as many as answers may be wrong.
        if factor is None or not attempts.may_try(f"send:{self.user.pk}"):
            return self.again(_("No code can be sent now. Please try again later."), 429)
        if not ask_for_code(self.request, self.user, factor):
            return self.again(_("No code can be sent now. Please try again later."), 429)
        return self.again(_("A code is on its way to you."), 200, factor.key)

    def begin(self, form: ReauthenticateForm) -> HttpResponse:
        """What a script needs to ask for one of the user's keys, or 400 and nothing."""
        if not form.can_reach or not is_challenge_of(
            self.session, self.request.POST.get("challenge", "")
        ):
            return JsonResponse({}, status=400)
        try:
            options = ask_for_key(
                self.request,
                self.session,
                self.user,
                form.keys,
                verify_user=form.must_verify_user(
                    with_password="with_password" in self.request.POST
                ),
                now=timezone.now(),
            )
        except DatabaseFault as error:
            raise Unavailable("The keys could not be read; try again.") from error
        return JsonResponse(options or {}, status=400 if options is None else 200)

    def counted(self, form: ReauthenticateForm) -> list[str]:
        """What is attempted: a right password forgives no wrong codes."""
        given = form.cleaned_data
        has_factor = given.get("code") or given.get("credential")
        keys = [attempts.of_password(self.user.pk)] if given.get("password") else []
        return [*keys, attempts.of_factor(self.user.pk)] if has_factor else keys

    @sensitive_variables()
    def prove(self, form: ReauthenticateForm) -> list[MethodClaim]:
        """The proofs that were given; none where one of them was wrong."""
        claims: list[MethodClaim] = []
        if password := form.cleaned_data.get("password"):
            claim = prove_by_password(self.request, self.user, password)
            if claim is None:
                return []
            claims.append(claim)
        if code := form.cleaned_data.get("code"):
            factor = form.chosen_factor
            claim = prove_by_code(self.request, self.user, factor, code) if factor else None
            if claim is None:
                return []
            claims.append(claim)
        if credential := form.cleaned_data.get("credential"):
            claim = prove_by_key(
                self.request, self.session, self.user, credential, now=timezone.now()
            )
            if claim is None:
                return []
            claims.append(claim)
        return claims

    @property
    def next_url(self) -> str:
        """Where to go afterwards, if it is on this site."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        url = given.get(REDIRECT_FIELD_NAME)
        return url if url and is_own_url(self.request, url) else ""

    @property
    def level(self) -> AssuranceLevel:
        """The level that is wanted; aal1 where none is named."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return _LEVELS.get(given.get("level", ""), AssuranceLevel.AAL1)

    def get_form(self, data: Any = None, factor: str = "") -> ReauthenticateForm:
        """The form for this user, session and level."""
        initial = {
            REDIRECT_FIELD_NAME: self.next_url,
            "level": f"aal{self.level.value}",
            "factor": factor,
        }
        return ReauthenticateForm(
            data, user=self.user, session=self.session, level=self.level, initial=initial
        )

    def again(self, message: Any, status: int, factor: str = "") -> HttpResponse:
        """A new form, that says what became of the last."""
        return self.show(self.get_form(factor=factor), status, message)

    def show(self, form: ReauthenticateForm, status: int, message: Any = "") -> HttpResponse:
        """The page with the form, or with the reason why there is none."""
        if form.is_too_late:
            return self.cannot(
                _("It has been too long since you signed in. Sign out, and sign in anew.")
            )
        if not form.can_reach:
            return self.cannot(
                _("Your account has nothing to prove this with. Set up another factor first.")
            )
        context = {**in_base(), "form": form, "message": message}
        context["user_name"] = self.user.get_username()
        headers = {"Retry-After": "900"} if status == 429 else None
        return TemplateResponse(
            self.request, self.template_name, context, status=status, headers=headers
        )

    def cannot(self, reason: Any) -> HttpResponse:
        """The page without a form."""
        context = {**in_base(), "form": None, "message": reason}
        return TemplateResponse(self.request, self.template_name, context, status=403)

    def tell(self, event: events.Event, **more: Any) -> None:
        """Log what became of a proof, without what was typed."""
        events.emit(event, session_id=self.session.pk, user_id=self.user.pk, **more)
