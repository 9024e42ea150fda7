"""The closed lists of words, as stored."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SessionType(models.TextChoices):
    """What kind of sign-in a session stands for (USSO's ten)."""

    TEMPORARY = "temporary", _("temporary")
    REGULAR_LOGIN = "regular_login", _("sign-in")
    ACCOUNT_RECOVERY = "account_recovery", _("account recovery")
    CREDENTIAL_RECOVERY = "credential_recovery", _("credential recovery")
    IMPERSONATION = "impersonation", _("impersonation")
    API_KEY = "api_key", _("API key")
    OAUTH_CLIENT = "oauth_client", _("OAuth client")
    OAUTH_SESSION = "oauth_session", _("OAuth session")
    SERVICE_ACCOUNT = "service_account", _("service account")
    ONE_TIME_ACCESS = "one_time_access", _("one-time access")


class Method(models.TextChoices):
    """How a user proved who they are (Ory's names, and what Django sites add)."""

    PASSWORD = "password", _("password")
    OIDC = "oidc", _("single sign-on (OIDC)")
    SAML = "saml", _("single sign-on (SAML)")
    TOTP = "totp", _("authenticator app")
    LOOKUP_SECRET = "lookup_secret", _("backup code")
    WEBAUTHN = "webauthn", _("security key")
    PASSKEY = "passkey", _("passkey")
    CODE = "code", _("one-time code")
    LINK_RECOVERY = "link_recovery", _("recovery link")
    CODE_RECOVERY = "code_recovery", _("recovery code")
    DEVICEAUTHN = "deviceauthn", _("bound device")
    MAGIC_LINK = "magic_link", _("magic link")
    SMS = "sms", _("text message")
    ANONYMOUS = "anonymous", _("anonymous")
    TOKEN = "token", _("token")
    SERVER = "server", _("server")
    REMOTE_USER = "remote_user", _("web server")
    UNKNOWN = "unknown", _("unknown")


class EndReason(models.TextChoices):
    """Why a session ended."""

    SIGNED_OUT = "signed_out", _("signed out")
    REVOKED_BY_USER = "revoked_by_user", _("ended by the user")
    REVOKED_BY_STAFF = "revoked_by_staff", _("ended by staff")
    REVOKED_BY_POLICY = "revoked_by_policy", _("ended by policy")
    REPLACED = "replaced", _("replaced by another sign-in")
    EXPIRED = "expired", _("expired")
    IDLE = "idle", _("idle for too long")
    LIMIT = "limit", _("too many sessions")
    CREDENTIALS_CHANGED = "credentials_changed", _("credentials changed")
    USER_DISABLED = "user_disabled", _("user disabled")
    DEVICE_FORGOTTEN = "device_forgotten", _("device forgotten")
    IMPERSONATION_OVER = "impersonation_over", _("impersonation over")
    COMPROMISED = "compromised", _("compromised")


class Status(models.TextChoices):
    """What a session is at one moment; derived, never stored."""

    ACTIVE = "active", pgettext_lazy("sessions_hub", "active")
    EXPIRED = "expired", _("expired")
    REVOKED = "revoked", _("ended")


class AssuranceLevel(models.IntegerChoices):
    """Authenticator assurance levels of NIST SP 800-63B-4; 0 is nothing proven."""

    AAL0 = 0, _("aal0")
    AAL1 = 1, _("aal1")
    AAL2 = 2, _("aal2")
    AAL3 = 3, _("aal3")
