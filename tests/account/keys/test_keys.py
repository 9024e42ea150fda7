"""The page that asks again, answered with security keys and passkeys."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from sessions_hub.lifecycle.available import askable, available_level
from sessions_hub.lifecycle.own_actions import END_SESSION
from sessions_hub.models import AuthenticationMethod, Session
from tests.account.conftest import PASSWORD, START, URL, fields, row, token
from tests.contract.browser import Browser
from tests.lifecycle.stores import cookie_of, with_cookie
from tests.lifecycle.test_query_counts import Statements

from .soft_key import BE, SoftKey

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BOUND, SYNCED = SoftKey(), SoftKey(synced=True)
PASSKEY, SYNCED_PASSKEY = SoftKey(passkey=True), SoftKey(passkey=True, synced=True)


class TestLevels:
    """Requirements of NIST SP 800-63B-4 §2.1 to §2.3 as `assurance.py` has them."""

    @pytest.mark.parametrize(
        ("key", "verified", "level", "method"),
        [
            (BOUND, False, 3, "webauthn"),
            (BOUND, True, 3, "webauthn"),
            (SYNCED, False, 2, "webauthn"),
            (SYNCED, True, 2, "webauthn"),
            (PASSKEY, False, 3, "passkey"),
            (SYNCED_PASSKEY, False, 2, "passkey"),
            (SYNCED_PASSKEY, True, 2, "passkey"),
        ],
    )
    def test_beside_a_password(self, browser, ada, use, key, verified, level, method):
        factor = key.register(ada)
        assert use(browser, key, verified=verified) == 302
        assert row().assurance_level == level
        proof = AuthenticationMethod.objects.exclude(method="password").get()
        assert (proof.method, proof.user_verified, proof.backup_eligible, proof.factor) == (
            method,
            verified,
            key.synced,
            f"allauth:mfa.authenticator/{factor.pk}",
        )
        assert row().mfa_updated_at == START

    @pytest.mark.parametrize(
        ("key", "verified", "level"),
        [
            (BOUND, False, 1),
            (BOUND, True, 3),
            (SYNCED, False, 1),
            (SYNCED, True, 2),
            (PASSKEY, False, 1),
            (PASSKEY, True, 3),
            (SYNCED_PASSKEY, False, 1),
            (SYNCED_PASSKEY, True, 2),
        ],
    )
    def test_alone(self, clock, keyed, ada, use, key, verified, level):
        key.register(ada)
        assert use(keyed, key, verified=verified) == 302
        assert row().assurance_level == level

    def test_a_key_that_says_it_is_synced_only_now_is_taken_for_synced(self, browser, ada, use):
        BOUND.register(ada)
        assert use(browser, BOUND, flags=0x01 | BE) == 302
        assert row().assurance_level == 2

    def test_aal2_asks_a_lone_key_to_verify_its_user_and_takes_nothing_less(
        self, clock, keyed, ada, begin, use
    ):
        PASSKEY.register(ada)
        _, options = begin(keyed, "?level=aal2")
        assert options["publicKey"]["userVerification"] == "required"
        before = Session.objects.values().get()
        assert use(keyed, PASSKEY, "?level=aal2", verified=False) == 200
        assert Session.objects.values().get() == before
        clock.shift(MINUTE)
        assert use(keyed, PASSKEY, "?level=aal2") == 302
        assert row().assurance_level == 3

    def test_beside_a_password_aal2_leaves_that_to_the_site(self, browser, ada, begin):
        BOUND.register(ada)
        assert begin(browser, "?level=aal2")[1]["publicKey"]["userVerification"] == "preferred"

    def test_aal3_takes_keys_that_are_bound_alone(self, clock, browser, ada, begin):
        BOUND.register(ada)
        SYNCED.register(ada)
        ids = [one["id"] for one in begin(browser)[1]["publicKey"]["allowCredentials"]]
        assert len(ids) == 2
        form, options = begin(browser, "?level=aal3")
        (one,) = options["publicKey"]["allowCredentials"]
        assert one["id"] == json.loads(BOUND.answer(options))["id"]
        sent = {**form, "credential": SYNCED.answer(options)}
        assert browser.post(URL, sent).status_code == 200
        assert AuthenticationMethod.objects.count() == 1

    def test_password_and_key_where_neither_is_known(self, clock, browser, ada, use):
        BOUND.register(ada)
        AuthenticationMethod.objects.update(method="unknown")
        Session.objects.update(assurance_level=0)
        how = {"query": "?level=aal3", "verified": False}
        for typed in ({}, {"password": "wrong"}):
            assert use(browser, BOUND, typed=typed, **how) == 200
        assert AuthenticationMethod.objects.count() == 1
        clock.shift(MINUTE)
        assert use(browser, BOUND, typed={"password": PASSWORD}, **how) == 302
        assert row().assurance_level == 3
        assert row().fully_authenticated_at == START + MINUTE

    def test_a_password_alone_is_not_what_the_level_lacks(self, browser, ada, answer):
        BOUND.register(ada)
        response = answer(browser, "?level=aal2", password=PASSWORD)
        assert response.status_code == 200
        assert "takes a code or a key as well" in response.content.decode()
        assert AuthenticationMethod.objects.count() == 1

    def test_a_removed_key_lowers_the_session_it_proved(self, browser, ada, use):
        factor = BOUND.register(ada)
        use(browser, BOUND)
        factor.delete()
        assert row().assurance_level == 1


class TestTooLongAgo:
    """After the cap of the level it would raise the session to; see test_too_long_ago.py."""

    @pytest.fixture(autouse=True)
    def late(self, settings, clock, browser, ada) -> None:
        settings.SESSIONS_HUB_LIMITS = "nist"
        Session.objects.update(expires_at=START + 30 * DAY)
        clock.move_to(START + DAY)

    def test_a_key_is_asked_to_verify_its_user(self, browser, ada, use):
        SYNCED.register(ada)
        assert use(browser, SYNCED, "?level=aal2", verified=False) == 200
        assert AuthenticationMethod.objects.count() == 1
        assert row().fully_authenticated_at == START
        assert browser.whoami() == "ada"

    def test_one_that_did_is_a_full_proof(self, clock, browser, ada, use):
        SYNCED.register(ada)
        assert use(browser, SYNCED, "?level=aal2") == 302
        assert row().fully_authenticated_at == START + DAY
        assert browser.whoami() == "ada"

    def test_or_takes_the_password_beside_it(self, browser, ada, use):
        SYNCED.register(ada)
        given = {"typed": {"password": PASSWORD}, "verified": False}
        assert use(browser, SYNCED, "?level=aal2", **given) == 302
        assert row().fully_authenticated_at == START + DAY

    def test_a_code_alone_is_not_even_used_up(self, browser, ada, device, answer):
        # The page insists on no password: a key that verifies its user would do alone.
        SYNCED.register(ada)
        code = token(device)
        for level in ("aal1", "aal2"):
            response = answer(browser, f"?level={level}", code=code)
            assert "too long" in response.content.decode()
        assert answer(browser, "?level=aal2", code=code, password=PASSWORD).status_code == 302
        assert row().fully_authenticated_at == START + DAY

    def test_what_the_key_did_not_do_is_seen_under_the_lock(self, browser, ada, begin):
        SYNCED.register(ada)
        # Asked as if the password came with it, and sent without.
        form, options = begin(browser, with_password="1")
        assert options["publicKey"]["userVerification"] == "preferred"
        response = browser.post(URL, {**form, "credential": SYNCED.answer(options, verified=False)})
        assert response.status_code == 200
        assert "too long" in response.content.decode()
        assert AuthenticationMethod.objects.count() == 1
        assert browser.whoami() == "ada"


class TestAProof:
    def test_changes_the_key_and_moves_the_times(self, clock, browser, ada, use):
        BOUND.register(ada)
        stolen = cookie_of(browser)
        clock.shift(MINUTE)
        assert use(browser, BOUND, "?next=/whoami/") == 302
        assert row().authenticated_at == START + MINUTE
        assert row().fully_authenticated_at == START + MINUTE
        assert with_cookie(stolen).whoami() is None
        assert browser.whoami() == "ada"
        assert Authenticator.objects.get().last_used_at == START + MINUTE

    def test_less_than_the_session_is_no_full_one(self, clock, keyed, ada, use):
        PASSKEY.register(ada)
        use(keyed, PASSKEY)
        for minutes, verified, full in ((1, False, START), (2, True, START + 2 * MINUTE)):
            clock.move_to(START + minutes * MINUTE)
            assert use(keyed, PASSKEY, verified=verified) == 302
            assert row().authenticated_at == START + minutes * MINUTE
            assert row().fully_authenticated_at == full

    def test_ends_a_demand(self, clock, browser, ada, use):
        BOUND.register(ada)
        Session.objects.update(proof_required_at=START)
        assert use(browser, BOUND) == 302
        assert row().proof_required_at is None

    def test_over_asgi(self, clock, ada, use):
        BOUND.register(ada)
        browser = Browser("async")
        browser.sign_in("ada")
        assert use(browser, BOUND) == 302
        assert row().assurance_level == 3


class TestThePage:
    def test_offers_a_key_to_who_has_one(self, browser, ada):
        assert "credential" not in fields(browser.get(URL))
        BOUND.register(ada)
        page = browser.get(URL).content.decode()
        assert 'name="credential"' in page
        assert '<script src="/static/sessions_hub/security_key.js" defer></script>' in page
        assert "with JavaScript only" in page
        for inline in ("<style", " style=", " onclick", "javascript:"):
            assert inline not in page
        assert page.count("<script") == 1

    def test_goes_on_taking_the_rest(self, browser, ada, answer):
        BOUND.register(ada)
        assert answer(browser, password=PASSWORD).status_code == 302
        assert answer(browser).status_code == 200

    def test_a_get_writes_nothing(self, browser, ada):
        BOUND.register(ada)
        browser.get(URL)
        with Statements() as ran:
            assert browser.get(URL + "?level=aal2").status_code == 200
        assert ran.writes == []

    def test_of_a_user_with_a_key_alone_has_nothing_to_type(self, clock, keyed, ada):
        PASSKEY.register(ada)
        page = keyed.get(URL).content.decode()
        assert 'type="submit"' not in page
        assert "data-sessions-hub-key" in page
        assert not {"password", "code"} & set(fields(keyed.get(URL)))

    def test_where_the_site_has_turned_keys_off(self, settings, clock, keyed, ada):
        PASSKEY.register(ada)
        assert askable(ada)
        settings.MFA_SUPPORTED_TYPES = ["totp"]
        assert askable(ada) == []
        assert keyed.get(URL).status_code == 403

    def test_an_impersonator_asks_for_no_key(self, browser, ada, bob, monkeypatch):
        from sessions_hub.lifecycle import enforce

        BOUND.register(ada)
        monkeypatch.setattr(enforce, "_may_go_on", lambda *args: True)
        form = fields(browser.get(URL))
        Session.objects.update(impersonator=bob)
        assert browser.post(URL, {**form, "begin": "key"}).status_code == 403


def test_a_user_with_a_key_alone_is_asked_before_other_sessions_end(rf, clock, keyed, ada):
    from sessions_hub.lifecycle.own_actions import proof_needed

    request = rf.get("/")
    request.user, request.session = ada, {}
    assert proof_needed(request, END_SESSION) is None
    PASSKEY.register(ada)
    assert available_level(ada) == 3
    assert proof_needed(request, END_SESSION) is not None
