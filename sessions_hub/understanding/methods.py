"""Which proofs a sign-in rests on, read from the backend's name and from what the
well-known packages leave in the session. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from django.utils.module_loading import import_string

from sessions_hub.conf import conf


class Proof(Protocol):
    """What a proof is judged by, claimed or stored."""

    @property
    def method(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def upstream_acr(self) -> str: ...
    @property
    def upstream_amr(self) -> Any: ...
    @property
    def user_verified(self) -> bool | None: ...
    @property
    def backup_eligible(self) -> bool | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodClaim:
    """One proof. `key` tells it from others of the same session; empty: always new.

    `factor` names the authenticator it was made with, so that the proof can be
    taken back with it; empty where there is none to remove. `upstream_acr` and
    `upstream_amr` are what a provider's verified answer said, `user_verified` and
    `backup_eligible` WebAuthn's flags UV and BE; None where nobody told.
    """

    method: str
    key: str = ""
    factor: str = ""
    completed_at: datetime | None = None
    provider: str = ""
    provider_uid: str = ""
    upstream_acr: str = ""
    upstream_amr: tuple[str, ...] = ()
    user_verified: bool | None = None
    backup_eligible: bool | None = None


# Backends by the dotted path of the class or of any class it derives from.
_BACKENDS = {
    "django.contrib.auth.backends.ModelBackend": "password",
    "django.contrib.auth.backends.RemoteUserBackend": "remote_user",
    "django_auth_ldap.backend.LDAPBackend": "password",
    "allauth.account.auth_backends.AuthenticationBackend": "password",
    "mozilla_django_oidc.auth.OIDCAuthenticationBackend": "oidc",
    "djangosaml2.backends.Saml2Backend": "saml",
    "social_core.backends.saml.SAMLAuth": "saml",
    "social_core.backends.base.BaseAuth": "oidc",
    "sesame.backends.ModelBackend": "magic_link",
    "oauth2_provider.backends.OAuth2Backend": "token",
}
# django-otp names a device "app_label.model/pk".
_OTP_APPS = {
    "otp_totp": "totp",
    "otp_hotp": "totp",
    "otp_static": "lookup_secret",
    "otp_email": "code",
    "otp_twilio": "sms",
    "otp_webauthn": "webauthn",
    "two_factor_phonedevice": "sms",
}
# How factors are named: the package, and what it calls the authenticator.
OTP = "otp:"
ALLAUTH = "allauth:mfa.authenticator/"
_ALLAUTH_MFA = {"totp": "totp", "webauthn": "webauthn", "recovery_codes": "lookup_secret"}


def claim_of_backend(path: str) -> MethodClaim:
    """The proof an authentication backend stands for; `unknown` where nobody knows."""
    if path in conf.SESSIONS_HUB_BACKEND_METHODS:
        return MethodClaim(method=conf.SESSIONS_HUB_BACKEND_METHODS[path])
    try:
        backend = import_string(path)
    except (ImportError, ValueError):
        return MethodClaim(method="unknown")
    for ancestor in getattr(backend, "__mro__", ()):
        name = f"{ancestor.__module__}.{ancestor.__qualname__}"
        if name in _BACKENDS:
            provider = getattr(backend, "name", "")
            federated = _BACKENDS[name] in ("oidc", "saml") and isinstance(provider, str)
            return MethodClaim(method=_BACKENDS[name], provider=provider[:64] if federated else "")
    return MethodClaim(method="unknown")


def claims_in_session(data: Mapping[str, Any], user_id: str) -> list[MethodClaim]:
    """The proofs that django-otp and django-allauth have noted in the session."""
    return [*_otp(data.get("otp_device_id")), *_allauth(data, user_id)]


def _otp(device: Any) -> list[MethodClaim]:
    if not isinstance(device, str) or "/" not in device:
        return []
    return [claim_of_otp_device(device)]


def claim_of_otp_device(device: str) -> MethodClaim:
    """The proof a device of django-otp stands for, by its persistent id."""
    key = f"{OTP}{device}"
    method = _OTP_APPS.get(device.partition(".")[0], "code")
    return MethodClaim(method=method, key=key, factor=key[:255])


def claim_of_authenticator(pk: object, kind: str, *, passwordless: bool = False) -> MethodClaim:
    """The proof an authenticator of django-allauth stands for."""
    method = _ALLAUTH_MFA.get(kind, "unknown")
    is_passkey = method == "webauthn" and passwordless
    return MethodClaim(
        method="passkey" if is_passkey else method,
        factor="" if pk is None else f"{ALLAUTH}{pk}"[:255],
        # allauth asks for user verification wherever it asks for nothing else.
        user_verified=True if is_passkey else None,
    )


def _allauth(data: Mapping[str, Any], user_id: str) -> list[MethodClaim]:
    # The records of an aborted sign-in, or of another user, are void.
    owner = data.get("account_authentication_methods_user")
    records = data.get("account_authentication_methods")
    if not isinstance(records, list) or (owner is not None and str(owner) != user_id):
        return []
    return [claim for record in records if (claim := _allauth_claim(record)) is not None]


def _allauth_claim(record: Any) -> MethodClaim | None:
    if not isinstance(record, dict):
        return None
    provider = uid = ""
    claim: MethodClaim | None = None
    match record.get("method"):
        case "password":
            method = "password"
        case "socialaccount":
            method = "oidc"
            provider, uid = (str(record.get(name) or "") for name in ("provider", "uid"))
        case "mfa":
            claim = claim_of_authenticator(
                record.get("id"),
                str(record.get("type")),
                passwordless=bool(record.get("passwordless")),
            )
            method = claim.method
        case "code":
            method = "code"
        case "password_reset":
            method = "link_recovery"
        case _:
            method = "unknown"
    at = record.get("at")
    return replace(
        claim or MethodClaim(method=method),
        key=f"allauth:{method}:{at}",
        completed_at=_time(at),
        provider=provider[:64],
        provider_uid=uid[:255],
    )


def _time(at: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(at), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
