"""Authentication backends as sites and packages write them."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend, RemoteUserBackend


class HouseBackend(ModelBackend):
    """A site's own backend, with a name that is no provider."""

    name = "house"


class HeaderBackend(RemoteUserBackend):
    pass


class LonelyBackend:
    """Derives from nothing the hub knows."""


class OIDCAuthenticationBackend(ModelBackend):
    name = "keycloak"


# As it is called where it comes from.
OIDCAuthenticationBackend.__module__ = "mozilla_django_oidc.auth"


class CompanyLogin(OIDCAuthenticationBackend):
    name = "c" * 100


class OddlyNamed(OIDCAuthenticationBackend):
    name = 7


def function_backend(request):
    return None
