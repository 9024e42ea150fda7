"""Whoever acts as another user leaves credentials alone: passwords and second factors.

Where rows are saved and deleted, so that it holds for views of any package, also on
paths that are not looked at. What goes round the models' signals (`QuerySet.update()`,
`bulk_create()`) is found out on the next request, as far as it is a password.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from sessions_hub import events

from . import suspended
from .exceptions import Unavailable
from .impersonation_rules import ImpersonationDenied
from .state import served_state
from .suspended import Suspended

Given = ParamSpec("Given")

_PASSWORD = "password"  # noqa: S105 - the name of the column


def _closed(check: Callable[Given, None]) -> Callable[Given, None]:
    """Nothing is saved where nobody can tell whether it may be: 503, and try again."""

    @wraps(check)
    def checked(*args: Given.args, **kwargs: Given.kwargs) -> None:
        try:
            check(*args, **kwargs)
        except ImpersonationDenied:
            raise
        except Exception as error:
            raise Unavailable("Whether this may be saved could not be told; try again.") from error

    return checked


@_closed
def keep_password(user: AbstractBaseUser, update_fields: Any, using: str) -> None:
    """Raise ImpersonationDenied when an existing user's new password is about to be saved.

    However it was set. A better hash of the same password, which Django stores alone and
    in passing, is none.
    """
    if _acting() is None or (update_fields is not None and _PASSWORD not in update_fields):
        return
    try:
        user._meta.get_field(_PASSWORD)
    except FieldDoesNotExist:
        # Kept elsewhere: known as with Django's own `password_changed()`.
        if not user._state.adding and getattr(user, "_password", None) is not None:
            keep_credentials()
        return
    stored = _stored_password(user, using)
    if stored is None or stored == user.password:
        return
    is_alone = update_fields is not None and set(update_fields) == {_PASSWORD}
    if is_alone and getattr(user, "_password", None) is None and _is_outdated(stored):
        return
    keep_credentials()


@_closed
def keep_factor(factor: Model, secret_of: Callable[[Any], object], using: str) -> None:
    """Raise ImpersonationDenied when an authenticator is about to be added, or made another.

    One that is used is saved as well: its counter, or when it was. `secret_of` tells what
    makes it the one it is.
    """
    if _acting() is None:
        return
    # By its key alone: saving an instance that was never read changes a row all the same.
    stored = type(factor)._base_manager.using(using).filter(pk=factor.pk).first()
    if stored is None or secret_of(stored) != secret_of(factor):
        keep_credentials()


@_closed
def keep_credentials() -> None:
    """Raise ImpersonationDenied when the request being served is an impersonation's."""
    if (held := _acting()) is None:
        return
    events.emit(events.CREDENTIALS_KEPT, session_id=held.impersonation_id)
    raise ImpersonationDenied("forbidden")


def _acting() -> Suspended | None:
    """What waits behind the impersonation whose request is being served; None in any other.

    Reads a session only where it was not judged.
    """
    state = served_state()
    if state is None:
        return None
    if state.suspended is not None or state.row is not None:
        return state.suspended
    return suspended.read(state.presented)


def _stored_password(user: AbstractBaseUser, using: str) -> str | None:
    """The password of the user's own row; None where there is none yet.

    A new row of a child model is an UPDATE of its parent's.
    """
    model: Any = get_user_model()._meta.concrete_model
    key = getattr(user, model._meta.pk.attname)
    if key is None and (above := user._meta.get_ancestor_link(model)) is not None:
        key = getattr(user, above.attname)
    rows = model._base_manager.using(using).filter(pk=key)
    password: str | None = rows.values_list(_PASSWORD, flat=True).first()
    return password


def _is_outdated(encoded: str) -> bool:
    """Whether Django stores a better hash of this password when it is next checked."""
    try:
        hasher, preferred = identify_hasher(encoded), get_hasher()
    except ValueError:
        return False
    return bool(hasher.algorithm != preferred.algorithm or preferred.must_update(encoded))
