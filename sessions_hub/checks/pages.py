"""Checks of the pages for users: what they are put into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.backends.django import Template
from django.template.loader import get_template
from django.template.loader_tags import BlockNode, ExtendsNode

from sessions_hub.conf import DEFAULT_BASE, conf

from .values import Apps, Rule, wrong_values

_NEEDED = {"title", "head", "content"}
_VALUES: tuple[Rule, ...] = (
    ("ACCOUNT_API_KEYS", lambda value: isinstance(value, bool), "True or False", "E171"),
)


def check_pages(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """The base template is there, and has the blocks that the pages fill."""
    return [*wrong_values(_VALUES), *_of_base()]


def _of_base() -> Iterator[CheckMessage]:
    name: Any = conf.SESSIONS_HUB_BASE_TEMPLATE
    if name == DEFAULT_BASE:
        # Ours, or one the site has put in its place; nothing is read without need.
        return
    try:
        template: Any = get_template(name)
        if not isinstance(template, Template):
            raise TemplateSyntaxError("It is no template of Django's own engine.")
        lacking = sorted(_NEEDED - _blocks(template.template))
    # OSError: the name of a folder.
    except (TemplateDoesNotExist, TemplateSyntaxError, OSError, TypeError, AttributeError) as error:
        yield Error(
            "SESSIONS_HUB_BASE_TEMPLATE must be the name of a template of Django's.",
            hint=f"It is {name!r} now: {error}",
            id="sessions_hub.E170",
        )
        return
    if lacking:
        yield Warning(
            f"The template {name} lacks blocks that the pages for users fill: "
            f"{', '.join(lacking)}.",
            hint="Put a template in front of it that defines them in its own blocks; see "
            "docs/account-pages.md.",
            id="sessions_hub.W170",
        )


def _blocks(template: Any) -> set[str]:
    """The names of a template's blocks and of those it extends, as far as that is fixed."""
    names = {block.name for block in template.nodelist.get_nodes_by_type(BlockNode)}
    for node in template.nodelist.get_nodes_by_type(ExtendsNode):
        parent = node.parent_name.var
        if not isinstance(parent, str):
            # Chosen while a page is made: nobody can say.
            return names | _NEEDED
        names |= _blocks(get_template(parent).template)  # type: ignore[attr-defined]
    return names
