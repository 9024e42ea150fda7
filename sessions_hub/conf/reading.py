"""How a setting is read: live, so that `override_settings` works, and cheaply."""

from __future__ import annotations

from typing import TypeVar, cast

from django.conf import LazySettings, UserSettingsHolder, global_settings, settings
from django.conf import Settings as Wrapped

Value = TypeVar("Value")


def read(name: str, default: Value) -> Value:
    """The setting's value, or `default` where nobody has set it."""
    # Most settings are not set, and asking for one that is not costs an exception
    # on every request.
    return cast(Value, getattr(settings, name, default)) if _may_be_set(name) else default


def _may_be_set(name: str) -> bool:
    """False where it is certain that nobody has set it.

    `settings.is_overridden` does not see what a program assigns, and packages such as
    dynaconf put settings of their own in the place of Django's.
    """
    if type(settings) is not LazySettings or name in settings.__dict__:
        return True
    holder: object = settings._wrapped  # type: ignore[misc]
    while type(holder) is UserSettingsHolder:
        if name in vars(holder):
            return True
        # What override_settings() was put in front of.
        holder = holder.default_settings
    return holder is not global_settings and (type(holder) is not Wrapped or name in vars(holder))
