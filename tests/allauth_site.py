"""A site with django-allauth's second factors. As a program: uses it and tells what became of it.

Its apps cannot be added to a running suite: they need tables and middleware of their own.
"""

from __future__ import annotations

import json
import re
import time

SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "right-password"
URL = "/account/reauthenticate/"

SECRET_KEY = "allauth-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
ROOT_URLCONF = "tests.allauth_site"
LOGIN_REDIRECT_URL = "/whoami/"
SESSIONS_HUB_UPSTREAM_AAL2 = {"company": {"acr": ["urn:mfa"], "amr": ["mfa"]}}
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": [{"provider_id": "company", "name": "C", "client_id": "c"}]}
}
# Steps of half a minute: more than the program may take, on however slow a machine.
MFA_TOTP_TOLERANCE = 4
# The step all codes count from, so that a used code stays one when the next step begins.
BEGAN = int(time.time()) // 30
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "sessions_hub",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sessions_hub.middleware.SessionsHubMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
urlpatterns = []


def sign_in(request):
    """`?key=`: with a passkey, as allauth records it; else with a password, as Django does."""
    from django.contrib.auth import get_user_model, login
    from django.http import HttpResponse

    if "key" in request.GET:
        request.session["account_authentication_methods"] = [
            {
                "method": "mfa",
                "at": time.time(),
                "id": int(request.GET["key"]),
                "type": "webauthn",
                **({"passwordless": True} if "alone" in request.GET else {}),
            }
        ]
    login(request, get_user_model().objects.get(), backend=AUTHENTICATION_BACKENDS[0])
    return HttpResponse("in")


def answered(request):
    """What allauth does with the answer of another site: `?token=` is the ID token's claims."""
    from allauth.socialaccount.internal.flows.login import complete_login
    from allauth.socialaccount.models import SocialAccount, SocialLogin

    data = {"userinfo": {"acr": "urn:mfa"}, "id_token": json.loads(request.GET["token"])}
    account = SocialAccount(provider="company", uid="4711", extra_data=data)
    return complete_login(request, SocialLogin(account=account))


def code(step: int = 0) -> str:
    """What the authenticator app shows, now or some steps away."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(SECRET, BEGAN + step))


def key(user, *, flags: int):
    """A registered WebAuthn key whose authenticator told these flags."""
    from allauth.mfa.webauthn.internal.auth import WebAuthn
    from fido2.cose import ES256
    from fido2.utils import sha256, websafe_encode
    from fido2.webauthn import (
        AttestationObject,
        AttestedCredentialData,
        AuthenticatorData,
        CollectedClientData,
    )

    credential = AttestedCredentialData.create(
        b"\0" * 16, b"credential", ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    )
    data = AuthenticatorData.create(sha256(b"testserver"), flags, 0, bytes(credential))
    client = CollectedClientData.create("webauthn.create", b"challenge", "https://testserver")
    answer = {
        "id": websafe_encode(b"credential"),
        "rawId": websafe_encode(b"credential"),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(bytes(client)),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {}))),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return WebAuthn.add(user, "key", answer).instance


def told() -> dict:
    """What the newest session and its proofs say."""
    from sessions_hub.models import Session

    session = Session.objects.order_by("pk").last()
    proofs = session.authentication_methods.order_by("completed_at", "pk")
    return {
        "level": session.assurance_level,
        "proofs": [
            [one.method, one.factor, one.user_verified, one.backup_eligible]
            for one in proofs
            if one.revoked_at is None
        ],
    }


def upstream() -> list:
    """What the newest proof says of its provider's answer."""
    from sessions_hub.models import AuthenticationMethod

    proof = AuthenticationMethod.objects.order_by("pk").last()
    return [proof.provider, proof.provider_uid, proof.upstream_acr, proof.upstream_amr]


def answer(client, query: str = "", **given: str):
    form = dict(
        re.findall(r'name="(\w+)" value="([^"]*)"', client.get(URL + query).content.decode())
    )
    return client.post(URL, {**form, **given})


def main() -> dict:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP
    from allauth.socialaccount.models import SocialAccount
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.http import HttpResponse
    from django.test import Client
    from django.urls import include, path

    from sessions_hub.lifecycle import available_level, available_methods

    urlpatterns.extend(
        [
            path("account/", include("sessions_hub.account.urls")),
            path("allauth/", include("allauth.urls")),
            path("sign-in/", sign_in),
            path("answered/", answered),
            path("whoami/", lambda request: HttpResponse(request.user.get_username())),
        ]
    )
    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user("ada", "ada@example.com", PASSWORD)
    facts: dict[str, object] = {}

    def available() -> list:
        return [int(available_level(user)), sorted(available_methods(user))]

    facts["available with a password"] = available()
    totp = TOTP.activate(user, SECRET).instance
    codes = RecoveryCodes.activate(user)
    facts["available with all"] = available()

    # Through allauth's own pages.
    client = Client()
    client.post("/allauth/login/", {"login": "ada", "password": PASSWORD})
    facts["before the second factor"] = client.get("/whoami/").content.decode()
    client.post("/allauth/2fa/authenticate/", {"code": code()})
    facts["after it"] = client.get("/whoami/").content.decode()
    facts["signed in by allauth"] = told()

    # Through ours.
    client = Client()
    client.get("/sign-in/")
    facts["signed in by a password"] = told()["level"]
    page = client.get(URL).content.decode()
    facts["choices"] = re.findall(r'<option value="([^"]+)"', page)
    chosen = f"allauth:mfa.authenticator/{totp.pk}"
    facts["wrong code"] = answer(client, factor=chosen, code="000000").status_code
    facts["used code"] = answer(client, factor=chosen, code=code()).status_code
    facts["right code"] = answer(client, factor=chosen, code=code(1)).status_code
    facts["proven by a code"] = told()
    backup = f"allauth:mfa.authenticator/{codes.instance.pk}"
    one = codes.get_unused_codes()[0]
    facts["backup code"] = answer(client, factor=backup, code=one).status_code
    facts["used backup code"] = answer(client, factor=backup, code=one).status_code
    facts["proven by a backup code"] = told()["level"]

    totp.delete()
    facts["after the app was removed"] = told()["level"]
    Authenticator.objects.all().delete()
    facts["after all were removed"] = told()

    for name, flags in (("bound", 0x45), ("synced", 0x4D)):
        row = key(user, flags=flags)
        facts[f"available with a {name} key"] = available()
        for how in ("", "&alone=1"):
            Client().get(f"/sign-in/?key={row.pk}{how}")
            facts[f"{name}{' alone' if how else ''}"] = told()
        row.delete()

    SocialAccount.objects.create(user=user, provider="company", uid="4711")
    for name, token in (
        ("says nothing", {}),
        ("says acr", {"acr": "urn:mfa"}),
        ("says amr", {"amr": ["pwd", "mfa"]}),
        ("says nonsense", {"acr": ["urn:mfa"], "amr": "mfa"}),
        ("says no token", None),
    ):
        client = Client()
        client.get("/answered/", {"token": json.dumps(token)})
        facts[name] = [client.get("/whoami/").content.decode(), told()["level"], *upstream()]
    return facts


if __name__ == "__main__":
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.allauth_site"
    django.setup()
    from tests.allauth_site import main as run

    print(json.dumps(run()))
