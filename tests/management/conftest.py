"""Sessions to list, end and prune."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from sessions_hub.capture.address import address_key
from sessions_hub.models import AuthenticationMethod, Session
from sessions_hub.models.ids import id_at
from tests.child_runs import CHILD_LIMIT
from tests.factories import make_device, make_session_device

from .reparsing import MAC, TUX


@pytest.fixture
def user(db) -> Callable[..., object]:
    def make(name: str, **values: object) -> object:
        manager = get_user_model()._default_manager
        found = manager.filter(username=name).first()
        return found or manager.create_user(username=name, password="right-password", **values)

    return make


@pytest.fixture
def session(user) -> Callable[..., Session]:
    """A session of a user that began `ago`, ended `ended` ago, or whose limit passed `over` ago."""

    def make(
        name: str = "ada",
        *,
        ago: timedelta = timedelta(hours=1),
        over: timedelta | None = None,
        ended: timedelta | None = None,
        reason: str = "signed_out",
        methods: tuple[str, ...] = ("password",),
        ip: str = "192.0.2.1",
        **values: object,
    ) -> Session:
        now = timezone.now()
        limit = now + timedelta(days=30) if over is None else now - over
        row = Session.objects.create(
            id=id_at(now - ago),
            user=user(name),
            issued_at=now - ago,
            last_used_at=now - ago,
            expires_at=limit,
            idle_expires_at=limit,
            ended_at=None if ended is None else now - ended,
            end_reason="" if ended is None else reason,
            ip=ip,
            ip_key=address_key(ip),
            **values,
        )
        for method in methods:
            AuthenticationMethod.objects.create(session=row, method=method, assurance_level=1)
        return row

    return make


@pytest.fixture
def rows(session) -> Session:
    """Two sessions that were understood otherwise, with a place of use and a device."""
    row = session(user_agent=MAC, os_name="Mac OS X", client_name="Fox", ago=timedelta(days=2))
    session(user_agent=MAC, os_name="Mac OS X", client_name="Fox", device_type="tablet")
    device = make_device(row.user, user_agent=TUX, os_name="Tux")
    make_session_device(row, device, user_agent=TUX, os_name="Linux")
    return row


@pytest.fixture
def run() -> Callable[..., str]:
    """What a command prints; arguments as on the command line."""

    def run(*arguments: str, **options: object) -> str:
        out = StringIO()
        call_command(*arguments, stdout=out, **options)
        return out.getvalue()

    return run


@dataclass
class Stopped:
    """How a command that did not end well ended, and what it had printed."""

    status: int
    message: str
    said: str


@pytest.fixture
def stopped() -> Callable[..., Stopped]:
    """What a command that must not end with 0 says; arguments as on the command line."""

    def stopped(*arguments: str, **options: object) -> Stopped:
        out = StringIO()
        with pytest.raises(CommandError) as caught:
            call_command(*arguments, stdout=out, **options)
        return Stopped(caught.value.returncode, str(caught.value), out.getvalue())

    return stopped


@pytest.fixture
def killed() -> Callable[..., None]:
    """Run a command in a process that is killed before its transaction `number` ends."""

    def killed(number: int, *arguments: str) -> None:
        names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
        ran = subprocess.run(
            [sys.executable, "-m", "tests.management.killed_command", str(number), *arguments],
            env={**os.environ, "HUB_TEST_JOIN": json.dumps(names, default=str)},
            capture_output=True,
            timeout=CHILD_LIMIT,
            check=False,
        )
        assert ran.returncode == -signal.SIGKILL, ran.stderr

    return killed
