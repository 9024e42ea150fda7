"""The page that asks again, with a device that sends its code."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.models import AssuranceLevel, AuthenticationMethod
from tests.contract.browser import Browser

from .conftest import PASSWORD, URL, row, token

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
HOUR = timedelta(hours=1)


class TestADeviceThatSendsItsCode:
    """As by mail or text message: bound to the session that asked (ASVS 6.6.3)."""

    @pytest.fixture
    def sent(self, monkeypatch) -> list[str]:
        """The devices that have sent a code."""
        sent: list[str] = []

        def generate_challenge(self):
            sent.append(self.persistent_id)
            return "sent"

        monkeypatch.setattr(TOTPDevice, "generate_challenge", generate_challenge)
        return sent

    def test_sends_it_when_asked_and_takes_it(self, browser, device, answer, sent):
        page = browser.get(URL).content.decode()
        key = f"otp:{device.persistent_id}"
        assert f'name="send" value="{key}"' in page
        response = answer(browser, send=key)
        assert response.status_code == 200
        assert "on its way" in response.content.decode()
        assert sent == [device.persistent_id]
        assert AuthenticationMethod.objects.count() == 1
        assert answer(browser, code=token(device)).status_code == 302
        assert row().assurance_level == AssuranceLevel.AAL2

    def test_a_code_another_session_asked_for_does_nothing(self, browser, device, answer, sent):
        other = Browser("sync")
        other.sign_in("ada")
        answer(other, send=f"otp:{device.persistent_id}")
        assert answer(browser, code=token(device)).status_code == 200
        assert AuthenticationMethod.objects.count() == 2

    def test_a_code_is_asked_for_anew_each_time(self, clock, browser, device, answer, sent):
        answer(browser, send=f"otp:{device.persistent_id}")
        answer(browser, code=token(device))
        clock.shift(HOUR / 2)
        assert answer(browser, code=token(device)).status_code == 200

    def test_nobody_elses_and_no_other_device_sends(self, browser, device, bob, answer, sent):
        theirs = TOTPDevice.objects.create(user=bob, confirmed=True)
        for key in (f"otp:{theirs.persistent_id}", "otp:x", ""):
            assert answer(browser, send=key).status_code == 429
        assert sent == []

    def test_needs_a_form_of_this_session(self, browser, device, answer, sent):
        response = answer(browser, send=f"otp:{device.persistent_id}", challenge="x")
        assert response.status_code == 400
        assert sent == []

    def test_is_limited(self, settings, browser, device, answer, sent):
        settings.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS = 2
        key = f"otp:{device.persistent_id}"
        assert [answer(browser, send=key).status_code for _ in range(3)] == [200, 200, 429]
        assert len(sent) == 2
        # Asking for codes uses up no answers.
        assert answer(browser, password=PASSWORD).status_code == 302

    @pytest.mark.parametrize("fault", ["cooldown", "mail"])
    def test_that_cannot_send_now_says_so(self, browser, device, answer, monkeypatch, sent, fault):
        def fail(self):
            raise OSError("the mail server is down")

        if fault == "mail":
            monkeypatch.setattr(TOTPDevice, "generate_challenge", fail)
        else:
            monkeypatch.setattr(TOTPDevice, "generate_is_allowed", lambda self: (False, {}))
        assert answer(browser, send=f"otp:{device.persistent_id}").status_code == 429
        assert sent == []
        assert answer(browser, code=token(device)).status_code == 200
