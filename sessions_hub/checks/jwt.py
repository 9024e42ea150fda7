"""Checks of the keys and templates of tokens. No message shows a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error, Warning

from sessions_hub.conf import conf

from .values import Apps


def check_jwt(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """Keys that cannot sign and templates that make no sense: those tokens would be 503."""
    issuer: Any = conf.SESSIONS_HUB_JWT_ISSUER
    messages: list[CheckMessage] = []
    if issuer is not None and not _is_url(issuer):
        messages.append(
            Error(
                "SESSIONS_HUB_JWT_ISSUER must be a URL without query or fragment, or None.",
                hint='Set it to the URL of your site: "https://www.example.com".',
                id="sessions_hub.E151",
            )
        )
    # A site without tokens does not load what makes them.
    if conf.SESSIONS_HUB_JWT_KEYS != () or conf.SESSIONS_HUB_TOKENIZE_TEMPLATES != {}:
        messages += _of_keys_and_templates()
    return messages


def _of_keys_and_templates() -> Iterator[CheckMessage]:
    from sessions_hub.credentials.jwt_keys import key_ring
    from sessions_hub.credentials.jwt_templates import template_problems

    ring = key_ring()
    if ring.problems:
        yield Error(
            f"SESSIONS_HUB_JWT_KEYS must be a list of usable keys: {'; '.join(ring.problems)}.",
            hint="Each is a dict of key (PEM, a JWK, or the path of a file), state and perhaps "
            "alg. Tokens that need that key are refused with 503; all else works.",
            id="sessions_hub.E150",
        )
    if problems := list(template_problems()):
        yield Error(
            "SESSIONS_HUB_TOKENIZE_TEMPLATES must be a dict from names to templates: "
            f"{'; '.join(problems)}.",
            hint='Such as {"orders": {"audience": "https://orders.example.com", '
            '"ttl": timedelta(minutes=5)}}.',
            id="sessions_hub.E152",
        )
    elif not ring.problems:
        yield from _of_what_is_missing()


def _of_what_is_missing() -> Iterator[CheckMessage]:
    from sessions_hub.credentials.jwt_errors import TokenizeUnavailable
    from sessions_hub.credentials.jwt_keys import key_ring
    from sessions_hub.credentials.jwt_templates import template_named

    templates = [template_named(name) for name in conf.SESSIONS_HUB_TOKENIZE_TEMPLATES]
    if templates and conf.SESSIONS_HUB_JWT_ISSUER is None:
        yield Error(
            "SESSIONS_HUB_TOKENIZE_TEMPLATES has templates, and SESSIONS_HUB_JWT_ISSUER is not "
            "set: no token can be made.",
            hint='Set SESSIONS_HUB_JWT_ISSUER = "https://www.example.com".',
            id="sessions_hub.E153",
        )
    ring = key_ring()
    for algorithm in sorted({template.alg or "" for template in templates}):
        try:
            ring.signing_key(algorithm or None)
        except TokenizeUnavailable as error:
            yield Error(
                f"SESSIONS_HUB_TOKENIZE_TEMPLATES has a template without its key. {error}",
                hint='Give one key of SESSIONS_HUB_JWT_KEYS the state "signing"; where keys of '
                'several algorithms sign, name one as "alg" of the template.',
                id="sessions_hub.E154",
            )
    if templates and any(key.algorithm == "HS256" for key in ring.keys):
        yield Warning(
            "SESSIONS_HUB_JWT_KEYS has an HS256 key: whoever verifies tokens can make them.",
            hint="Use a P-256 or Ed25519 key, unless this site alone verifies its tokens.",
            id="sessions_hub.W150",
        )


def _is_url(value: Any) -> bool:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname
        return bool(usable) and not parts.query and not parts.fragment
    except (AttributeError, TypeError, ValueError):
        return False
