"""A site with hardly anything in it, run as a program: what the pages do there.

No Django REST framework to import, no messages, no staticfiles, no translations, and neither
CsrfViewMiddleware nor XFrameOptionsMiddleware. Prints what the pages answer, as JSON.
"""

from __future__ import annotations

import json
import sys

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def sign_in(request: HttpRequest) -> HttpResponse:
    from django.contrib.auth import get_user_model, login

    login(request, get_user_model().objects.get())
    return HttpResponse("in")


urlpatterns = [path("sign-in/", sign_in)]


def main() -> None:
    # As if it were not installed.
    sys.modules["rest_framework"] = None  # type: ignore[assignment]
    settings.configure(
        SECRET_KEY="x" * 60,
        ALLOWED_HOSTS=["testserver"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        USE_I18N=False,
        STATIC_URL="/static/",
        LOGIN_URL="/sign-in/",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "sessions_hub",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "sessions_hub.middleware.SessionsHubMiddleware",
        ],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    django.setup()
    urlpatterns.append(path("account/", include("sessions_hub.account.urls")))
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    from sessions_hub.models import Session

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("ada", password="right-password")
    other, here = Client(), Client(enforce_csrf_checks=True)
    other.get("/sign-in/")
    thief = Session.objects.get()
    here.get("/sign-in/")
    answers: dict[str, object] = {}
    for name in ("sessions", "sessions/ended", "devices", "api-keys", "api-keys/new", "data"):
        response = here.get(f"/account/{name}/")
        answers[name] = [response.status_code, response.headers["X-Frame-Options"]]
    end = f"/account/sessions/{thief.pk}/end/"
    answers["without a token"] = here.post(end).status_code
    token = here.cookies["csrftoken"].value
    response = here.post(end, {"csrfmiddlewaretoken": token}, follow=True)
    answers["with a token"] = response.status_code
    answers["said"] = "Signed out there." in response.content.decode()
    answers["the other"] = other.get("/account/sessions/").status_code
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
