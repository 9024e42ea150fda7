"""What a broken backend costs, and one that answers nonsense: nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from sessions_hub.models import Session
from sessions_hub.understanding import ClientFacts
from sessions_hub.understanding.fitting import SIZES
from sessions_hub.understanding.user_agent import parse
from tests.factories import make_user
from tests.understanding import backends

from .conftest import understand

pytestmark = pytest.mark.usefixtures("fresh_backends")

BROKEN = [
    "Raises",
    "Exits",
    "Recurses",
    "Sleeps",
    "Unloadable",
    "Leaves",
    "Nothing",
    "Dictionary",
    "NoBackend",
    "missing",
]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_backend_is_an_unknown_client_and_one_line_a_minute(use, caplog, name) -> None:
    use(name)
    assert [understand(), understand("other")] == [ClientFacts()] * 2
    assert [record.name for record in caplog.records] == ["sessions_hub.understanding"]
    assert caplog.records[0].exc_info


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.django_db(databases="__all__")
def test_a_sign_in_with_a_broken_backend_succeeds(use, name) -> None:
    use(name)
    make_user("ada")
    client = Client(headers={"user-agent": "Mozilla/5.0 whatever"})
    assert client.post("/sign-in/?user=ada").status_code == 200
    assert client.get("/whoami/").json()["user"] == "ada"
    session = Session.objects.get()
    assert (session.user_agent, session.client_name) == ("Mozilla/5.0 whatever", "")


def test_a_failure_is_not_remembered(use, settings) -> None:
    use("Sleeps")
    assert understand() == ClientFacts()
    backends.wake.set()
    settings.SESSIONS_HUB_USER_AGENT_TIMEOUT = timedelta(seconds=60)
    assert understand().client_name == "too late"


def test_what_a_backend_does_to_the_headers_changes_nothing(use) -> None:
    use("ClearsHeaders")
    facts = understand("x", **{"sec-ch-ua-platform": '"Android"', "sec-ch-ua-mobile": "?1"})
    assert (facts.os_name, facts.device_type) == ("Android", "smartphone")


def test_one_wrong_value_costs_no_other(use) -> None:
    use("NoVersion")
    facts = understand()
    assert (facts.client_name, facts.client_version, facts.os_version) == ("Acme", "", "")


def test_no_value_outgrows_its_column(use) -> None:
    use("TooLong")
    facts = understand()
    assert {name: len(getattr(facts, name)) for name in SIZES} == SIZES


def test_a_backend_with_wrong_types_stores_nothing(use) -> None:
    use("WrongTypes")
    assert understand() == ClientFacts()


def test_what_a_database_cannot_store_is_dropped(use) -> None:
    use("Unprintable")
    facts = understand()
    assert (facts.client_name, facts.device_brand) == ("abc[1m", "Citroën")
    assert facts.is_bot is True


def test_an_answer_of_another_type_is_named() -> None:
    with pytest.raises(TypeError, match="Dictionary answered with dict, not ClientFacts"):
        parse("x", {}, backend="tests.understanding.backends.Dictionary")
