"""A session as a token, and the keys that verify it."""

from __future__ import annotations

from datetime import datetime

import jwt
import pytest
from django.test import Client
from django.utils import timezone

from sessions_hub.lifecycle.tokens import start_token_session
from sessions_hub.models import AuthenticationMethod, Session
from sessions_hub.understanding.methods import MethodClaim
from tests.credentials.conftest import entry
from tests.credentials.forging import AUDIENCE, ISSUER, kid_of, make_key

from .conftest import URL
from .signing import KEYS, token_of
from .signing import ask as ask
from .signing import site as site
from .signing import staff as staff
from .test_impersonation import acting as acting
from .test_problems import problem

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("site")]


class TestTokenizeAs:
    def test_the_session_as_shown_and_the_token_of_it(self, browser):
        shown = browser.get(f"{URL}current/").json()
        assert "tokenized" not in shown
        answer = browser.get(f"{URL}current/?tokenize_as=orders")
        assert answer["Cache-Control"] == "no-store"
        assert shown.keys() | {"tokenized"} == answer.json().keys()
        claims = jwt.decode(
            answer.json()["tokenized"],
            make_key("ES256").public_key,
            algorithms=["ES256"],
            audience=AUDIENCE,
            issuer=ISSUER,
        )
        assert claims["sid"] == shown["id"]
        assert claims["sub"] == shown["user_id"]
        assert (claims["acr"], claims["amr"]) == (shown["assurance_level"], shown["amr"])
        assert claims["exp"] <= datetime.fromisoformat(shown["expires_at"]).timestamp()

    def test_the_level_is_what_the_standing_proofs_give(self, browser):
        """As every other judgement of a session's assurance is made."""
        Session.objects.filter(pk=browser.session_id).update(assurance_level=2)
        AuthenticationMethod.objects.filter(session=browser.session_id).update(method="totp")
        claims = jwt.decode(token_of(browser), options={"verify_signature": False})
        assert (claims["acr"], claims["amr"]) == ("aal1", ["otp"])

    @pytest.mark.parametrize("name", ["", "Orders", "no", "\x00", "x" * 500])
    def test_an_unknown_template_is_400(self, name, browser):
        response = browser.get(f"{URL}current/", {"tokenize_as": name})
        assert response.status_code == 400
        assert response.json()["errors"] == {"tokenize_as": ["There is no such template."]}

    @pytest.mark.parametrize("keys", [[entry(state="retired")], [entry(key="/no/such/file")]])
    def test_a_missing_key_is_503_and_all_else_works(self, keys, site, browser):
        site(*keys)
        response = browser.get(f"{URL}current/?tokenize_as=orders")
        assert problem(response) == (503, "unavailable")
        assert response["Retry-After"]
        assert "such" not in response.content.decode()
        assert browser.get(f"{URL}current/").status_code == 200
        assert Client().get(KEYS).status_code == 200

    def test_a_session_that_gets_none_is_403(self, site, acting):
        site(impersonation=False)
        response = acting.get(f"{URL}current/?tokenize_as=orders")
        assert problem(response) == (403, "tokenize_impersonation")

    def test_whoever_acts_as_the_user_is_named(self, acting, ada, bob):
        claims = jwt.decode(token_of(acting), options={"verify_signature": False})
        assert (claims["sub"], claims["act"]) == (str(ada.pk), {"sub": str(bob.pk)})

    def test_nobody_is_401(self):
        assert Client().get(f"{URL}current/?tokenize_as=orders").status_code == 401

    def test_a_token_is_no_sign_in_here(self, browser):
        token = token_of(browser)
        for header in (f"Bearer {token}", token):
            assert Client(headers={"authorization": header}).get(URL).status_code == 401


class TestKeys:
    def test_everybody_may_have_them_and_keep_them(self, site):
        site(entry(), entry("EdDSA", state="published"), entry("PS256", state="retired"))
        response = Client().get(KEYS)
        assert response["Content-Type"] == "application/json"
        assert response["Cache-Control"] == "public, max-age=300"
        assert "Vary" not in response
        assert not response.cookies
        found = [key["kid"] for key in response.json()["keys"]]
        assert found == [kid_of("ES256"), kid_of("EdDSA"), kid_of("PS256")]

    @pytest.mark.parametrize("with_every_answer", [False, True])
    def test_no_answer_to_a_browser_is_kept_for_others(self, with_every_answer, settings, browser):
        """It may carry a cookie: SESSION_SAVE_EVERY_REQUEST, or a session that was extended."""
        settings.SESSION_SAVE_EVERY_REQUEST = with_every_answer
        response = browser.get(KEYS)
        assert response["Cache-Control"] == "private, max-age=300"
        assert bool(response.cookies) == with_every_answer
        # Later releases of Django say that a cookie varies; "private" is enough.
        assert with_every_answer or "Vary" not in response

    def test_costs_no_query(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert Client().get(KEYS).status_code == 200

    def test_a_site_without_keys_has_an_empty_set(self, settings):
        settings.SESSIONS_HUB_JWT_KEYS = []
        assert Client().get(KEYS).json() == {"keys": []}

    @pytest.mark.parametrize("verb", ["post", "put", "delete", "patch", "options"])
    def test_are_read_only(self, verb):
        assert getattr(Client(), verb)(KEYS).status_code == 405


def test_a_secret_without_scopes_makes_no_token_without_limits(ada):
    """To a service, no `scope` at all is a browser's session: one that may do everything."""
    issued = start_token_session(
        ada, [MethodClaim(method="password")], scopes=(), now=timezone.now()
    )
    headers = {"authorization": f"Bearer {issued.secret}"}
    answer = Client().get(f"{URL}current/", {"tokenize_as": "orders"}, headers=headers).json()
    claims = jwt.decode(answer["tokenized"], options={"verify_signature": False})
    assert claims["scope"] == ""
