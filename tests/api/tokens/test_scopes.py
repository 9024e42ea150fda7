"""What a token may do: the scopes it has, in this API and in a site's own views."""

from __future__ import annotations

import pytest
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from sessions_hub.api.authentication import SessionTokenAuthentication
from sessions_hub.api.permissions import HasScope, assurance_required, scope_required
from sessions_hub.lifecycle.bearer import Bearer
from sessions_hub.models import Session
from tests.api.conftest import URL

pytestmark = pytest.mark.django_db(databases="__all__")

READ, WRITE = "sessions:read", "sessions:write"


@pytest.mark.parametrize(
    ("scopes", "verb", "path", "status"),
    [
        ((), "get", f"{URL}current/", 200),
        ((), "post", f"{URL}current/rotate/", 200),
        ((), "get", URL, 403),
        ((), "get", f"{URL}no/", 403),
        ((), "delete", f"{URL}no/", 403),
        ((), "post", f"{URL}end-others/", 403),
        ((), "post", URL, 403),
        ((READ,), "get", URL, 200),
        ((READ,), "get", f"{URL}no/", 404),
        ((READ,), "delete", f"{URL}no/", 403),
        ((READ,), "post", f"{URL}end-others/", 403),
        ((READ,), "post", URL, 403),
        ((WRITE,), "get", URL, 403),
        ((WRITE,), "delete", f"{URL}no/", 404),
        ((WRITE,), "post", f"{URL}end-others/", 200),
        ((WRITE,), "post", URL, 201),
        (("devices:read", "staff"), "get", URL, 403),
    ],
)
def test_an_action_asks_for_its_scope(program, scopes, verb, path, status):
    response = program(*scopes).call(verb, path, {} if verb == "post" else None)
    assert response.status_code == status, response.content
    if status == 403:
        assert response.json()["code"] == "insufficient_scope"
        wanted = response.json()["scope"]
        assert response["WWW-Authenticate"] == (
            f'Bearer error="insufficient_scope", scope="{wanted}"'
        )


def test_a_web_session_needs_none(browser):
    assert browser.get(URL).status_code == 200


def test_end_others_spares_the_token_s_own_session(ada, program, other_session):
    other = other_session(ada)
    mine = program(WRITE)
    assert mine.call("post", f"{URL}end-others/").json() == {"ended": 1}
    other.refresh_from_db()
    assert not other.is_active()
    assert mine.whoami().status_code == 200


class Orders(APIView):
    """A view of a site's own."""

    authentication_classes = (SessionTokenAuthentication,)
    permission_classes = (IsAuthenticated, scope_required("orders:read"))

    def get(self, request):
        assert isinstance(request.auth, Bearer)
        return Response(
            {
                "user": request.user.get_username(),
                "session": str(request.auth.session_id),
                "name": request.auth.name,
            }
        )


def ask(view, secret):
    request = APIRequestFactory().get("/", headers={"authorization": f"Bearer {secret}"})
    return view.as_view()(request)


class TestInAViewOfTheSitesOwn:
    def test_a_token_with_the_scope_gets_in(self, issue):
        issued = issue("orders:read", name="shop")
        response = ask(Orders, issued.secret)
        assert response.data == {"user": "ada", "session": str(issued.session.pk), "name": "shop"}

    @pytest.mark.parametrize("scopes", [(), ("orders:write",), ("sessions:read",)])
    def test_one_without_does_not(self, issue, scopes):
        response = ask(Orders, issue(*scopes).secret)
        assert response.status_code == 403
        assert 'scope="orders:read"' in response["WWW-Authenticate"]

    def test_tokens_of_other_packages_are_left_to_them(self, db):
        assert ask(Orders, "eyJhbGciOi.x.y").status_code == 401

        class Both(Orders):
            permission_classes = (HasScope,)

        request = APIRequestFactory().get("/", headers={"authorization": "Bearer eyJ.x.y"})
        assert SessionTokenAuthentication().authenticate(Both().initialize_request(request)) is None

    def test_without_declared_scopes_a_token_is_kept_out(self, issue):
        class Undeclared(Orders):
            permission_classes = (HasScope,)

        assert ask(Undeclared, issue("orders:read").secret).status_code == 403

    @pytest.mark.parametrize(("level", "status"), [("aal1", 200), ("aal2", 401)])
    def test_a_token_has_proven_what_its_session_has(self, issue, level, status):
        class Guarded(Orders):
            permission_classes = (assurance_required(level),)

        response = ask(Guarded, issue("orders:read").secret)
        assert response.status_code == status

    def test_an_ended_session_has_proven_nothing(self, issue):
        secret = issue("orders:read").secret
        Session.objects.all().delete()
        assert ask(Orders, secret).status_code == 401
