"""`{% load sessions_hub %}`: what a page shows to whoever has proven enough."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.template.context import Context

from sessions_hub.lifecycle import Requirement, shortfall

register = template.Library()


@register.simple_tag(takes_context=True)
def has_assurance(context: Context, level: str, max_age: Any = None) -> bool:
    """Whether the page's visitor has an assurance level; `max_age` is in seconds.

        {% has_assurance "aal2" max_age=900 as is_sure %}
        {% if is_sure %}<a href="…">Delete my account</a>{% endif %}

    A page that hides a link is no protection: the view behind it needs its own.
    Raises ValueError for a level there is not.
    """
    age = None if max_age is None else timedelta(seconds=float(max_age))
    requirement = Requirement(level, age)
    request = context.get("request")
    return request is not None and shortfall(request, requirement) is None
