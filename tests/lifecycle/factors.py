"""Proofs by factors: what is added to a session, and what is stored of it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub.lifecycle import MethodClaim
from sessions_hub.lifecycle.step_up import add_proofs
from sessions_hub.models import AuthenticationMethod, Session
from tests.contract.browser import Browser


def prove(browser: Browser, device: TOTPDevice) -> None:
    browser.get(f"/otp/?device={device.pk}")


def row() -> Session:
    return Session.objects.get()


def proof(method: str = "totp") -> AuthenticationMethod:
    return AuthenticationMethod.objects.get(method=method)


def add(session: Session, *claims: MethodClaim) -> bool:
    now = timezone.now()
    return add_proofs(session.pk, claims, age=timedelta(days=1), proven_at=now, now=now)
