"""Which proofs a sign-in rests on, read from the backend's name and from what the
well-known packages leave in the session. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.module_loading import import_string

from sessions_hub.conf import conf


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodClaim:
    """One proof. `key` tells it from others of the same session; empty: always new."""

    method: str
    key: str = ""
    completed_at: datetime | None = None
    provider: str = ""
    provider_uid: str = ""


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
    app = device.partition(".")[0]
    return [MethodClaim(method=_OTP_APPS.get(app, "code"), key=f"otp:{device}")]


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
    match record.get("method"):
        case "password":
            method = "password"
        case "socialaccount":
            method = "oidc"
            provider, uid = (str(record.get(name) or "") for name in ("provider", "uid"))
        case "mfa":
            method = _ALLAUTH_MFA.get(str(record.get("type")), "unknown")
            if method == "webauthn" and record.get("passwordless"):
                method = "passkey"
        case "code":
            method = "code"
        case "password_reset":
            method = "link_recovery"
        case _:
            method = "unknown"
    at = record.get("at")
    return MethodClaim(
        method=method,
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
