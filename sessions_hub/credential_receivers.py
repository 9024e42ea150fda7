"""Receivers of what happens to users, their passwords and their authenticators."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import Error as DatabaseFault
from django.utils import timezone

from .conf import conf
from .lifecycle import FactorNotRevoked, revoke_factor
from .lifecycle.credentials import end_stale
from .lifecycle.erase import anonymize_user, delete_of_user
from .lifecycle.impersonated import end_of_impersonator
from .lifecycle.impersonation_lock import keep_credentials, keep_factor, keep_password
from .lifecycle.state import served_state
from .logs import log_once_a_minute

logger = logging.getLogger(__name__)


def on_user_saving(
    sender: Any, instance: AbstractBaseUser, using: str, update_fields: Any = None, **kwargs: Any
) -> None:
    """Keep a password from being changed by whoever acts as another user."""
    keep_password(instance, update_fields, using)


def on_user_saved(
    sender: Any,
    instance: AbstractBaseUser,
    created: bool = False,
    update_fields: Any = None,
    **kwargs: Any,
) -> None:
    """End the sessions of a user whose password has just been changed, but this request's."""
    # Set by set_password() until save() is through; a better hash of the same password,
    # which Django stores in passing, is none.
    if created or getattr(instance, "_password", None) is None:
        return
    if update_fields is not None and "password" not in update_fields:
        return
    try:
        state = served_state()
        end_stale(
            instance,
            by=_actor(state.row.user_id, instance) if state and state.row else None,
            now=timezone.now(),
            keep=state.session_id if state else None,
        )
    except Exception:  # noqa: BLE001
        # The password is changed: they are refused all the same, and the next prune says why.
        log_once_a_minute(
            logger,
            logging.WARNING,
            "password",
            "The sessions of a changed password were not ended yet.",
            exc_info=True,
        )


def _actor(user_id: Any, user: AbstractBaseUser) -> Any:
    if user_id == user.pk:
        return user
    return get_user_model()._base_manager.filter(pk=user_id).first()


def on_user_delete(sender: Any, instance: AbstractBaseUser, using: str, **kwargs: Any) -> None:
    """Delete or anonymize the rows of a user who is being deleted."""
    end_of_impersonator(instance.pk, timezone.now(), using)
    if conf.SESSIONS_HUB_ON_USER_DELETE == "anonymize":
        anonymize_user(instance.pk, timezone.now(), using)
    else:
        delete_of_user(instance.pk, using)


def on_factor_saving(
    sender: Any, instance: Any, secret_of: Callable[[Any], object], using: str, **kwargs: Any
) -> None:
    """Keep an authenticator from being added or changed by whoever acts as another user."""
    keep_factor(instance, secret_of, using)


def on_codes_saving(sender: Any, **kwargs: Any) -> None:
    """Keep backup codes from being added by whoever acts as another user."""
    keep_credentials()


def on_factor_deleting(sender: Any, **kwargs: Any) -> None:
    """Keep an authenticator from being removed by whoever acts as another user."""
    keep_credentials()


def on_factor(
    sender: Any,
    instance: Any,
    removed_factor: Callable[..., str | None],
    deleted: bool,
    raw: bool = False,
    **kwargs: Any,
) -> None:
    """Take back the proofs of an authenticator that was removed, or is confirmed no longer.

    Raises FactorNotRevoked where that cannot be stored: a session must not keep a
    level that nothing stands for.
    """
    factor = None if raw else removed_factor(instance, deleted=deleted)
    if factor is None:
        return
    try:
        revoke_factor(instance.user_id, factor, now=timezone.now())
    except DatabaseFault as error:
        raise FactorNotRevoked("The removal of a factor could not be recorded.") from error
