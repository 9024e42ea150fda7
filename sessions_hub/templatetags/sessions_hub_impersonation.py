"""`{% load sessions_hub_impersonation %}{% impersonation_banner %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, reverse

from sessions_hub.lifecycle import current_session
from sessions_hub.lifecycle.impersonation_rules import is_impersonation

register = template.Library()


@register.inclusion_tag("sessions_hub/impersonation/banner.html", takes_context=True)
def impersonation_banner(context: Context, next: str = "") -> dict[str, Any]:
    """Who acts as whom, until when, and a button to stop; nothing on other requests.

    `next` is where the button leads, by default LOGIN_REDIRECT_URL. Needs `request` in
    the context. No query but for an impersonation; the page varies by cookie.
    """
    request: HttpRequest | None = context.get("request")
    session = getattr(request, "session", None)
    if request is None or session is None:
        return {}
    # Whether there is a banner depends on the visitor: a cache must not mix them up.
    session.accessed = True
    if not is_impersonation(request) or (current := current_session(request)) is None:
        return {}
    person = current.impersonator
    return {
        "target_name": current.user.get_username() if current.user is not None else "",
        "actor_name": person.get_username() if person is not None else current.impersonator_label,
        "reason": current.impersonation_reason,
        "expires_at": current.expires_at,
        "stop_url": _stop_url(),
        "next": next,
        "csrf_token": context.get("csrf_token"),
    }


def _stop_url() -> str:
    try:
        return reverse("sessions_hub:impersonate-stop")
    except NoReverseMatch:
        # The site has pages of its own, and writes its own button into the template.
        return ""
