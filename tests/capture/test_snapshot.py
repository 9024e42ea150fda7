"""A request becomes a snapshot, whatever the request is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.request import Request

from sessions_hub.capture import ClientSnapshot, given_snapshot, take_snapshot
from sessions_hub.capture.snapshot import HINT_HEADERS

# Machines that are busy with something else are slow, not broken.
PATIENT = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

HEADERS = {
    "REMOTE_ADDR": "::ffff:192.0.2.1",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64)",
    "HTTP_SEC_CH_UA_PLATFORM": '"Linux"',
    "HTTP_SEC_CH_UA_MODEL": " ",
    "HTTP_SEC_CH_UA_INVENTED": "1",
    "HTTP_X_REQUESTED_WITH": "com.example.app",
    "HTTP_ACCEPT": "*/*",
}
SNAPSHOT = ClientSnapshot(
    address="192.0.2.1",
    user_agent="Mozilla/5.0 (X11; Linux x86_64)",
    hints={"sec-ch-ua-platform": '"Linux"', "x-requested-with": "com.example.app"},
)


def test_a_request_becomes_a_snapshot() -> None:
    assert take_snapshot(RequestFactory().get("/", **HEADERS)) == SNAPSHOT


def test_a_drf_request_is_unwrapped() -> None:
    assert take_snapshot(Request(RequestFactory().get("/", **HEADERS))) == SNAPSHOT


@pytest.mark.parametrize(
    "request_",
    [None, object(), SimpleNamespace(META=None), SimpleNamespace(META=7), SimpleNamespace(META={})],
)
def test_what_is_no_request_is_an_empty_snapshot(request_) -> None:
    snapshot = take_snapshot(request_)
    assert snapshot == ClientSnapshot()
    assert snapshot.is_empty


def test_a_signed_in_test_client_without_an_address_is_fine() -> None:
    assert take_snapshot(SimpleNamespace(META={"HTTP_USER_AGENT": "x"})).address == ""


def test_an_endpoint_is_its_address_and_user_agent() -> None:
    first = ClientSnapshot(address="192.0.2.1", user_agent="3.4")
    assert len(first.fingerprint) == 32
    assert int(first.fingerprint, 16) >= 0
    assert (
        first.fingerprint
        == ClientSnapshot(
            address="192.0.2.1", user_agent="3.4", hints={"sec-ch-ua": "1"}
        ).fingerprint
    )
    others = [
        ClientSnapshot(address="192.0.2.13", user_agent=".4"),
        ClientSnapshot(address="192.0.2.1", user_agent="3.5"),
        ClientSnapshot(address="192.0.2.2", user_agent="3.4"),
        ClientSnapshot(),
        ClientSnapshot(user_agent="\ud800"),
    ]
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 6


def test_the_fingerprint_is_stored_and_must_never_change() -> None:
    assert SNAPSHOT.fingerprint == "786c7ec3afcbccf9a412a9df64331a28"


def test_a_described_client_is_cleaned_like_a_captured_one() -> None:
    described = given_snapshot(
        "[::ffff:192.0.2.1]:4711",
        f"Mozilla\x00/5.0 {'x' * 600}",
        {"Sec-CH-UA-Platform": '"Linux"\x1b', "sec-ch-ua-model": " ", "Cookie": "secret"},
    )
    assert described == ClientSnapshot(
        address="192.0.2.1",
        user_agent=f"Mozilla/5.0 {'x' * 500}",
        hints={"sec-ch-ua-platform": '"Linux"'},
    )


@pytest.mark.parametrize("hints", [None, {}, {"sec-ch-ua": None}, {7: "x"}, ["sec-ch-ua"], "x"])
def test_a_described_client_may_have_no_hints(hints) -> None:
    described = given_snapshot("192.0.2.1", None, hints)
    assert described == ClientSnapshot(address="192.0.2.1")


@pytest.mark.parametrize("address", ["", "unknown", "192.0.2.0/24", "1" * 5_000, None, 7])
def test_a_described_client_has_an_address(address) -> None:
    with pytest.raises(ValueError, match=r"is not an IP address; give .* 2001:db8::7") as caught:
        given_snapshot(address, "curl/8.7.1")
    assert len(str(caught.value)) < 200


VALUES = st.one_of(
    st.none(), st.integers(), st.text(max_size=40), st.binary(max_size=40), st.lists(st.integers())
)


@PATIENT
@given(
    st.dictionaries(
        st.sampled_from(["REMOTE_ADDR", "HTTP_USER_AGENT", *HINT_HEADERS]), VALUES, max_size=8
    )
)
def test_no_header_can_make_it_fail(meta: dict[str, object]) -> None:
    snapshot = take_snapshot(SimpleNamespace(META=meta))
    texts = [snapshot.address, snapshot.user_agent, *snapshot.hints.values()]
    assert all(type(text) is str and len(text) <= 512 for text in texts)
    assert snapshot.hints.keys() <= set(HINT_HEADERS.values())
    "".join(texts).encode()
    assert len(snapshot.fingerprint) == 32
