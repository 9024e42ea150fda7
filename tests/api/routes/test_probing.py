"""No secret can be guessed letter by letter: no answer depends on what is stored (ASVS 8.2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client

from sessions_hub.models import AuthenticationMethod, Device, Session, SessionDevice, SessionToken
from tests.api.staff.conftest import make_staff, token_of

from .table import TABLE
from .visitors import ALL_SCOPES

pytestmark = pytest.mark.django_db(databases="__all__")

# The columns that hold secrets, digests of secrets, or what recognises somebody; of Django's
# session, too, where the hub's own engine is used.
SECRET_COLUMNS = {
    "session": {"credentials_digest", "django_key_digest", "current_fingerprint"},
    "device": {"key_digest"},
    "sessiondevice": {"fingerprint"},
    "sessiontoken": {"digest", "key_id", "hint"},
    "authenticationmethod": {"provider_access_token", "provider_refresh_token"},
    "djangosession": {"session_key", "session_data"},
}
# Words in the names of columns that are none of these.
HARMLESS = {
    "os_version_key",
    "client_version_key",
    "ip_key",
    "client_hints",
    "provider_access_token_expires_at",
}
WORDS = ("digest", "token", "key", "secret", "fingerprint", "password", "hint", "session_data")
# From each list to each secret: what Django's lookups would call the way.
FROM_SESSION = {
    "session": "",
    "device": "devices__",
    "sessiondevice": "session_devices__",
    "sessiontoken": "tokens__",
    "authenticationmethod": "authentication_methods__",
}
WAYS = {
    "session": FROM_SESSION,
    "device": {
        "device": "",
        "sessiondevice": "session_devices__",
        **{name: f"sessions__{way}" for name, way in FROM_SESSION.items() if name != "device"},
    },
    "authenticationmethod": {
        "authenticationmethod": "",
        **{
            name: f"session__{way}"
            for name, way in FROM_SESSION.items()
            if name != "authenticationmethod"
        },
    },
    "user": {name: f"hub_sessions__{way}" for name, way in FROM_SESSION.items()},
}
TO_USER = {"session": "user__", "device": "user__", "authenticationmethod": "session__user__"}
IMPERSONATORS = {"session": "", "device": "sessions__", "user": "hub_sessions__"}
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LOOKUPS = ("", "__startswith", "__regex", "__gt", "__contains", "__in", "__isnull", "__iexact")


def ways_to_secrets(kind: str) -> Iterator[str]:
    """Every secret as it would be named from a list of `kind`, without a lookup."""
    for model, way in WAYS[kind].items():
        for column in sorted(SECRET_COLUMNS[model]):
            yield f"{way}{column}"
    if kind in TO_USER:
        yield f"{TO_USER[kind]}password"
    if kind in IMPERSONATORS:
        yield f"{IMPERSONATORS[kind]}impersonator__password"


def test_every_column_that_sounds_like_a_secret_is_probed():
    models = [
        *apps.get_app_config("sessions_hub").get_models(),
        *apps.get_app_config("sessions_hub_engine").get_models(),
    ]
    found = {
        model._meta.model_name: {
            field.name
            for field in model._meta.concrete_fields
            if any(word in field.name for word in WORDS)
        }
        - HARMLESS
        for model in models
    }
    # Of a table without any, nothing needs to be named.
    assert {name: columns for name, columns in found.items() if columns} == {
        name: columns for name, columns in SECRET_COLUMNS.items() if columns
    }


@pytest.fixture
def stored(world) -> dict[str, str]:
    """What stands in each column of ada's rows, by its name."""
    token_of(world.ada, *ALL_SCOPES)
    digest = "b7" * 32
    Session.objects.filter(pk=world.session.pk).update(
        credentials_digest=digest, django_key_digest=digest, current_fingerprint=digest[:32]
    )
    Device.objects.filter(pk=world.device.pk).update(key_digest=digest)
    SessionDevice.objects.filter(session=world.session.pk).update(fingerprint=digest[:32])
    SessionToken.objects.create(
        session=world.session, digest=digest, hint=digest[:4], key_id=digest[:8]
    )
    AuthenticationMethod.objects.filter(session=world.session.pk).update(
        provider_access_token=digest, provider_refresh_token=digest
    )
    return {"right": "b", "wrong": "c"}


LISTS = [call for call in TABLE.values() if call.verb == "GET" and "jwks" not in call.path]
# Two that are no lists, and answer a fixed set of parameters.
NO_LISTS = {
    "sessions/<pk>/",
    "sessions/current/",
    "devices/<pk>/",
    "staff/sessions/<pk>/",
}
PROBES = sorted(
    {
        f"{name}{lookup}"
        for kind in ("session", "device", "authenticationmethod")
        for name in ways_to_secrets(kind)
        for lookup in LOOKUPS
    }
)
SEARCHES = ("search", "q", "query", "filter", "filters", "where", "o", "sort", "include")


def asker(world: Any, path: str) -> Any:
    """Whoever sees most of this."""
    if path.startswith("staff/"):
        return token_of(make_staff("root", is_superuser=True), *ALL_SCOPES)
    return token_of(world.ada, *ALL_SCOPES)


@pytest.mark.parametrize("path", sorted({call.path for call in LISTS} - NO_LISTS))
class TestEachListOfTheApi:
    def test_takes_no_filter_by_a_secret(self, path, world, stored):
        client = asker(world, path)
        whole = world.ask(client, "GET", path, {})
        assert whole.status_code == 200
        for name in (*PROBES, *SEARCHES):
            refused = world.ask(client, "GET", f"{path}?{name}={stored['right']}", {})
            assert refused.status_code == 400, name
            assert list(refused.json()["errors"]) == [name]
            other = world.ask(client, "GET", f"{path}?{name}={stored['wrong']}", {})
            assert refused.content == other.content

    @pytest.mark.parametrize("parameter", ["ordering", "expand", "fields"])
    def test_orders_expands_and_selects_no_secret(self, parameter, path, world, stored):
        client = asker(world, path)
        for name in sorted({one for kind in TO_USER for one in ways_to_secrets(kind)}):
            for written in (name, f"-{name}", f"id,{name}"):
                response = world.ask(client, "GET", f"{path}?{parameter}={written}", {})
                assert response.status_code == 400, (parameter, written)
                assert list(response.json()["errors"]) == [parameter]

    def test_pages_by_nothing_but_an_id(self, path, world, stored):
        """The cursor says where a page begins; nobody else's row is shown by making one up."""
        client = asker(world, path)
        for cursor in ("b", "YjdiN2I3", "cD1iN2I3YjdiNw==", "cj0xJnA9Yjc=", "\x00", "é"):
            response = world.ask(client, "GET", f"{path}?cursor={cursor}", {})
            assert response.status_code in {200, 400, 404}
            # A random id may have these digits too.
            assert "b7b7" not in UUID.sub("", response.content.decode())


@pytest.mark.parametrize("path", sorted(NO_LISTS))
def test_an_answer_about_one_row_does_not_depend_on_such_parameters(path, world, stored):
    client = asker(world, path)
    if path == "sessions/current/":
        # It selects keys, and refuses those there are not.
        for name in ("fields", "expand"):
            assert world.ask(client, "GET", f"{path}?{name}=tokens", {}).status_code == 400
    plain = world.ask(client, "GET", path, {}).json()
    assert plain["object"] in {"session", "device"}
    for name in (*PROBES[::8], *SEARCHES, "ordering"):
        for value in stored.values():
            response = world.ask(client, "GET", f"{path}?{name}={value}", {})
            assert response.status_code == 400 or response.json() == plain, name


def test_ending_by_conditions_takes_none_on_a_secret(world, stored):
    client = asker(world, "staff/")
    for name in PROBES:
        for value in stored.values():
            body = {name: value, "dry_run": True}
            response = world.ask(client, "POST", "staff/sessions/end/", body)
            assert (response.status_code, list(response.json()["errors"])) == (400, [name])


@pytest.mark.urls("tests.admin.site")
class TestTheAdmin:
    URLS = {
        "session": "/admin/sessions_hub/session/",
        "device": "/admin/sessions_hub/device/",
        "authenticationmethod": "/admin/sessions_hub/authenticationmethod/",
    }

    @pytest.fixture
    def root(self, sign_in) -> Client:
        client = Client()
        client.force_login(make_staff("root", is_superuser=True))
        return client

    def url_of(self, kind: str) -> str:
        user = get_user_model()._meta
        return self.URLS.get(kind, f"/admin/{user.app_label}/{user.model_name}/")

    @pytest.mark.parametrize("kind", WAYS)
    def test_no_list_is_filtered_by_a_secret(self, kind, root, world, stored):
        url = self.url_of(kind)
        assert root.get(url).status_code == 200
        for name in ways_to_secrets(kind):
            for lookup in LOOKUPS:
                response = root.get(url, {f"{name}{lookup}": stored["right"]})
                assert response.status_code == 400, f"{name}{lookup}"
        assert root.get(url, {"password__startswith": "b"}).status_code == 400

    @pytest.mark.parametrize("kind", URLS)
    def test_nor_ordered_searched_or_looked_up_by_one(self, kind, root, world, stored):
        url = self.URLS[kind]
        for name in ways_to_secrets(kind):
            assert root.get(url, {"_to_field": name, "_popup": 1}).status_code == 400, name
        digest = "b7" * 32
        # Nothing is found by a secret, whole or in part, right or wrong.
        terms = (digest, digest[:32], digest[:8], "b7b7", "c", f"credentials_digest:{digest}")
        pages = [root.get(url, {"q": term}).context["cl"] for term in terms]
        assert {page.result_count for page in pages} == {0}
        first = [str(row.pk) for row in root.get(url).context["cl"].result_list]
        for order in ("1", "-1", "2.-3", "99", "credentials_digest"):
            page = root.get(url, {"o": order}).context["cl"].result_list
            # By id, this way or the other.
            assert [str(row.pk) for row in page] in (first, first[::-1]), order
        assert root.get(f"{url}{digest}/change/").status_code == 302

    @pytest.mark.parametrize("kind", URLS)
    def test_choosing_one_in_a_form_looks_at_names_alone(self, kind, root, world, stored):
        given = {"app_label": "sessions_hub", "model_name": kind, "field_name": "user"}
        for term in ("b7b7", "zq9"):
            response = root.get("/admin/autocomplete/", {**given, "term": term})
            assert response.status_code == 403 or response.json()["results"] == []
