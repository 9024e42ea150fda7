"""The routes of the API, as the resolver knows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver

from sessions_hub.api import urls

# OPTIONS and TRACE are no route's; HEAD is GET without a body.
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes(patterns: Sequence[Any] = urls.urlpatterns) -> dict[str, frozenset[str]]:
    """The verbs that each address takes, in whatever depth it is included."""
    return dict(_below(patterns, ""))


def calls(patterns: Sequence[Any] = urls.urlpatterns) -> set[str]:
    """All that can be asked for, as "GET sessions/<pk>/"."""
    return {f"{verb} {path}" for path, verbs in routes(patterns).items() for verb in verbs}


def _below(patterns: Sequence[Any], lead: str) -> Iterator[tuple[str, frozenset[str]]]:
    for one in patterns:
        path = lead + simplify_regex(str(one.pattern)).removeprefix("/")
        if isinstance(one, URLResolver):
            yield from _below(one.url_patterns, path)
        elif isinstance(one, URLPattern):
            yield path, _verbs(one.callback)
        else:
            raise TypeError(f"What is {one!r}?")


def _verbs(view: Any) -> frozenset[str]:
    """What a view set's actions or a view's methods answer, of the verbs it lets in."""
    kind = view.cls
    actions = getattr(view, "actions", None)
    handlers = set(actions) if actions is not None else set(dir(kind))
    taken = handlers & set(kind.http_method_names)
    return frozenset(verb for verb in VERBS if verb.lower() in taken)
