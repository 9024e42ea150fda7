"""How alike refusals on the routes for staff are, and what they leave behind.

Who is answered what stands in `tests/api/routes/answers.txt`.
"""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth import get_user_model

from sessions_hub.models import Session

from .conftest import SESSIONS, STAFF, make_staff

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("get", SESSIONS + "{id}/"),
        ("delete", SESSIONS + "{id}/"),
        ("post", SESSIONS + "{id}/extend/"),
        ("post", STAFF + "users/{id}/impersonate/"),
    ],
)
def test_unknown_and_malformed_ids_get_the_same_bytes(verb, path, desk):
    def answer(key):
        response = getattr(desk, verb)(
            path.format(id=key),
            **({"data": {}, "content_type": "application/json"} if verb == "post" else {}),
        )
        return response.status_code, response.content

    unknown = answer(uuid.uuid4())
    assert unknown[0] == 404
    for malformed in ["no", "a.b", "%00", "0" * 300, "9" * 30, "é"]:
        assert answer(malformed) == unknown, malformed


def test_who_lacks_the_permission_learns_nothing_of_an_id(ada, sign_in, other_session):
    carl = sign_in(make_staff("carl", "view_device"))
    known, unknown = other_session(ada).pk, uuid.uuid4()
    answers = [carl.get(f"{SESSIONS}{key}/") for key in (known, unknown)]
    assert answers[0].content == answers[1].content
    assert {one.status_code for one in answers} == {403}


def test_a_refusal_is_logged_with_who_was_refused_what(sign_in, caplog):
    caplog.set_level("WARNING", "sessions_hub")
    carl = make_staff("carl")
    sign_in(carl).post(f"{SESSIONS}end/", {}, content_type="application/json")
    (event,) = [one for one in caplog.records if one.getMessage().startswith("access.denied")]
    assert (event.user_id, event.action, event.reason) == (str(carl.pk), "end", "permission_denied")
    assert event.address == "127.0.0.1"


def test_nothing_is_written_by_a_read(ada, desk, other_session):
    session = other_session(ada)
    desk.get(SESSIONS)
    before = list(Session.objects.order_by("pk").values())
    for path in (SESSIONS, f"{SESSIONS}{session.pk}/", f"{STAFF}devices/"):
        assert desk.get(path).status_code == 200
    assert list(Session.objects.order_by("pk").values()) == before
    assert get_user_model()._default_manager.filter(pk=ada.pk).exists()
