"""The admins on other bases and sites, and the hub without any admin."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sessions_hub.models import Session

from .conftest import make_session

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

WITHOUT_ADMIN = """
import sys
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes",
                    "django.contrib.sessions", "sessions_hub"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "sessions_hub.middleware.SessionsHubMiddleware"],
    SECRET_KEY="x" * 50,
)
import django
django.setup()
from django.core.management import call_command
call_command("check")
print("django.contrib.admin" in sys.modules)
"""


def test_the_mixin_stands_on_another_base(root, user):
    session = make_session(user)
    response = root.get("/other/sessions_hub/session/")
    text = response.content.decode()
    assert response.context["cl"].themed
    assert "password" in text
    assert "theme.css" in text
    assert "sessions_hub/admin.css" in text
    page = root.get(f"/other/sessions_hub/session/{session.pk}/change/").content.decode()
    assert f"/other/sessions_hub/session/{session.pk}/end/" in page


def test_it_does_all_its_work_on_its_own_site(root, user):
    session = make_session(user)
    url = f"/other/sessions_hub/session/{session.pk}"
    asked = root.get(f"{url}/end/").content.decode()
    assert f'href="{url}/change/"' in asked
    response = root.post(f"{url}/end/")
    assert response["Location"] == f"{url}/change/"
    assert Session.objects.get(pk=session.pk).end_reason == "revoked_by_staff"


def test_a_site_without_users_shows_their_names_unlinked(root, user):
    make_session(user)
    text = root.get("/other/sessions_hub/session/").content.decode()
    assert ">alice</bdi></td>" in text


def test_the_hub_works_where_the_admin_is_not_installed():
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_ADMIN], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[-1] == "False"
