"""The authenticators of django-allauth, and what its providers answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import Error as DatabaseFault
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from sessions_hub.logs import log_once_a_minute
from sessions_hub.understanding.methods import ALLAUTH, MethodClaim, claim_of_authenticator

from .base import Factor, ProviderAnswer

PREFIX = ALLAUTH
_MODEL = ("mfa", "Authenticator")
_TAKES_CODE = frozenset({"totp", "recovery_codes"})
_KEY = "webauthn"
# WebAuthn Level 3, §6.1: "backup eligible".
_BACKUP_ELIGIBLE = 0x08

logger = logging.getLogger(__name__)


def is_installed() -> bool:
    """Whether the site uses allauth's second factors."""
    return apps.is_installed("allauth.mfa")


def factors_of(user: AbstractBaseUser) -> list[Factor]:
    """The user's authenticators."""
    has_keys = _takes_keys()
    return [
        Factor(
            claim=_claim(row),
            label=str(row),
            takes_code=row.type in _TAKES_CODE,
            takes_key=has_keys and row.type == _KEY,
        )
        for row in _model().objects.filter(user_id=user.pk).order_by("pk")
    ]


def verify(request: HttpRequest, user: AbstractBaseUser, factor: Factor, code: str) -> bool:
    """Whether the authenticator accepts the code, which is used up then."""
    pk = factor.key.removeprefix(PREFIX)
    row = _model().objects.filter(user_id=user.pk, pk=pk, type__in=_TAKES_CODE).first()
    if row is None or not row.wrap().validate_code(code):
        return False
    row.record_usage()
    return True


def begin(
    request: HttpRequest, user: AbstractBaseUser, keys: Sequence[Factor], *, verify_user: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser is told to ask for one of `keys`, and the state of the ceremony."""
    with _ceremony(request) as auth:
        options = auth.begin_authentication(user)
        state = dict(auth.get_state())
        wanted = {
            auth.parse_registration_response(row.data["credential"]).id
            for row in _model().objects.filter(user_id=user.pk, type=_KEY)
            if f"{PREFIX}{row.pk}" in {key.key for key in keys}
        }
    told = dict(options["publicKey"])
    told["allowCredentials"] = [
        dict(one) for one in told["allowCredentials"] if one["id"] in wanted
    ]
    if verify_user:
        # Whether it did is read from what the key signs, not trusted to the browser.
        told["userVerification"] = "required"
    return {"publicKey": told}, state


def complete(
    request: HttpRequest,
    user: AbstractBaseUser,
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    *,
    begun_at: datetime,
    now: datetime,
) -> MethodClaim | None:
    """The proof of a key's answer, with the flags it signed; None when it is none.

    An answer is good once, also when it comes twice at the same time: a key that was
    used since the ceremony began is refused.
    """
    try:
        with _ceremony(request, state) as auth:
            data = auth.parse_authentication_response(answer).response.authenticator_data
            row = auth.complete_authentication(user, answer)
    except DatabaseFault:
        raise
    except ValidationError:
        return None
    except Exception:  # noqa: BLE001
        # Closed: what neither package could make sense of.
        log_once_a_minute(
            logger,
            logging.WARNING,
            "webauthn-answer",
            "The answer of a WebAuthn key could not be read; it counts as a wrong one.",
            exc_info=True,
        )
        return None
    unused = Q(last_used_at__isnull=True) | Q(last_used_at__lt=begun_at)
    rows = _model().objects.filter(unused, user_id=user.pk, pk=row.pk)
    # A clock that lags must not leave the key unused.
    if not rows.update(last_used_at=max(now, begun_at)):
        return None
    is_synced = True if int(data.flags) & _BACKUP_ELIGIBLE else _backup_eligible(row)
    return replace(
        _claim(row), user_verified=bool(data.is_user_verified()), backup_eligible=is_synced
    )


@contextmanager
def _ceremony(request: HttpRequest, state: Mapping[str, Any] | None = None) -> Iterator[Any]:
    """The functions of allauth for WebAuthn, which keep their state in the request's session.

    What they leave there is taken out again: a challenge of this site's page is no
    challenge of allauth's own pages, which may be open beside it.
    """
    from allauth.core.context import request_context
    from allauth.mfa.webauthn.internal import auth

    with request_context(request):
        before = auth.get_state()
        if state is not None:
            auth.set_state(dict(state))
        try:
            yield auth
        finally:
            if before is None:
                auth.clear_state()
            else:
                auth.set_state(before)


def models() -> Iterator[Any]:
    """The model whose rows are authenticators."""
    yield _model()


def secret_of(authenticator: Any) -> list[Any]:
    """What makes an authenticator the one it is: all but its name, and what using it changes."""
    data = authenticator.data if isinstance(authenticator.data, dict) else {}
    kept = [data.get(name) for name in ("secret", "seed", "credential")]
    return [authenticator.user_id, authenticator.type, *kept]


def code_models() -> Iterator[Any]:
    """Its codes are in the authenticator's own row."""
    yield from ()


def removed_factor(authenticator: Any, *, deleted: bool) -> str | None:
    """The factor that is gone with a deleted authenticator; None while it is good."""
    return f"{PREFIX}{authenticator.pk}" if deleted else None


def described(claim: MethodClaim) -> MethodClaim:
    """A claim of a WebAuthn key, with the flags its authenticator was registered with."""
    if claim.method not in ("webauthn", "passkey") or not claim.factor.startswith(PREFIX):
        return claim
    model = _model()
    pk = claim.factor.removeprefix(PREFIX)
    try:
        with transaction.atomic(using=model.objects.db):
            row = model.objects.filter(pk=pk, type=_KEY).first()
    except Exception:  # noqa: BLE001
        _note_unread()
        return claim
    if row is None:
        return claim
    verified = True if _always_verifies_users() else claim.user_verified
    return replace(claim, backup_eligible=_backup_eligible(row), user_verified=verified)


def has_providers() -> bool:
    """Whether the site lets people sign in by other sites."""
    return apps.is_installed("allauth.socialaccount")


def watch_providers(receiver: Any) -> None:
    """Connect a receiver to the moment an answer has come and nobody is signed in yet."""
    from allauth.socialaccount.signals import pre_social_login

    pre_social_login.connect(receiver, weak=False, dispatch_uid="sessions_hub.on_provider_answer")


def said_by_provider(sociallogin: Any) -> ProviderAnswer | None:
    """`acr` and `amr` of the ID token, which allauth has verified (OIDC Core 1.0, §2)."""
    account = sociallogin.account
    token = account.extra_data.get("id_token") if isinstance(account.extra_data, dict) else None
    if not isinstance(token, dict):
        return None
    acr, amr = token.get("acr"), token.get("amr")
    return ProviderAnswer(
        str(account.provider),
        str(account.uid),
        acr[:255] if isinstance(acr, str) else "",
        tuple(text for text in amr if isinstance(text, str)) if isinstance(amr, list) else (),
    )


def _claim(row: Any) -> MethodClaim:
    is_key = row.type == _KEY
    claim = claim_of_authenticator(
        row.pk, row.type, passwordless=bool(is_key and row.wrap().is_passwordless)
    )
    return replace(claim, backup_eligible=_backup_eligible(row)) if is_key else claim


def _backup_eligible(row: Any) -> bool | None:
    """The flag BE as it was at the registration, which never changes; None if not to be read."""
    try:
        return bool(int(row.wrap().authenticator_data.flags) & _BACKUP_ELIGIBLE)
    except Exception:  # noqa: BLE001
        _note_unread()
        return None


def _takes_keys() -> bool:
    """Whether the site has allauth's WebAuthn turned on (MFA_SUPPORTED_TYPES)."""
    from allauth.mfa import app_settings

    return _KEY in app_settings.SUPPORTED_TYPES


def _always_verifies_users() -> bool:
    from allauth.mfa import app_settings

    return str(app_settings.WEBAUTHN_USER_VERIFICATION) == "required"


def _note_unread() -> None:
    log_once_a_minute(
        logger,
        logging.WARNING,
        "webauthn",
        "The flags of a WebAuthn key could not be read; it is taken for a synced one.",
        exc_info=True,
    )


def _model() -> Any:
    return apps.get_model(*_MODEL)
