"""A site with django-allauth and python-social-auth, and providers on the loopback.

As a program: signs people in by both and tells what became of their tokens. Its apps
cannot be added to a running suite: they need tables and middleware of their own.
"""

from __future__ import annotations

import json
import logging
import re

from tests import allauth_site

# What the two sites have in common.
from tests.allauth_site import *  # noqa: F403
from tests.allauth_site import PASSWORD, SECRET, code
from tests.credentials.keys import FIRST, SECOND
from tests.credentials.shown import found_in

from .provider import Provider, go, serving

COMPANY = Provider("company", "4711")
OTHER = Provider("other", "4711")
PLAIN = Provider("oidc", "0815", email="grace@example.com")

SESSIONS_HUB_ENCRYPTION_KEYS = [FIRST]
SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = True
SESSIONS_HUB_UPSTREAM_AAL2 = {}
ROOT_URLCONF = "tests.integrations.social_site"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_AUTO_SIGNUP = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_REQUIRED = False
MFA_SUPPORTED_TYPES = ["totp"]
SOCIAL_AUTH_OIDC_KEY = "client"
SOCIAL_AUTH_OIDC_SECRET = "client-s3cr3t"
SOCIAL_AUTH_PIPELINE = [
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_uid",
    "social_core.pipeline.social_auth.auth_allowed",
    "social_core.pipeline.social_auth.social_user",
    "social_core.pipeline.user.get_username",
    "social_core.pipeline.user.create_user",
    "social_core.pipeline.social_auth.associate_user",
    # Without load_extra_data, which would keep the tokens in the clear.
    "sessions_hub.integrations.social_auth.record_provider",
]
AUTHENTICATION_BACKENDS = [
    *allauth_site.AUTHENTICATION_BACKENDS,
    "social_core.backends.open_id_connect.OpenIdConnectAuth",
]
INSTALLED_APPS = [
    *allauth_site.INSTALLED_APPS,
    "allauth.socialaccount.providers.openid_connect",
    "social_django",
]
urlpatterns = []


def tokens(request):
    """The tokens of the request's own session, or why not."""
    from django.http import JsonResponse

    from sessions_hub.lifecycle import ProviderTokensDenied, provider_tokens

    session = request.hub_session
    try:
        found = provider_tokens(session, by=request.user, request=request)
    except ProviderTokensDenied as denial:
        return JsonResponse({"code": denial.code})
    return JsonResponse(
        {
            "tokens": [
                [one.provider, one.uid, one.issuer, one.access_token, one.refresh_token]
                for one in found
            ]
        }
    )


def by_allauth(client, provider: Provider, process: str = "login"):
    """Through allauth's own pages to the provider and back."""
    begun = client.get(f"/allauth/oidc/{provider.name}/login/?process={process}")
    return client.get(go(begun["Location"]))


def by_social_auth(client):
    """Through python-social-auth's own views to the provider and back."""
    begun = client.post("/social/login/oidc/")
    return client.get(go(begun["Location"]))


def told(client) -> dict:
    """Who is signed in, what the session's proofs say, and what is read back."""
    from sessions_hub.models import Session

    user = client.get("/whoami/").content.decode()
    if not user:
        return {"user": ""}
    session = Session.objects.get(pk=client.get("/session/").content.decode())
    rows = session.authentication_methods.order_by("completed_at", "pk")
    return {
        "user": user,
        "level": session.assurance_level,
        "proofs": [
            [
                row.method,
                row.revoked_at is None,
                row.provider,
                row.provider_uid,
                row.issuer,
                row.upstream_acr,
                row.provider_access_token[:3],
                row.provider_refresh_token[:3],
                row.provider_access_token_expires_at is not None,
            ]
            for row in rows
        ],
        "read": client.get("/tokens/").json(),
    }


def main() -> dict:
    from allauth.mfa.totp.internal.auth import TOTP
    from allauth.socialaccount.models import SocialAccount
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection
    from django.http import HttpResponse
    from django.test import Client, override_settings
    from django.urls import include, path
    from social_django.models import UserSocialAuth

    from sessions_hub.models import AuthenticationMethod

    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": one.name,
                    "name": one.name,
                    "client_id": f"client-{one.name}",
                    "secret": "client-s3cr3t",
                    "settings": {"server_url": one.url},
                }
                for one in (COMPANY, OTHER)
            ]
        }
    }
    settings.SOCIAL_AUTH_OIDC_OIDC_ENDPOINT = PLAIN.url
    urlpatterns.extend(
        [
            path("allauth/", include("allauth.urls")),
            path("social/", include("social_django.urls", namespace="social")),
            path("whoami/", lambda request: HttpResponse(request.user.get_username())),
            path("session/", lambda request: HttpResponse(str(request.hub_session.pk))),
            path("tokens/", tokens),
        ]
    )
    call_command("migrate", verbosity=0)
    lines: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda one: lines.append(f"{one.name} {one.getMessage()} {vars(one)}")
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    facts: dict[str, object] = {"urls": {one.name: one.url for one in (COMPANY, OTHER, PLAIN)}}

    first = Client()
    facts["answered"] = by_allauth(first, COMPANY).status_code
    facts["new user"] = told(first)
    second = Client()
    by_allauth(second, COMPANY)
    facts["signed in again"] = told(second)
    facts["the first one since"] = told(first)

    # Another provider whose user has the same id and e-mail address.
    third = Client()
    by_allauth(third, OTHER)
    facts["same address elsewhere"] = told(third)

    # A second factor in between, in a request of its own.
    ada = get_user_model().objects.get(username=facts["new user"]["user"])
    totp = TOTP.activate(ada, SECRET).instance
    fourth = Client()
    by_allauth(fourth, COMPANY)
    facts["before the second factor"] = told(fourth)
    fourth.post("/allauth/2fa/authenticate/", {"code": code()})
    facts["after the second factor"] = told(fourth)
    totp.delete()

    # Connected by somebody who is signed in by a password.
    grace = get_user_model().objects.create_user("grace", "g@example.com", PASSWORD)
    SocialAccount.objects.filter(provider="other").delete()
    fifth = Client()
    fifth.post("/allauth/login/", {"login": "grace", "password": PASSWORD})
    by_allauth(fifth, OTHER, "connect")
    facts["connected"] = told(fifth)
    facts["connected to"] = list(SocialAccount.objects.filter(user=grace).values_list("provider"))
    by_allauth(fifth, OTHER, "connect")
    facts["connected again"] = told(fifth)
    account = SocialAccount.objects.get(user=grace)
    fifth.post("/allauth/3rdparty/", {"account": account.pk})
    facts["disconnected"] = told(fifth)

    # python-social-auth.
    sixth = Client()
    facts["by social-auth, answered"] = by_social_auth(sixth).status_code
    facts["by social-auth"] = told(sixth)
    seventh = Client()
    seventh.post("/allauth/login/", {"login": "grace", "password": PASSWORD})
    UserSocialAuth.objects.all().delete()
    facts["by social-auth, disconnected"] = told(sixth)
    by_social_auth(seventh)
    facts["by social-auth, connected"] = told(seventh)

    # Without a key, and with one more.
    with override_settings(SESSIONS_HUB_ENCRYPTION_KEYS=[]):
        eighth = Client()
        by_allauth(eighth, COMPANY)
        facts["without keys"] = told(eighth)
        ninth = Client()
        by_social_auth(ninth)
        facts["without keys by social-auth"] = told(ninth)
    with override_settings(SESSIONS_HUB_ENCRYPTION_KEYS=[SECOND, FIRST]):
        facts["with a newer key"] = told(second)

    given = [
        token(number)
        for one in (COMPANY, OTHER, PLAIN)
        for token in (one.access_token, one.refresh_token)
        for number in range(1, one.given + 1)
    ]
    connection.ensure_connection()
    dump = [
        line
        for line in connection.connection.iterdump()
        if re.match(r'INSERT INTO "(?!django_session")', line)
    ]
    facts["given"] = len(given)
    facts["dumped proofs"] = sum("sessions_hub_authenticationmethod" in line for line in dump)
    facts["in the clear"] = [line[:60] for line in dump if found_in(line, given)]
    facts["logged"] = sorted({line.split()[0] for line in lines if found_in(line, given)})
    facts["hub lines"] = sum(line.startswith("sessions_hub.") for line in lines)
    facts["warned"] = sum("were not stored" in line for line in lines)
    facts["sealed"] = AuthenticationMethod.objects.exclude(provider_access_token="").count()
    return facts


if __name__ == "__main__":
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.integrations.social_site"
    import django

    django.setup()
    from tests.integrations import social_site as site

    with serving(site.COMPANY), serving(site.OTHER), serving(site.PLAIN):
        print(json.dumps(site.main()))
