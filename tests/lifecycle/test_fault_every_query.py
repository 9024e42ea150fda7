"""Every statement of every flow fails once, and the fault policy holds.

How many there are is found out while running: a new statement is covered by itself.
What may happen is told by who asked for it: without a verdict, or a record of a
sign-in, the answer is 503; what the response phase writes costs the visitor nothing.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import Error as DatabaseFault
from django.db import connections
from django.utils import timezone

from sessions_hub.lifecycle import end_session, end_sessions
from sessions_hub.lifecycle.prune import delete_ended, stamp_expired
from sessions_hub.lifecycle.rederive import Sources
from sessions_hub.lifecycle.reparse import reparse
from sessions_hub.lifecycle.retention import Retention
from sessions_hub.models import AuthenticationMethod, Device, EndReason, Session, SessionDevice
from tests.contract.browser import Browser

from .flows import FLOWS, MODELS, Flow, ada, clean, cookie_name, engine_of, signed_in
from .sweep import Sweep, failing

pytestmark = [pytest.mark.sweep, pytest.mark.django_db(transaction=True, databases="__all__")]

# Written after the verdict, the end or the answer is known.
OPEN = {
    "sessions_hub.middleware.finish",
    "sessions_hub.lifecycle.enforce._stamp",
    # Deletes what the row refuses anyhow.
    "sessions_hub.lifecycle.enforce.sign_out",
    # The password is changed; sessions that carry the old one are refused all the same.
    "sessions_hub.credential_receivers.on_user_saved",
    # After commit.
    "sessions_hub.models.querysets._announce.<locals>.send",
    "sessions_hub.signals.send_on_commit.<locals>.send",
}
# In the response phase, and closed: a sign-in is made again rather than kept under a key
# that others may know. Its proof is stored by then.
NEW_KEY = "sessions_hub.lifecycle.bind._change_key"
# Closed: what cannot be evaluated is aal0, which asks for a new proof.
UNPROVEN = "sessions_hub.lifecycle.requirement.shortfall"
# The least that is known to be there: a sweep over nothing shows nothing.
FEWEST = {
    "mistype the password": 0,
    "use": 1,
    "come after an end": 1,
    "come back with the newest signed cookie": 2,
}


@pytest.fixture(autouse=True)
def somebody_listens(heard) -> None:
    """What is only done for receivers is done."""


@pytest.fixture(
    params=[
        "operational, sync",
        "operational, sync, atomic requests",
        "operational, async",
        "integrity, sync, atomic requests",
        "integrity, async",
        "cut, sync",
        "cut, async",
    ]
)
def way(request, connection):
    """The fault, and the handler it meets."""
    fault, mode, *atomic = request.param.split(", ")
    if fault == "cut" and connection.vendor == "sqlite":
        pytest.skip("nothing between here and the file")
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = bool(atomic)
    yield fault, mode
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = False


def ends() -> dict[Any, tuple]:
    rows = Session.objects.filter(ended_at__isnull=False)
    return {pk: end for pk, *end in rows.values_list("pk", "ended_at", "end_reason")}


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in MODELS}


def active_rows() -> set[Any]:
    return set(Session.objects.active(timezone.now()).values_list("pk", flat=True))


def problems(flow: Flow, mode: str, n: int | None, fault: str) -> tuple[Sweep, list[str]]:
    """What went wrong when the n-th statement failed."""
    clean()
    browser = flow.begin(mode)
    ends_before, counts_before, active_before = ends(), counts(), active_rows()
    cookie_before = browser.cookies.get(cookie_name())
    cookie_before = cookie_before and cookie_before.value
    with failing(n, fault) as sweep:
        response = flow.send(browser)
    found = []

    def expect(condition: object, text: str) -> None:
        if not condition:
            found.append(text)

    status = response.status_code
    new_key = NEW_KEY in sweep.asked_by
    is_open = any(name in OPEN for name in sweep.asked_by) and not new_key
    if fault == "integrity" and new_key:
        # Django takes it for a key that is taken, and tries another.
        expect(status in {200, 503}, f"answered {status}")
    elif sweep.failed and UNPROVEN in sweep.asked_by:
        expect(status in {403, 503}, f"answered {status}, not 403 or 503")
    elif sweep.failed and not is_open:
        expect(status == 503, f"answered {status}, not 503")
    elif fault == "cut" and is_open:
        # Django saves its own session over the same connection, or says it was deleted.
        expect(status < 400 or status in {400, 500, 503}, f"answered {status}")
    elif sweep.lost_the_transaction:
        # Nothing was there yet to go back to: what the view does next is refused too.
        expect(status < 400 or status == 500, f"answered {status}")
    else:
        expect(status < 400, f"answered {status}")
    if status == 503:
        expect(int(response.headers.get("Retry-After", 0)) > 0, "no Retry-After")
        expect("no-store" in response.headers.get("Cache-Control", ""), "may be cached")
        if not flow.kept:
            expect(active_rows() <= active_before, "a session was started all the same")
        if not flow.kept and not new_key:
            expect(counts() == counts_before, f"half stored: {counts_before} → {counts()}")
        cookie = response.cookies.get(cookie_name())
        expect(
            flow.lost or cookie is None or cookie.value == cookie_before, "the cookie was changed"
        )
    now_ended = ends()
    for pk, end in ends_before.items():
        expect(now_ended.get(pk) == end, "an end was changed")
    who = browser.whoami()
    if who is None and fault == "cut" and is_open and flow.shuts_out:
        browser.sign_in(flow.before)
        who = browser.whoami()
    expected = {flow.after} if status < 400 else {flow.before}
    if status >= 400 and is_open:
        expected |= {flow.after}
    if status >= 400 and flow.lost:
        expected |= {None}
    expect(who in expected, f"then signed in as {who}")
    again = flow.send(browser)
    # Another session is ended once; a second call finds nothing there.
    gone = (flow.after, again.status_code) == (None, 401)
    expect(again.status_code < 400 or gone, f"answered {again.status_code} to the retry")
    expect(browser.whoami() == flow.after, "not right after the retry")
    for row in Session.objects.all():
        proven = AuthenticationMethod.objects.filter(session=row).exists()
        expect(proven, "a session without a proof")
    return sweep, found


@pytest.mark.parametrize("name", FLOWS)
def test_each_statement(name, way, settings):
    flow, (fault, mode) = FLOWS[name], way
    settings.SESSION_ENGINE = engine_of(flow)
    settings.SESSIONS_HUB_ADOPT_UNTIL = timezone.now() + timedelta(days=1)
    wrong = []
    for n in count(1):
        sweep, found = problems(flow, mode, n, fault)
        if not sweep.failed:
            break
        wrong += [f"{sweep}: {text}" for text in found]
    assert not found, f"without a fault: {found}"
    if fault != "integrity":
        assert n > FEWEST.get(name, 3)
    assert not wrong, "\n" + "\n".join(wrong)


NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=400)


def some_rows() -> Any:
    """Two sessions of ada's, one that nobody has noticed to be over and one that ended long ago."""
    browser = signed_in("sync")
    Browser("sync").sign_in("ada")
    browser.sign_in("ada")
    first, second = ada()
    end_session(second, reason=EndReason.SIGNED_OUT, now=NOW)
    ada(pk=second.pk).update(ended_at=LONG_AGO)
    ada(pk=first.pk).update(expires_at=LONG_AGO, idle_expires_at=LONG_AGO, os_name="?")
    Device.objects.update(os_name="?")
    SessionDevice.objects.update(os_name="?")
    return get_user_model()._default_manager.get()


def prune(user: Any) -> None:
    list(stamp_expired(NOW, batch_size=1))
    list(delete_ended(NOW, Retention(default=timedelta(days=90)), batch_size=1))


def read_again(user: Any) -> None:
    list(reparse(Sources(backend="tests.parsers.Plain"), batch_size=1))


JOBS = {
    "prune": (prune, lambda: Session.objects.count() == 0),
    "end": (
        lambda user: end_sessions(Session.objects.for_user(user), reason=EndReason.COMPROMISED),
        lambda: ada().ended().count() == 2,
    ),
    "reparse": (read_again, lambda: not ada(os_name="?").exists()),
    "delete the user": (lambda user: user.delete(), lambda: not any(counts().values())),
    "anonymize the user": (
        lambda user: user.delete(),
        lambda: Session.objects.filter(user=None).ended().count() == 2,
    ),
}


@pytest.mark.parametrize("name", JOBS)
@pytest.mark.parametrize("fault", ["operational", "integrity", "cut"])
def test_each_statement_of_a_job(name, fault, connection, settings):
    if fault == "cut" and connection.vendor == "sqlite":
        pytest.skip("nothing between here and the file")
    if "anonymize" in name:
        settings.SESSIONS_HUB_ON_USER_DELETE = "anonymize"
    job, is_done = JOBS[name]
    wrong = []
    for n in count(1):
        clean()
        user = some_rows()
        ended_before, counts_before = ends(), counts()
        with failing(n, fault) as sweep:
            try:
                job(user)
                raised = False
            except DatabaseFault:
                raised = True
        if not sweep.failed:
            break
        if not raised and not is_done() and "send" not in str(sweep):
            wrong.append(f"{sweep}: neither done nor said")
        if "user" in name and raised and (counts(), ends()) != (counts_before, ended_before):
            wrong.append(f"{sweep}: half of the user's rows")
        if any(ends().get(pk, end) != end for pk, end in ended_before.items()):
            wrong.append(f"{sweep}: an end was changed")
        if any(not row.authentication_methods.exists() for row in Session.objects.all()):
            wrong.append(f"{sweep}: half a session")
        if raised:
            job(user)
        if not is_done():
            wrong.append(f"{sweep}: not done by running again")
    assert n > 2
    assert is_done()
    assert not wrong, "\n" + "\n".join(wrong)
