"""Who may act as whom. Asked at the start, and again on every request of an impersonation."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute

from . import suspended
from .exceptions import SessionsHubError
from .state import plain_request, state_of

__all__ = ["DENIALS", "PERMISSION", "may_impersonate"]

PERMISSION = "sessions_hub.impersonate_user"

logger = logging.getLogger(__name__)

# Code → what people read.
DENIALS: dict[str, str | Promise] = {
    "method": _("An impersonation starts and stops by POST only."),
    "not_signed_in": _("Sign in first: an impersonation needs a session of your own."),
    "nested": _("You are acting as somebody else already. Stop that first."),
    "permission": _("You do not have the permission to act as another user."),
    "target": _("There is no such user."),
    "self": _("You cannot act as yourself."),
    "inactive": _("This user is disabled."),
    "staff": _("Only a superuser may act as a member of staff or as a superuser."),
    "policy": _("The rules of this site do not let you act as this user."),
    "reason": _("Say why, in 1 to 255 characters."),
    "stale": _("Prove again that it is you: your last proof is too long ago."),
    "backend": _("This user could not sign in here: no authentication backend knows them."),
    "not_impersonating": _("You are not acting as somebody else."),
    "forbidden": _("This cannot be done while acting as another user."),
}


class ImpersonationDenied(SessionsHubError, PermissionDenied):
    """An impersonation may not start or stop, or may not do this. Django answers 403.

    `code` is one of `DENIALS`. Nothing has changed.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(str(DENIALS[code]))


def refusal(actor: Any, target: Any) -> str | None:
    """Why `actor` may not act as `target`, as a code; None when they may.

    What the permission is for comes first: who lacks it learns nothing of the target.
    """
    if not may_impersonate_at_all(actor):
        return "permission"
    if not isinstance(target, get_user_model()) or target.pk is None:
        return "target"
    if target.pk == actor.pk:
        return "self"
    if not getattr(target, "is_active", True):
        return "inactive"
    is_staff = getattr(target, "is_staff", False) or getattr(target, "is_superuser", False)
    if is_staff and not getattr(actor, "is_superuser", False):
        return "staff"
    return None


def may_impersonate_at_all(actor: Any) -> bool:
    """Whether the actor is an active user with the permission."""
    if not isinstance(actor, get_user_model()) or not getattr(actor, "is_active", True):
        return False
    has_perm = getattr(actor, "has_perm", None)
    return has_perm is not None and bool(has_perm(PERMISSION))


def policy_allows(request: HttpRequest, actor: Any, target: Any) -> bool:
    """The answer of SESSIONS_HUB_IMPERSONATION_POLICY; False when it raises."""
    path = conf.SESSIONS_HUB_IMPERSONATION_POLICY
    if path is None:
        return True
    try:
        return bool(import_string(path)(request, actor, target))
    # Closed: whatever the site's function does wrong, nobody acts as anybody.
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger,
            logging.ERROR,
            "policy",
            "SESSIONS_HUB_IMPERSONATION_POLICY failed; no impersonation starts.",
            exc_info=True,
        )
        return False


def may_impersonate(request: Any, target: Any) -> bool:
    """Whether to offer the request's user to act as `target`: all rules but reason and proof."""
    plain = plain_request(request)
    if plain is None or is_impersonation(plain):
        return False
    actor = getattr(request, "user", None)
    return refusal(actor, target) is None and policy_allows(plain, actor, target)


def is_impersonation(request: Any) -> bool:
    """Whether somebody acts as another user in this request. Costs no query."""
    plain = plain_request(request)
    if plain is not None and state_of(plain).bearer is not None:
        # A secret is nobody's who acts as another user: none is handed to them.
        return False
    return suspended.read(getattr(plain, "session", None)) is not None
