"""A bug in any function of the hub lets nobody in and signs nobody out.

The functions are those a flow is seen to call, so that a new one is covered by
itself. Before the view and around a sign-in the answer is 503, after the view it is
the view's own.
"""

from __future__ import annotations

from types import FunctionType

import pytest

from sessions_hub.models import AuthenticationMethod, Session
from sessions_hub.understanding import client
from tests.contract.browser import Browser

from .breaking import breaking, called_by, name_of
from .flows import FLOWS, Flow, clean, cookie_name

pytestmark = [pytest.mark.sweep, pytest.mark.django_db(transaction=True, databases="__all__")]

# A bug there costs what they would have told, and nothing else.
OPEN = {
    "sessions_hub.middleware.finish",
    "sessions_hub.middleware.ask_for_hints",
    "sessions_hub.understanding.client.understand_client",
    "sessions_hub.understanding.geoip.locate",
    "sessions_hub.lifecycle.enforce._stamp",
    "sessions_hub.receivers.on_failure",
    "sessions_hub.lifecycle.failed_sign_ins.settle",
    "sessions_hub.signals.send_on_commit.<locals>.send",
    # After the commit of an end, which holds by then.
    "sessions_hub.models.querysets._announce.<locals>.send",
    # The password is changed; sessions that carry the old one are refused all the same.
    "sessions_hub.credential_receivers.on_user_saved",
}
# In the response phase, and closed all the same; see the sweep over the statements.
NEW_KEY = "sessions_hub.lifecycle.bind._change_key"
# What answers for the others cannot answer for itself. Then Django answers 500, which is
# neither a sign-in nor a sign-out.
EXCUSED = {
    "sessions_hub.middleware.SessionsHubMiddleware.__call__": "Django calls it",
    "sessions_hub.middleware.SessionsHubMiddleware.__acall__": "called by __call__ alone",
    "sessions_hub.middleware.SessionsHubMiddleware.process_view": "Django calls it",
    "sessions_hub.middleware.SessionsHubMiddleware.aprocess_view": "Django calls it",
    "sessions_hub.lifecycle.state.serve": "one line on a context variable, around the view",
    "sessions_hub.credential_receivers.on_user_saved": "Django calls it in a save()",
    "sessions_hub.middleware.ClientHintsMiddleware.__call__": "Django calls it",
    "sessions_hub.middleware.ClientHintsMiddleware.__acall__": "called by __call__ alone",
    "sessions_hub.middleware.ask_for_hints": "holds the handler of its own errors",
    "sessions_hub.middleware.judge": "holds the handler of its own errors",
    "sessions_hub.middleware.finish": "calls record()",
    "sessions_hub.middleware.record": "holds the handler of its own errors",
    "sessions_hub.lifecycle.state.RequestState.is_idle": "compares three values with None",
    "sessions_hub.receivers.on_login": "under the handler of its errors, which counts as it",
    "sessions_hub.receivers.on_logout": "under the handler of its errors, which counts as it",
    "sessions_hub.receivers.on_failure": "Django calls it",
    "sessions_hub.receivers._note": "holds the handler of its own errors",
    "sessions_hub.credential_receivers.on_user_saving": "Django calls it in a save()",
    "sessions_hub.lifecycle.impersonation_lock._closed.<locals>.checked": "holds the handler",
    "sessions_hub.conf.reading.read": "the handler of a refused sign-in reads a setting",
    "sessions_hub.conf.reading._may_be_set": "the handler of a refused sign-in reads a setting",
    "sessions_hub.lifecycle.state.plain_request": "the handler of a refused sign-in needs it",
}

NAMES = [
    "sign in, new device",
    "sign in, known device",
    "mistype the password",
    "sign in over an ended session",
    "prove again",
    "switch the user",
    "sign out",
    "use",
    "use after a while",
    "use elsewhere",
    "be seen first",
    "be adopted",
    "add a factor",
    "change the password",
    "lose the sign-in",
    "come too late",
    "come after an end",
]


@pytest.fixture(autouse=True)
def somebody_listens(heard) -> None:
    """What is only done for receivers is done."""


def fresh() -> None:
    clean()
    # Or the parser would not be asked again.
    client._parse.cache_clear()


def begin(flow: Flow, mode: str) -> Browser:
    browser = flow.begin(mode)
    # The first request of a client makes the middleware: not what is broken here.
    browser.get("/nowhere/")
    return browser


def problems(flow: Flow, mode: str, function: FunctionType) -> list[str]:
    fresh()
    browser = begin(flow, mode)
    ended = set(Session.objects.ended().values_list("pk", flat=True))
    with breaking(function) as calls:
        response = flow.send(browser)
    found = []
    if not calls:
        return found
    status = response.status_code
    name = name_of(function)
    excused = name in EXCUSED and status == 500
    if excused or name == NEW_KEY:
        # The function that turns any failure below it into a refusal.
        pass
    elif all(set(callers) & OPEN and NEW_KEY not in callers for callers in calls):
        if status >= 400:
            found.append(f"answered {status}")
    elif status != 503:
        found.append(f"answered {status}, not 503")
    if status == 503 and not int(response.headers.get("Retry-After", 0)) > 0:
        found.append("no Retry-After")
    cookie = response.cookies.get(cookie_name())
    if status == 503 and flow.before and not flow.lost and cookie and not cookie.value:
        found.append("the cookie was deleted")
    who = browser.whoami()
    expected = {flow.after} if status < 400 else {flow.before}
    if status >= 400 and flow.lost:
        expected.add(None)
    if excused:
        # Perhaps after the view.
        expected |= {flow.before, flow.after, None}
    if who not in expected:
        found.append(f"answered {status}, then signed in as {who}")
    if not ended <= set(Session.objects.ended().values_list("pk", flat=True)):
        found.append("an ended session came back")
    for row in Session.objects.all():
        if not AuthenticationMethod.objects.filter(session=row).exists():
            found.append("half a session was stored")
    # It goes on without a restart.
    again = flow.send(browser)
    if excused:
        return found
    if again.status_code >= 400 or browser.whoami() != flow.after:
        found.append(f"answered {again.status_code} to the retry")
    callers = " < ".join(one.removeprefix("sessions_hub.") for one in calls[0][:5])
    return [f"{name_of(function)} ({callers}): {text}" for text in found]


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("name", NAMES)
def test_each_function(name, mode, settings):
    flow = FLOWS[name]
    fresh()
    browser = begin(flow, mode)
    reached = called_by(lambda: flow.send(browser))
    assert len(reached) > 10
    wrong = []
    for function in reached:
        wrong += problems(flow, mode, function)
    assert not wrong, "\n" + "\n".join(wrong)
