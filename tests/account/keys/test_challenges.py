"""What a key is asked, and which answers are none."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.db import DatabaseError
from django.utils import timezone

from sessions_hub.lifecycle import ceremony
from sessions_hub.models import AuthenticationMethod, Session
from tests.account.conftest import PASSWORD, URL, fields, row
from tests.contract.browser import Browser
from tests.lifecycle.stores import change_store, cookie_of, store, with_cookie

from .soft_key import SoftKey

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
MINUTE = timedelta(minutes=1)
BOUND, SYNCED = SoftKey(), SoftKey(synced=True)
PASSKEY, SYNCED_PASSKEY = SoftKey(passkey=True), SoftKey(passkey=True, synced=True)


class TestTheChallenge:
    @pytest.mark.parametrize(("after", "status"), [(ceremony.OPEN, 200), (4 * MINUTE, 302)])
    def test_expires(self, clock, browser, ada, begin, after, status):
        BOUND.register(ada)
        form, options = begin(browser)
        clock.shift(after)
        sent = {**form, "credential": BOUND.answer(options)}
        assert browser.post(URL, sent).status_code == status

    def test_is_used_up_by_a_right_answer(self, clock, browser, ada, begin):
        BOUND.register(ada)
        form, options = begin(browser)
        answer = {"credential": BOUND.answer(options)}
        clock.shift(MINUTE)
        assert browser.post(URL, {**form, **answer}).status_code == 302
        assert browser.post(URL, {**form, **answer}).status_code == 400
        assert browser.post(URL, {**fields(browser.get(URL)), **answer}).status_code == 200
        assert AuthenticationMethod.objects.count() == 2

    def test_is_used_up_by_a_wrong_answer(self, browser, ada, begin):
        BOUND.register(ada)
        form, options = begin(browser)
        for answer in (SoftKey(id=BOUND.id).answer(options), BOUND.answer(options)):
            assert browser.post(URL, {**form, "credential": answer}).status_code == 200
        assert AuthenticationMethod.objects.count() == 1

    @pytest.mark.parametrize("skew", [timedelta(0), -MINUTE], ids=["", "a clock that lags"])
    def test_is_good_once_also_when_answers_come_together(self, clock, browser, ada, begin, skew):
        BOUND.register(ada)
        _, options = begin(browser)
        answer, session = BOUND.answer(options), row()
        proofs = []
        for _ in range(2):
            # Both requests have read the session before the other has written it.
            request = SimpleNamespace(
                session=store(cookie_of(browser)), get_host=lambda: "testserver", user=ada
            )
            now = timezone.now() + skew
            proofs.append(ceremony.prove_by_key(request, session, ada, answer, now=now))
        assert [proof is None for proof in proofs] == [False, True]

    def test_comes_back_with_no_older_cookie(self, engine, ada, begin):
        BOUND.register(ada)
        browser = Browser("sync")
        browser.sign_in("ada")
        form, options = begin(browser)
        sent = {**form, "credential": BOUND.answer(options)}
        older = with_cookie(cookie_of(browser))
        assert browser.post(URL, sent).status_code == 302
        older.post(URL, sent)
        again = fields(browser.get(URL))
        older.post(URL, {**sent, "challenge": again["challenge"]})
        assert AuthenticationMethod.objects.count() == 2
        assert browser.whoami() == "ada"

    def test_of_another_session_does_nothing(self, clock, browser, ada, begin):
        BOUND.register(ada)
        other = Browser("sync")
        other.sign_in("ada")
        _, options = begin(other)
        form = fields(browser.get(URL))
        answer = {"credential": BOUND.answer(options)}
        assert browser.post(URL, {**form, **answer}).status_code == 200
        # Nor when what the one was asked is copied into the other.
        asked = store(cookie_of(other))[ceremony._KEY]
        change_store(browser, **{ceremony._KEY: asked})
        assert browser.post(URL, {**form, **answer}).status_code == 200
        assert AuthenticationMethod.objects.count() == 2

    def test_from_before_another_proof_does_nothing(self, clock, browser, ada, begin, answer):
        BOUND.register(ada)
        _, options = begin(browser)
        clock.shift(MINUTE)
        assert answer(browser, password=PASSWORD).status_code == 302
        assert answer(browser, credential=BOUND.answer(options)).status_code == 200

    def test_of_allauths_own_pages_is_another_one(self, browser, ada, begin):
        BOUND.register(ada)
        theirs = {"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "user_verification": "preferred"}
        change_store(browser, **{"mfa.webauthn.state": theirs})
        form = fields(browser.get(URL))
        answer = BOUND.answer({"publicKey": theirs})
        assert browser.post(URL, {**form, "credential": answer}).status_code == 200
        form, options = begin(browser)
        assert store(cookie_of(browser))["mfa.webauthn.state"] == theirs
        assert browser.post(URL, {**form, "credential": BOUND.answer(options)}).status_code == 302
        assert store(cookie_of(browser))["mfa.webauthn.state"] == theirs

    @pytest.mark.parametrize("challenge", ["", "x"])
    def test_is_made_for_a_form_of_this_session_alone(self, browser, ada, challenge):
        BOUND.register(ada)
        form = fields(browser.get(URL))
        sent = {**form, "challenge": challenge, "begin": "key"}
        assert browser.post(URL, sent).status_code == 400


class TestAWrongAnswer:
    @pytest.mark.parametrize(
        "how",
        [
            {"origin": "https://evil.example"},
            {"origin": "http://testserver"},
            {"kind": "webauthn.create"},
            {"flags": 0},
            {"rp_id": "evil.example"},
        ],
        ids=str,
    )
    def test_proves_nothing(self, browser, ada, use, how):
        BOUND.register(ada)
        before = Session.objects.values().get()
        assert use(browser, BOUND, **how) == 200
        assert AuthenticationMethod.objects.count() == 1
        assert Session.objects.values().get() == before
        assert Authenticator.objects.get().last_used_at is None

    @pytest.mark.parametrize(
        "change",
        [
            lambda told: "",
            lambda told: "null",
            lambda told: "[" * 9000,
            lambda told: "x",
            lambda told: "[]",
            lambda told: "{}",
            lambda told: json.dumps({**told, "rawId": "other"}),
            lambda told: json.dumps({**told, "rawId": 7, "id": 7}),
            lambda told: json.dumps({**told, "response": None}),
            lambda told: json.dumps({**told, "response": []}),
            *(
                lambda told, name=name, value=value: json.dumps(
                    {**told, "response": {**told["response"], name: value}}
                )
                for name in ("clientDataJSON", "authenticatorData", "signature")
                for value in (None, "", "AAAA", "\u00e9", 7, {}, "=" * 5)
            ),
        ],
    )
    def test_that_is_malformed_is_no_error(self, browser, ada, begin, change):
        BOUND.register(ada)
        form, options = begin(browser)
        answer = change(json.loads(BOUND.answer(options)))
        assert browser.post(URL, {**form, "credential": answer}).status_code == 200
        assert AuthenticationMethod.objects.count() == 1

    def test_another_users_key_does_nothing(self, browser, ada, bob, use):
        BOUND.register(ada)
        PASSKEY.register(bob)
        assert use(browser, PASSKEY) == 200
        # Nor under the name of one's own.
        assert use(browser, SoftKey(id=BOUND.id, private=PASSKEY.private)) == 200
        assert AuthenticationMethod.objects.count() == 1
        assert browser.whoami() == "ada"

    @pytest.mark.parametrize("how", ["deleted", "given away"])
    def test_a_key_that_is_lost_meanwhile_does_nothing(self, browser, ada, bob, begin, how):
        factor = BOUND.register(ada)
        SYNCED.register(ada)
        form, options = begin(browser)
        if how == "deleted":
            factor.delete()
        else:
            Authenticator.objects.filter(pk=factor.pk).update(user=bob)
        sent = {**form, "credential": BOUND.answer(options)}
        assert browser.post(URL, sent).status_code == 200
        assert AuthenticationMethod.objects.count() == 1

    def test_beside_a_right_one_proves_nothing(self, browser, ada, use):
        BOUND.register(ada)
        assert use(browser, BOUND, typed={"password": "wrong"}) == 200
        assert use(browser, BOUND, typed={"password": PASSWORD}, flags=0) == 200
        assert AuthenticationMethod.objects.count() == 1

    def test_without_the_password_it_was_said_to_come_with_raises_nothing(
        self, clock, browser, ada, begin
    ):
        # The page's script says whether one was typed, and is the browser's to change.
        BOUND.register(ada)
        AuthenticationMethod.objects.update(method="webauthn")
        form, options = begin(browser, "?level=aal2", with_password="1")
        sent = {**form, "credential": BOUND.answer(options, verified=False)}
        assert browser.post(URL, sent).status_code in (200, 302)
        assert row().assurance_level == 1

    def test_counts_as_an_attempt(self, settings, browser, ada, use):
        settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 3
        BOUND.register(ada)
        assert [use(browser, BOUND, flags=0) for _ in range(3)] == [200] * 3
        assert use(browser, BOUND) == 429
        assert AuthenticationMethod.objects.count() == 1

    @pytest.mark.parametrize("what", ["begin", "complete"])
    def test_a_database_that_fails_is_503(self, browser, ada, begin, monkeypatch, what):
        def fail(*args, **kwargs):
            raise DatabaseError("gone")

        BOUND.register(ada)
        form, options = begin(browser)
        monkeypatch.setattr(f"sessions_hub.lifecycle.factors.{what}", fail)
        sent = {"begin": "key"} if what == "begin" else {"credential": BOUND.answer(options)}
        assert browser.post(URL, {**form, **sent}).status_code == 503
        assert browser.whoami() == "ada"

    def test_keys_that_cannot_be_read_are_not_asked_for(self, browser, ada):
        factor = BOUND.register(ada)
        factor.data["credential"]["response"]["attestationObject"] = "AAAA"
        factor.save()
        form = fields(browser.get(URL))
        assert browser.post(URL, {**form, "begin": "key"}).status_code == 400
