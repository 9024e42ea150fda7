"""SESSIONS_HUB_TOKENIZE_TEMPLATES: what tokens there are to be had, and whether it makes sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.module_loading import import_string

from sessions_hub.conf import conf

from .jwt_algorithms import KINDS
from .jwt_errors import TokenizeUnavailable, UnknownTemplate

# A token is good until it expires, whatever becomes of its session.
LONGEST = timedelta(days=1)
_SHORTEST = timedelta(seconds=1)
_MEMBERS = frozenset({"audience", "ttl", "claims", "alg", "impersonation"})


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of token: for whom, for how long, saying what."""

    audience: tuple[str, ...]
    ttl: timedelta
    claims: str | None = None
    alg: str | None = None
    impersonation: bool = True

    def own_claims(self, session: Any) -> Mapping[str, Any]:
        """What the site's own function says of a session. Raises whatever that raises."""
        if self.claims is None:
            return {}
        found: Mapping[str, Any] = import_string(self.claims)(session, session.user)
        return found


def template_named(name: str) -> Template:
    """The template of this name.

    Raises UnknownTemplate, and TokenizeUnavailable for one that makes no sense.
    """
    given: Any = conf.SESSIONS_HUB_TOKENIZE_TEMPLATES
    if not isinstance(given, Mapping):
        raise TokenizeUnavailable("SESSIONS_HUB_TOKENIZE_TEMPLATES is no dict.")
    if name not in given:
        raise UnknownTemplate("There is no such template.")
    if (problem := _problem(given[name])) is not None:
        raise TokenizeUnavailable(f"The template {name!r} {problem}.")
    values = dict(given[name])
    audience = values.pop("audience")
    return Template(
        audience=(audience,) if isinstance(audience, str) else tuple(audience), **values
    )


def audiences() -> frozenset[str]:
    """Everybody tokens are made for. Templates that make no sense are passed over."""
    given: Any = conf.SESSIONS_HUB_TOKENIZE_TEMPLATES
    found: set[str] = set()
    for name in given if isinstance(given, Mapping) else ():
        try:
            found.update(template_named(name).audience)
        except TokenizeUnavailable:
            continue
    return frozenset(found)


def template_problems() -> Iterator[str]:
    """What is wrong in the setting, a clause each."""
    given: Any = conf.SESSIONS_HUB_TOKENIZE_TEMPLATES
    if not isinstance(given, Mapping):
        yield "it is no dict"
        return
    for name, values in given.items():
        if not isinstance(name, str) or not name:
            yield f"the name {name!r} is no text"
        if (problem := _problem(values)) is not None:
            yield f"{name!r} {problem}"


def _problem(values: Any) -> str | None:
    if not isinstance(values, Mapping):
        return "is no dict"
    if unknown := sorted(str(member) for member in values.keys() - _MEMBERS):
        return f"has members that there are not: {', '.join(unknown)}"
    if not _is_audience(values.get("audience")):
        return "has no audience"
    ttl = values.get("ttl")
    if not isinstance(ttl, timedelta) or not _SHORTEST <= ttl <= LONGEST:
        return "has no ttl between a second and a day"
    if values.get("alg") not in (None, *KINDS):
        return f"has an alg that is none of {', '.join(KINDS)}"
    if not isinstance(values.get("impersonation", True), bool):
        return "has an impersonation that is neither True nor False"
    if not _is_function(values.get("claims")):
        return "has claims that are no function's dotted path"
    return None


def _is_audience(value: Any) -> bool:
    if isinstance(value, str):
        return value != ""
    return (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(isinstance(one, str) and one for one in value)
    )


def _is_function(path: Any) -> bool:
    try:
        return path is None or callable(import_string(path))
    # A module of the site's own may fail in any way.
    except (Exception, SystemExit):  # noqa: BLE001
        return False
