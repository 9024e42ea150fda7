"""The measured site with what the policies need: a page behind the mails' link, and hooks."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import include, path

from tests.benchmarks import views


def tenant(request: HttpRequest, user: AbstractBaseUser) -> tuple[str, str]:
    """A resolver that asks nobody: what the hub adds to it is measured."""
    return request.get_host().partition(".")[0], ""


def session_type(request: HttpRequest, user: AbstractBaseUser, methods: list[str]) -> None:
    """A site that leaves the type to the hub."""


urlpatterns = [*views.urlpatterns, path("account/", include("sessions_hub.account.urls"))]
