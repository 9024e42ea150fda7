"""Links to other pages of the same admin site, for those who may follow them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sessions_hub.models import Session

from .show import user_name

Linker = Callable[[Any], str]


def page_of(site: AdminSite, model: type[Model], name: str) -> str:
    """The name of a page of `model` in the site's URLs."""
    return f"{site.name}:{model._meta.app_label}_{model._meta.model_name}_{name}"


def linker(site: AdminSite, model: type[Model], request: HttpRequest) -> Linker:
    """A function from primary key to URL of the change page; empty where there is no way in."""
    if not site.is_registered(model):
        return lambda pk: ""
    if not site.get_model_admin(model).has_view_or_change_permission(request):
        return lambda pk: ""
    name = page_of(site, model, "change")
    return lambda pk: reverse(name, args=[quote(str(pk))], current_app=site.name)


def user_linker(site: AdminSite, request: HttpRequest) -> Linker:
    """The linker of the user model."""
    return linker(site, get_user_model(), request)


def user_link(user: AbstractBaseUser | None, url_of: Linker) -> SafeString | None:
    """The user's name, linked where there is a page; None without a user."""
    if user is None:
        return None
    url = url_of(user.pk)
    if not url:
        return format_html('<bdi class="hub-name">{}</bdi>', user_name(user))
    return format_html('<a href="{}"><bdi class="hub-name">{}</bdi></a>', url, user_name(user))


def sessions_of_user_url(site: AdminSite, user_id: Any, **more: str) -> str:
    """The list of one user's sessions."""
    query = urlencode({"user": user_id, **more})
    return f"{reverse(page_of(site, Session, 'changelist'), current_app=site.name)}?{query}"


def end_everything_url(site: AdminSite, request: HttpRequest, **of: Any) -> str:
    """The page that ends everything of a user or a device; empty for those who may not."""
    if not site.is_registered(Session):
        return ""
    of_sessions: Any = site.get_model_admin(Session)
    # A site's own admin of sessions need not have it.
    may_end = getattr(of_sessions, "has_end_permission", None)
    if may_end is None or not (of_sessions.has_view_permission(request) and may_end(request)):
        return ""
    page = reverse(page_of(site, Session, "end_matching"), current_app=site.name)
    return f"{page}?{urlencode(of)}"


def impersonate_url(user: AbstractBaseUser) -> str:
    """The page to begin acting as a user; empty where the site has not mounted it."""
    try:
        return reverse("sessions_hub:impersonate", args=[user.pk])
    except NoReverseMatch:
        return ""
