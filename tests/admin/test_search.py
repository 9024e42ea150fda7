"""The search box takes whole values, and an unreadable one finds nothing."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model

from .conftest import make_device, make_session, make_user

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

URL = "/admin/sessions_hub/session/"


@pytest.fixture
def found(root):
    """What a search finds, by the names the sessions were given."""

    def search(term, url=URL):
        response = root.get(url, {"q": term})
        assert response.status_code == 200
        return set(re.findall(r"<bdi>(X\w+)", response.content.decode()))

    return search


@pytest.fixture
def sessions(user):
    bob = make_user("bob", email="bob@example.org")
    return {
        "Xalice": make_session(user, name="Xalice", ip="192.0.2.7"),
        "Xbob": make_session(bob, name="Xbob", ip="192.0.2.200"),
        "Xsix": make_session(bob, name="Xsix", ip="2001:db8::7"),
    }


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("alice", {"Xalice"}),
        (" alice ", {"Xalice"}),
        ("alic", set()),
        ("bob@example.org", {"Xbob", "Xsix"}),
        ("@example.org", set()),
        ("192.0.2.7", {"Xalice"}),
        ("192.0.2.0/24", {"Xalice", "Xbob"}),
        ("192.0.2.77/25", {"Xalice"}),
        ("2001:DB8::/32", {"Xsix"}),
        ("2001:db8:0:0::7", {"Xsix"}),
        ("0.0.0.0/0", {"Xalice", "Xbob"}),
        ("198.51.100.1", set()),
        ("192.0.2.0/99", set()),
        ("192.0.2", set()),
        ("%", set()),
        ("'; DROP TABLE x --", set()),
        ("9" * 200, set()),
        ("\u202ealice", set()),
    ],
)
def test_a_whole_value_finds_its_sessions(found, sessions, term, names):
    assert found(term) == names


@pytest.mark.parametrize("form", [str, lambda pk: pk.hex, lambda pk: str(pk).upper()])
def test_an_id_finds_its_session(found, sessions, form):
    assert found(form(sessions["Xbob"].pk)) == {"Xbob"}


def test_a_digest_finds_nothing(found, sessions):
    session = sessions["Xalice"]
    assert found(session.credentials_digest) == set()
    assert found(session.current_fingerprint) == set()


def test_a_null_character_is_refused_as_django_does(root, sessions):
    response = root.get(URL, {"q": "\0"})
    assert (
        response.status_code == 302
        or b"Xalice" not in response.content
        or (b"Null characters are not allowed" in response.content)
    )


def test_devices_and_proofs_are_searched_by_user(root, found, user, sessions):
    make_device(user, name="Xlaptop")
    assert found("alice", "/admin/sessions_hub/device/") == {"Xlaptop"}
    assert found("bob", "/admin/sessions_hub/device/") == set()
    response = root.get("/admin/sessions_hub/authenticationmethod/", {"q": "alice"})
    assert response.context["cl"].result_count == 1
    assert b"Xalice" in response.content


def test_the_box_says_what_it_takes(root, sessions):
    assert b"192.0.2.0/24" in root.get(URL).content


def test_the_name_a_user_signs_in_with_is_the_one_searched(found, sessions):
    assert get_user_model().USERNAME_FIELD == "username"
    assert found("bob") == {"Xbob", "Xsix"}
