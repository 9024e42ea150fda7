"""A step for the pipeline of python-social-auth (social-auth-app-django).

    SOCIAL_AUTH_PIPELINE = (..., "sessions_hub.integrations.social_auth.record_provider")

Behind `associate_user`, where user and account are known to belong together.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from sessions_hub.lifecycle.factors import ProviderGrant
from sessions_hub.lifecycle.provider_answers import note_failure, take

__all__ = ["record_provider"]

# Beyond it a number of seconds is no life of a token.
_LONGEST = timedelta(days=3650)


@sensitive_variables()
def record_provider(
    backend: Any, *args: Any, user: Any = None, response: Any = None, uid: Any = None, **kwargs: Any
) -> None:
    """Record what the provider told and gave, on the session that this sign-in begins.

    Or on the one the user is in, when an account is connected. A fault is logged and the
    sign-in goes on.
    """
    request = getattr(backend.strategy, "request", None)
    if request is None or user is None or uid in (None, ""):
        return
    try:
        take(request, user.pk, _grant(backend, response, str(uid)))
    except Exception:  # noqa: BLE001
        note_failure()


@sensitive_variables()
def _grant(backend: Any, response: Any, uid: str) -> ProviderGrant:
    answer = response if isinstance(response, Mapping) else {}
    token = answer.get("access_token")
    if isinstance(token, Mapping):
        # OAuth 1.0.
        pair = token.get("oauth_token"), token.get("oauth_token_secret")
    else:
        pair = token, answer.get("refresh_token")
    # Verified by the backend; of those without OpenID Connect there is none.
    claims = getattr(backend, "id_token", None)
    claims = claims if isinstance(claims, Mapping) else {}
    amr = claims.get("amr")
    return ProviderGrant(
        provider=str(backend.name),
        uid=uid,
        access_token=_text(pair[0]),
        refresh_token=_text(pair[1]),
        expires_at=_expiry(answer.get("expires_in")),
        issuer=_text(claims.get("iss")),
        acr=_text(claims.get("acr")),
        amr=tuple(one for one in amr if isinstance(one, str)) if isinstance(amr, list) else (),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _expiry(seconds: Any) -> datetime | None:
    try:
        life = timedelta(seconds=int(seconds))
    except (TypeError, ValueError, OverflowError):
        return None
    return timezone.now() + life if timedelta(0) < life <= _LONGEST else None
