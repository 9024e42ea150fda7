"""Whoever acts as another user leaves credentials alone: passwords and second factors.

Where rows are saved and deleted, so that it holds for views of any package. What goes
round the models' signals (`QuerySet.update()`, `bulk_create()`) is found out on the next
request, as far as it is a password.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from .impersonation_rules import ImpersonationDenied
from .state import served_state

logger = logging.getLogger(__name__)


def keep_password(user: AbstractBaseUser, update_fields: Any) -> None:
    """Raise ImpersonationDenied when an existing user's new password is about to be saved.

    As with Django's own `password_changed()`, that is one from `set_password()`; a better
    hash of the same password, stored in passing, is none.
    """
    if user._state.adding or getattr(user, "_password", None) is None:
        return
    if update_fields is None or "password" in update_fields:
        keep_credentials()


def keep_credentials() -> None:
    """Raise ImpersonationDenied when the request being served is an impersonation's."""
    state = served_state()
    if state is None or state.suspended is None:
        return
    logger.warning(
        "impersonation_denied_credentials session=%s",
        state.session_id,
        extra={"session": str(state.session_id)},
    )
    raise ImpersonationDenied("forbidden")
