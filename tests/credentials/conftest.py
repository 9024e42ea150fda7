"""A site that makes tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from .forging import AUDIENCE, ISSUER, make_key


def entry(algorithm: str = "ES256", which: int = 0, **members: Any) -> dict[str, Any]:
    """A key as SESSIONS_HUB_JWT_KEYS has it: PEM, signing."""
    key = make_key(algorithm, which)
    if algorithm == "HS256":
        return {"key": key.as_dict(), "state": "signing", "alg": "HS256", **members}
    named = {} if algorithm in ("ES256", "EdDSA") else {"alg": algorithm}
    return {"key": key.as_pem(private=True).decode(), "state": "signing", **named, **members}


@pytest.fixture
def site(settings) -> Callable[..., Any]:
    """Sets the settings; by default one ES256 key and the template "orders" of 5 minutes."""

    def configure(*keys: Any, **template: Any) -> Any:
        settings.SESSIONS_HUB_JWT_KEYS = list(keys) or [entry()]
        settings.SESSIONS_HUB_JWT_ISSUER = ISSUER
        settings.SESSIONS_HUB_TOKENIZE_TEMPLATES = {
            "orders": {"audience": AUDIENCE, "ttl": timedelta(minutes=5), **template}
        }
        return settings

    configure()
    return configure
