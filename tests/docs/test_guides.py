"""The how-to guides, done: their code runs, and does what they say."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.test import APIRequestFactory

from sessions_hub.lifecycle import MethodClaim, end_session, start_token_session
from sessions_hub.lifecycle.bearer import find_bearer
from sessions_hub.models import Session
from sessions_hub.signals import device_first_seen, session_ended
from sessions_hub.testing import sign_in
from tests.factories import make_user

from .pages import ROOT, blocks_in

pytest_plugins = ["pytester"]


def blocks(page: str, language: str = "python") -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [block.text for block in blocks_in(text) if block.language == language]


def names_of(page: str, containing: str) -> dict[str, Any]:
    """What the one block of a page that has this text in it defines."""
    (text,) = [block for block in blocks(page) if containing in block]
    names: dict[str, Any] = {"__name__": "block"}
    exec(compile(text, page, "exec"), names)
    return names


@contextmanager
def standing_in(**modules: dict[str, Any]) -> Iterator[None]:
    """Packages that the guides replace, as far as the guides use them."""
    made = {}
    for name, values in modules.items():
        made[name.replace("__", ".")] = module = ModuleType(name)
        vars(module).update(values)
    with pytest.MonkeyPatch.context() as patch:
        for name, module in made.items():
            patch.setitem(sys.modules, name, module)
        yield


@pytest.mark.django_db
class TestReplacing:
    # As both packages make it; the rest of their columns does not matter here.
    TABLE = (
        "CREATE TABLE {} (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, "
        "expire_date {} NOT NULL, user_id integer NULL)"
    )

    @pytest.mark.parametrize(
        ("page", "table"),
        [
            ("from-django-user-sessions.md", "user_sessions_session"),
            ("from-django-qsessions.md", "qsessions_session"),
        ],
    )
    def test_copied_sessions_stay_signed_in(self, page: str, table: str) -> None:
        (sql,) = blocks(page, "sql")
        client = sign_in(make_user()).client
        mine = client.session
        kinds = {"sqlite": "datetime", "postgresql": "timestamptz", "mysql": "datetime(6)"}
        later, before = (timezone.now() + timedelta(days=days) for days in (1, -1))
        with connection.cursor() as cursor:
            cursor.execute(self.TABLE.format(table, kinds[connection.vendor]))
            try:
                for key, user, expiry in [
                    (mine.session_key, 1, later),
                    ("visitor", None, later),
                    ("old", 1, before),
                ]:
                    row = [key, mine.encode(dict(mine.items())), expiry, user]
                    cursor.execute(f"INSERT INTO {table} VALUES (%s, %s, %s, %s)", row)
                SessionStore().delete(mine.session_key)
                assert client.get("/whoami/").json()["user"] is None
                client.cookies["sessionid"] = mine.session_key
                for _twice in range(2):
                    cursor.execute(sql.rstrip().rstrip(";"))
            finally:
                cursor.execute(f"DROP TABLE {table}")
        assert client.get("/whoami/").json()["user"] == "ada"
        assert not SessionStore().exists("visitor")
        assert not SessionStore().exists("old")

    @pytest.mark.parametrize(
        ("page", "package"),
        [
            ("from-django-user-sessions.md", "user_sessions"),
            ("from-django-qsessions.md", "qsessions"),
            ("from-allauth-usersessions.md", "allauth.usersessions"),
        ],
    )
    def test_the_old_package_is_taken_out(self, page: str, package: str) -> None:
        others = ["django.contrib.auth", "sessions_hub"]
        stay = [
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "sessions_hub.middleware.SessionsHubMiddleware",
        ]
        kind = "UserSessionsMiddleware" if "allauth" in package else "SessionMiddleware"
        site = {
            "INSTALLED_APPS": [*others, package],
            "MIDDLEWARE": [f"{package}.middleware.{kind}", *stay],
        }
        (block,) = [block for block in blocks(page) if "MIDDLEWARE = [" in block]
        exec(compile(block, page, "exec"), site)
        assert set(site["INSTALLED_APPS"]) - {"django.contrib.sessions"} == set(others)
        assert site["MIDDLEWARE"][-2:] == stay
        rest = site["MIDDLEWARE"][:-2]
        assert rest in ([], ["django.contrib.sessions.middleware.SessionMiddleware"])

    def test_a_token_of_knox_is_traded_in_once(self) -> None:
        ada, left = make_user(), [1, 0]

        class TokenAuthentication(BaseAuthentication):
            def authenticate(self, request: Any) -> Any:
                return ada, SimpleNamespace(delete=lambda: (left.pop(0), {}))

        with standing_in(knox__auth={"TokenAuthentication": TokenAuthentication}, knox={}):
            view = names_of("from-knox.md", "class Exchange")["Exchange"].as_view()
        self.trades_once(view, {"name": "Phone"})
        assert Session.objects.get().name == "Phone"

    def test_a_refresh_token_of_simplejwt_is_traded_in_once(self) -> None:
        ada, left = make_user(), [True, False]

        class TokenError(Exception):
            pass

        class RefreshToken(dict):
            def __init__(self, text: str) -> None:
                if text != "good":
                    raise TokenError("Token is invalid")
                super().__init__(user_id=ada.pk)

            def blacklist(self) -> tuple[None, bool]:
                return None, left.pop(0)

        jwt = "rest_framework_simplejwt"
        with standing_in(
            **{
                jwt: {},
                f"{jwt}__exceptions": {"TokenError": TokenError},
                f"{jwt}__tokens": {"RefreshToken": RefreshToken},
            }
        ):
            view = names_of("from-simplejwt.md", "class Exchange")["Exchange"].as_view()
        assert view(APIRequestFactory().post("/", {"refresh": "bad"})).status_code in {401, 403}
        self.trades_once(view, {"refresh": "good"})
        ada.is_active = False
        ada.save()
        left.append(True)
        assert view(APIRequestFactory().post("/", {"refresh": "good"})).status_code in {401, 403}

    def trades_once(self, view: Any, data: dict[str, str]) -> None:
        """The first request gets a secret that works, the second one nothing."""
        first, second = (view(APIRequestFactory().post("/", data)) for _ in range(2))
        assert first.status_code == 200
        assert second.status_code in {401, 403}
        assert first.headers["Cache-Control"] == "no-store"
        bearer = find_bearer(first.data["secret"], timezone.now())
        assert bearer is not None
        assert set(bearer.scopes) == {"orders:read"}
        session = Session.objects.get()
        assert session.authentication_methods.get().method == "token"


@pytest.mark.django_db
def test_the_views_of_an_app_let_in_who_may(settings: Any) -> None:
    settings.SESSIONS_HUB_SCOPES = ["orders:read"]
    names = names_of("drf-tokens.md", "class Orders")
    ada = make_user()

    def ask(view: str, scopes: list[str]) -> Any:
        issued = start_token_session(
            ada,
            [MethodClaim(method="password")],
            name="Phone",
            scopes=scopes,
            now=timezone.now(),
        )
        bearer = {"HTTP_AUTHORIZATION": f"Bearer {issued.secret}"}
        return names[view].as_view()(RequestFactory().get("/", **bearer))

    assert ask("Orders", ["orders:read"]).data == {"orders": [], "asked_by": "Phone"}
    assert ask("Orders", []).status_code == 403
    assert ask("Payout", ["orders:read"]).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_the_receivers_hear(capsys: pytest.CaptureFixture[str]) -> None:
    names = names_of("signals.md", "@receiver")
    ada = make_user()
    try:
        end_session(sign_in(ada).session, reason="revoked_by_staff", by=make_user("grace"))
    finally:
        # Or every later test would be listened to.
        assert session_ended.disconnect(names["note_end"])
        assert device_first_seen.disconnect(names["note_device"])
    told = capsys.readouterr().out
    assert "of ada" in told
    assert f"{ada.pk} revoked_by_staff grace" in told


@pytest.mark.django_db
def test_everything_of_a_user_is_json() -> None:
    ada = make_user()
    sign_in(ada)
    told = names_of("retention.md", "def everything_of")["everything_of"](ada)
    assert len(json.loads(told)["sessions"]) == 1


SITE = """
SECRET_KEY = "only-for-this-test-0123456789-abcdefghijklmnopqrstuvwxyz"
USE_TZ = True
ROOT_URLCONF = "site_urls"
LOGIN_URL = "/in/"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "sessions_hub",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sessions_hub.middleware.SessionsHubMiddleware",
]
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
]
STATIC_URL = "/static/"
"""
URLS = """
from django.http import HttpResponse
from django.urls import include, path

from sessions_hub.decorators import require_assurance

urlpatterns = [
    path("account/", include("sessions_hub.account.urls")),
    path("bank-details/", require_assurance("aal2")(lambda request: HttpResponse())),
]
"""


def test_the_tests_of_the_page_on_testing_pass(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    conftest, with_pytest, with_django = blocks("testing.md")
    pytester.makepyfile(site_settings=SITE, site_urls=URLS)
    pytester.makepyfile(conftest=conftest, test_pytest=with_pytest, test_django=with_django)
    pytester.makeini("[pytest]\nDJANGO_SETTINGS_MODULE = site_settings\npythonpath = .\n")
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=4)
