"""A small site that gets the hub, uses it and removes it again.

As settings, shaped by the environment: SITE_DATABASE (JSON), SITE_HUB (no, app or
yes: with the middleware), SITE_ENGINE, SITE_FILES (a folder). As a program, a
worker of that site: reads JSON calls from stdin, one per line, and answers each
on stdout.
"""

from __future__ import annotations

import json
import os
import sys

HUB = os.environ.get("SITE_HUB", "no")
DATABASES = {"default": json.loads(os.environ["SITE_DATABASE"])}
SECRET_KEY = "site-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "tests.install_site"
SESSION_ENGINE = f"django.contrib.sessions.backends.{os.environ.get('SITE_ENGINE', 'db')}"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": os.path.join(os.environ["SITE_FILES"], "cache"),
    }
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
if HUB != "no":
    INSTALLED_APPS.append("sessions_hub")
if HUB == "yes":
    MIDDLEWARE.append("sessions_hub.middleware.SessionsHubMiddleware")
urlpatterns = []


def sign_in(request):
    from django.contrib.auth import authenticate, login
    from django.http import HttpResponse

    login(request, authenticate(request, username="ada", password="right-password"))
    return HttpResponse("in")


def whoami(request):
    from django.http import HttpResponse

    # Written on each visit, as a cart is.
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(request.user.get_username())


def rows() -> list[str]:
    """The hub's sessions: their end, or "open"."""
    from sessions_hub.models import Session

    return [row.end_reason or "open" for row in Session.objects.order_by("issued_at")]


def answer(call: str, cookie: str) -> object:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    if cookie:
        client.cookies["sessionid"] = cookie
    match call:
        case "make_user":
            return User.objects.create_user("ada", password="right-password").pk
        case "sign_in":
            client.get("/sign-in/")
            return client.cookies["sessionid"].value
        case "whoami":
            return client.get("/whoami/").content.decode()
        case "rows":
            return rows()
        case "end_all":
            from sessions_hub.models import Session

            return Session.objects.all().end("revoked_by_staff")
    raise ValueError(call)


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.install_site"
    django.setup()
    from django.urls import path

    from tests import install_site

    install_site.urlpatterns += [path("sign-in/", sign_in), path("whoami/", whoami)]
    for line in sys.stdin:
        print(json.dumps(answer(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
