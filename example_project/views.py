"""Signing in with a password, then with a code where the user has an app for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import django_otp
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.generic import FormView

from .forms import CodeForm

if TYPE_CHECKING:
    CodeFormView = FormView[CodeForm]
else:
    # Generic for type checkers alone.
    CodeFormView = FormView


def owes_code(request: HttpRequest) -> bool:
    """Whether the visitor has an authenticator app and has not given its code yet."""
    user: Any = request.user
    return not user.is_verified() and django_otp.user_has_device(user)


class SignInView(LoginView):
    """The first page: user name and password."""

    template_name = "example_project/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        if not django_otp.user_has_device(form.get_user()):
            return response
        query = urlencode({self.redirect_field_name: self.get_success_url()})
        return HttpResponseRedirect(f"{reverse('second-factor')}?{query}")


class SecondFactorView(LoginRequiredMixin, RedirectURLMixin, CodeFormView):
    """The second page: the code of the authenticator app."""

    template_name = "example_project/second_factor.html"
    form_class = CodeForm
    next_page = "home"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not owes_code(request):
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: CodeForm) -> HttpResponse:
        # Notes the device in the session, where sessions_hub finds it.
        django_otp.login(self.request, form.device)
        return HttpResponseRedirect(self.get_success_url())


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What the hub knows of the session this very page is read in."""
    if owes_code(request):
        return redirect("second-factor")
    return render(request, "example_project/home.html")
