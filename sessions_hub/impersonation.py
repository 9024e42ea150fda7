"""What one who acts as another user must not do: a decorator for views, and its page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .lifecycle.impersonation_rules import DENIALS, is_impersonation
from .lifecycle.refused import tell_denied

__all__ = ["changes_credentials", "forbid_impersonation", "is_impersonation", "refuse", "turn_away"]

# The admin's pages that set a password, by the names of their methods.
_ADMIN_PAGES = {"password_change", "user_change_password"}


def forbid_impersonation(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer 403 with a page that says why while somebody acts as another user.

    For views, sync and async, that only the user themselves may use: credentials,
    second factors, API keys, deleting the account.

        @forbid_impersonation
        def delete_account(request): ...

        path("email/", forbid_impersonation(EmailView.as_view())),
    """
    if iscoroutinefunction(view):

        @wraps(view)
        async def aguarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refusal = await sync_to_async(turn_away)(request)
            return refusal or await view(request, *args, **kwargs)

        return aguarded

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return turn_away(request) or view(request, *args, **kwargs)

    return guarded


def turn_away(request: HttpRequest) -> HttpResponse | None:
    """`refuse()`, told to the log. Saving a credential tells it by itself."""
    response = refuse(request)
    if response is not None:
        tell_denied(request, "", "impersonation")
    return response


def refuse(request: HttpRequest) -> HttpResponse | None:
    """The page that refuses an impersonator; None for everybody else."""
    if not is_impersonation(request):
        return None
    response = render(
        request,
        "sessions_hub/impersonation/forbidden.html",
        {"message": DENIALS["forbidden"]},
        status=403,
    )
    response["Cache-Control"] = "no-store"
    return response


def changes_credentials(view: Any) -> bool:
    """Whether a view is one of Django's that change a password, the admin's among them."""
    if getattr(view, "__name__", "") in _ADMIN_PAGES and hasattr(view, "__wrapped__"):
        return True
    view_class = getattr(view, "view_class", None)
    if not isinstance(view_class, type):
        return False
    # Importing it needs the apps, which a middleware's module cannot wait for.
    from django.contrib.auth.views import PasswordChangeView

    return issubclass(view_class, PasswordChangeView)
