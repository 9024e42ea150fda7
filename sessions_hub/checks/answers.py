"""Checks of the settings of what the HTTP API answers."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage

from .values import Apps, Rule, is_function, wrong_values

_VALUES: tuple[Rule, ...] = (
    ("USER_SERIALIZER", is_function, "the dotted path of a function of a user, or None", "E147"),
)


def check_answers(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A function that is not there would leave every user to their default keys."""
    return wrong_values(_VALUES)
