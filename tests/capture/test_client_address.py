"""Which address is the client's, behind whatever proxies."""

from __future__ import annotations

from io import BytesIO
from ipaddress import ip_address

import pytest
from django.core.handlers.asgi import ASGIRequest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sessions_hub.capture.address import client_address

# Machines that are busy with something else are slow, not broken.
PATIENT = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

PEER = "10.0.0.1"
PROXIES = ["10.0.0.0/8", "192.0.2.53"]


def asgi_meta(headers: list[tuple[bytes, bytes]]) -> dict[str, object]:
    """What Django makes of a request under ASGI."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "client": [PEER, 4711],
        "headers": headers,
    }
    return ASGIRequest(scope, BytesIO()).META


def meta(**headers: object) -> dict[str, object]:
    return {"REMOTE_ADDR": PEER, **headers}


def test_forwarding_headers_mean_nothing_by_default() -> None:
    sent = meta(
        HTTP_FORWARDED="for=192.0.2.9",
        HTTP_X_FORWARDED_FOR="192.0.2.9",
        HTTP_X_REAL_IP="192.0.2.9",
        HTTP_CF_CONNECTING_IP="192.0.2.9",
        HTTP_TRUE_CLIENT_IP="192.0.2.9",
    )
    assert client_address(sent) == PEER


def test_a_named_header_alone_trusts_nobody(settings) -> None:
    settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = "CF-Connecting-IP"
    assert client_address(meta(HTTP_CF_CONNECTING_IP="192.0.2.9")) == PEER


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, PEER),
        ({"HTTP_X_FORWARDED_FOR": "198.51.100.7"}, "198.51.100.7"),
        # What the client made up stands on the left.
        ({"HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.7"}, "198.51.100.7"),
        ({"HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.7, 10.9.9.9"}, "198.51.100.7"),
        ({"HTTP_X_FORWARDED_FOR": "6.6.6.6,198.51.100.7,192.0.2.53,10.9.9.9"}, "198.51.100.7"),
        ({"HTTP_X_FORWARDED_FOR": "10.0.0.8, 10.0.0.9"}, "10.0.0.8"),
        ({"HTTP_X_FORWARDED_FOR": ""}, PEER),
        ({"HTTP_X_FORWARDED_FOR": " , ,198.51.100.7, "}, "198.51.100.7"),
        ({"HTTP_X_FORWARDED_FOR": "6.6.6.6, unknown"}, PEER),
        ({"HTTP_X_FORWARDED_FOR": "6.6.6.6, unknown, 10.9.9.9"}, "10.9.9.9"),
        ({"HTTP_X_FORWARDED_FOR": b"198.51.100.7"}, PEER),
        ({"HTTP_X_FORWARDED_FOR": "[2001:db8::7]:4711"}, "2001:db8::7"),
        ({"HTTP_X_FORWARDED_FOR": "::ffff:198.51.100.7"}, "198.51.100.7"),
        ({"HTTP_FORWARDED": "for=198.51.100.7;proto=https;by=10.0.0.1"}, "198.51.100.7"),
        ({"HTTP_FORWARDED": 'FOR="[2001:db8::7]:4711"'}, "2001:db8::7"),
        ({"HTTP_FORWARDED": "for=6.6.6.6, For=198.51.100.7 ; proto=http"}, "198.51.100.7"),
        ({"HTTP_FORWARDED": "for=198.51.100.7, for=10.9.9.9"}, "198.51.100.7"),
        ({"HTTP_FORWARDED": "for=6.6.6.6, for=_hidden"}, PEER),
        ({"HTTP_FORWARDED": "for=6.6.6.6, proto=https"}, PEER),
        ({"HTTP_FORWARDED": "for=6.6.6.6;for=7.7.7.7"}, PEER),
        # An open quote of the client's swallows nothing that a proxy wrote.
        ({"HTTP_FORWARDED": 'for="6.6.6.6, for=198.51.100.7'}, "198.51.100.7"),
        ({"HTTP_FORWARDED": 'for=198.51.100.7;host="a,for=6.6.6.6,b"'}, "198.51.100.7"),
        ({"HTTP_FORWARDED": 'for=198.51.100.7;host="a\\",for=6.6.6.6"'}, "198.51.100.7"),
        # Empty parameters are allowed, white space around them happens.
        ({"HTTP_FORWARDED": "; ;for=198.51.100.7;;proto=http;"}, "198.51.100.7"),
        ({"HTTP_FORWARDED": "fOR=198.51.100.7;BY=6.6.6.6;Proto=for=6.6.6.6"}, "198.51.100.7"),
        ({"HTTP_FORWARDED": 'by="for=6.6.6.6";for=198.51.100.7'}, "198.51.100.7"),
        ({"HTTP_FORWARDED": 'for="198\\.51.100.\\7"'}, "198.51.100.7"),
        ({"HTTP_FORWARDED": 'for="[2001:db8\\:\\:7]"'}, "2001:db8::7"),
        ({"HTTP_FORWARDED": 'for="";for=6.6.6.6'}, PEER),
        ({"HTTP_FORWARDED": "for = 6.6.6.6"}, PEER),
        ({"HTTP_FORWARDED": "by=10.0.0.1;proto=https"}, PEER),
        ({"HTTP_FORWARDED": "for=6.6.6.6, for=unknown, for=10.9.9.9"}, "10.9.9.9"),
        ({"HTTP_FORWARDED": "for=[2001:db8::7]"}, "2001:db8::7"),
        ({"HTTP_FORWARDED": 'for="[::ffff:198.51.100.7]:1"'}, "198.51.100.7"),
        ({"HTTP_FORWARDED": 'for="[2001:db8::7%25eth0]"'}, "2001:db8::7"),
        ({"HTTP_X_FORWARDED_FOR": "2001:db8::7%eth0"}, "2001:db8::7"),
        # A hop longer than any address is none.
        ({"HTTP_X_FORWARDED_FOR": "6.6.6.6, " + "1" * 5_000}, PEER),
        ({"HTTP_FORWARDED": f"for=6.6.6.6;host={'x' * 5_000}"}, PEER),
        # Only where a socket is trusted.
        ({"HTTP_X_FORWARDED_FOR": "6.6.6.6, unix:"}, PEER),
        # One of the two is made up; nobody knows which.
        (
            {"HTTP_FORWARDED": "for=6.6.6.6", "HTTP_X_FORWARDED_FOR": "198.51.100.7"},
            PEER,
        ),
        (
            {"HTTP_FORWARDED": "for=198.51.100.7", "HTTP_X_FORWARDED_FOR": "198.51.100.7"},
            "198.51.100.7",
        ),
    ],
)
def test_trusted_proxies_are_walked_from_the_right(settings, headers, address) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = PROXIES
    assert client_address(meta(**headers)) == address


def test_an_untrusted_peer_is_the_client_whatever_it_sends(settings) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = PROXIES
    sent = {"REMOTE_ADDR": "203.0.113.5", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}
    assert client_address(sent) == "203.0.113.5"


def test_the_header_that_the_proxy_writes_can_be_named(settings) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = PROXIES
    settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = "X-Forwarded-For"
    sent = meta(HTTP_FORWARDED="for=6.6.6.6", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.7")
    assert client_address(sent) == "198.51.100.7"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("6.6.6.6, 198.51.100.7", PEER),
        ("nonsense", PEER),
        ("", PEER),
    ],
)
@pytest.mark.parametrize("trust", [{"SESSIONS_HUB_PROXY_COUNT": 2}, {}])
def test_a_header_of_one_address_is_taken_whole(settings, trust, value, address) -> None:
    settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = "CF-Connecting-IP"
    if not trust:
        settings.SESSIONS_HUB_TRUSTED_PROXIES = PROXIES
    for name, number in trust.items():
        setattr(settings, name, number)
    sent = meta(HTTP_CF_CONNECTING_IP=value, HTTP_X_FORWARDED_FOR="6.6.6.6, 6.6.6.6")
    assert client_address(sent) == address


@pytest.mark.parametrize(
    ("count", "header", "address"),
    [
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
        (2, "198.51.100.7, unknown", "198.51.100.7"),
        (2, "198.51.100.7", PEER),
        (1, "198.51.100.7, unknown", PEER),
        (1, "", PEER),
        (1000, "198.51.100.7", PEER),
        (-1, "198.51.100.7", PEER),
        ("2", "198.51.100.7, 10.9.9.9", PEER),
        (True, "198.51.100.7", PEER),
    ],
)
def test_the_proxy_count_takes_the_nth_from_the_right(settings, count, header, address) -> None:
    settings.SESSIONS_HUB_PROXY_COUNT = count
    assert client_address(meta(HTTP_X_FORWARDED_FOR=header)) == address


def test_a_quoted_comma_is_no_further_hop(settings) -> None:
    settings.SESSIONS_HUB_PROXY_COUNT = 2
    sent = meta(HTTP_FORWARDED='for=198.51.100.7;host="x, for=6.6.6.6, y", for=10.9.9.9')
    assert client_address(sent) == "198.51.100.7"


@pytest.mark.parametrize(
    ("networks", "address"), [(["unix"], "198.51.100.7"), (["10.0.0.0/8"], ""), ([], "")]
)
def test_the_word_unix_trusts_a_peer_without_an_address(settings, networks, address) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = networks
    assert client_address({"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}) == address


@pytest.mark.parametrize(
    ("hops", "address"),
    [
        # nginx behind a socket, which its own client reached over another one.
        ("198.51.100.7, unix:", "198.51.100.7"),
        ("198.51.100.7, unix:, unix:", "198.51.100.7"),
        ("198.51.100.7, unix:/run/site.sock", "198.51.100.7"),
        ("6.6.6.6, unix:, 198.51.100.7", "198.51.100.7"),
        ("6.6.6.6, unixoid", ""),
        ("unix:", ""),
    ],
)
def test_a_trusted_socket_may_be_a_hop(settings, hops, address) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = ["unix"]
    assert client_address({"REMOTE_ADDR": "unix:", "HTTP_X_FORWARDED_FOR": hops}) == address


def test_remote_addr_as_the_named_header_is_the_servers_own(settings) -> None:
    settings.SESSIONS_HUB_PROXY_COUNT = 1
    settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = "REMOTE_ADDR"
    sent = meta(HTTP_REMOTE_ADDR="6.6.6.6", HTTP_X_FORWARDED_FOR="6.6.6.6")
    assert client_address(sent) == PEER


@pytest.mark.parametrize(
    ("name", "values", "address"),
    [
        (b"x-forwarded-for", [b"6.6.6.6", b"198.51.100.7, 10.9.9.9"], "198.51.100.7"),
        (b"forwarded", [b"for=6.6.6.6", b"for=198.51.100.7", b"for=10.9.9.9"], "198.51.100.7"),
        # A quote the client has opened in a header of its own.
        (b"forwarded", [b'for="6.6.6.6', b"for=198.51.100.7, for=10.9.9.9"], "198.51.100.7"),
        # The spelling that a proxy does not know and a server might take for the other.
        pytest.param(
            b"x_forwarded_for",
            [b"6.6.6.6, 10.9.9.9"],
            PEER,
            marks=pytest.mark.skipif(
                "HTTP_A_B" in asgi_meta([(b"a_b", b"")]),
                reason="this Django takes underscores for hyphens (CVE-2026-3902)",
            ),
        ),
    ],
)
@pytest.mark.parametrize(
    "trust",
    [{"SESSIONS_HUB_TRUSTED_PROXIES": PROXIES}, {"SESSIONS_HUB_PROXY_COUNT": 2}],
    ids=["networks", "count"],
)
def test_headers_sent_twice_are_one_list(settings, trust, name, values, address) -> None:
    for setting, value in trust.items():
        setattr(settings, setting, value)
    assert client_address(asgi_meta([(name, value) for value in values])) == address


def test_an_address_sent_twice_in_a_header_of_one_is_not_believed(settings) -> None:
    settings.SESSIONS_HUB_PROXY_COUNT = 1
    settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = "CF-Connecting-IP"
    assert client_address(meta(HTTP_CF_CONNECTING_IP="6.6.6.6,198.51.100.7")) == PEER


@pytest.mark.parametrize("networks", ["10.0.0.0/8", ["rubbish", "10.0.0.0/8", "10/8/8"], 7])
def test_wrong_settings_never_trust_too_much(settings, networks) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = networks
    sent = {"REMOTE_ADDR": "203.0.113.5", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}
    assert client_address(sent) == "203.0.113.5"


def test_chains_and_elements_without_end_give_a_proxy_or_the_peer(settings) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = PROXIES
    chains = [
        {"HTTP_X_FORWARDED_FOR": ",".join(["10.0.0.2"] * 10_000)},
        {"HTTP_FORWARDED": ",".join(["for=10.0.0.2"] * 10_000)},
        {"HTTP_FORWARDED": "," * 10_000_000},
        {"HTTP_FORWARDED": '",' * 1_000_000},
        {"HTTP_X_FORWARDED_FOR": "1" * 10_000_000},
        {"HTTP_FORWARDED": "for=" + "\\" * 1_000_000 + '"'},
    ]
    for headers in chains:
        assert client_address(meta(**headers)) in {PEER, "10.0.0.2"}


@pytest.mark.parametrize("junk", ["x" * 10_000_000, " " * 10_000_000, "for=6.6.6.6;" * 100_000])
@pytest.mark.parametrize("header", ["HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR"])
def test_megabytes_on_the_left_do_not_hide_what_a_proxy_added(settings, header, junk) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = PROXIES
    last = {"HTTP_FORWARDED": "for=198.51.100.7", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}[header]
    assert client_address(meta(**{header: f"{junk},{last}"})) == "198.51.100.7"


@pytest.mark.parametrize("header", ["HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR"])
def test_the_end_of_an_element_that_was_cut_is_not_an_address(settings, header) -> None:
    settings.SESSIONS_HUB_TRUSTED_PROXIES = PROXIES
    # What is read of it begins with the address itself, wherever the cut is.
    address = {"HTTP_FORWARDED": ";for=6.6.6.6", "HTTP_X_FORWARDED_FOR": "6.6.6.6"}[header]
    for length in range(65_500, 65_700):
        text = address + " " * (length - len(address))
        assert client_address(meta(**{header: f"{'x' * 100}{text}"})) == PEER


@PATIENT
@given(st.text(alphabet='for=";,\\[]:. 0123456789abcdef_%', max_size=120))
def test_any_forwarded_header_gives_an_address(text: str) -> None:
    from django.test import override_settings

    with override_settings(SESSIONS_HUB_TRUSTED_PROXIES=PROXIES):
        found = client_address(meta(HTTP_FORWARDED=text))
    assert str(ip_address(found)) == found
    # What a proxy appended is read whatever stands before it.
    with override_settings(SESSIONS_HUB_PROXY_COUNT=1):
        found = client_address(meta(HTTP_FORWARDED=f"{text}, for=198.51.100.7"))
    assert found == "198.51.100.7"


class TestSettings:
    """What the settings hold that they should not."""

    @pytest.mark.parametrize("name", [7, None, "", b"CF-Connecting-IP"])
    def test_a_header_that_is_no_text_names_none(self, settings, name) -> None:
        settings.SESSIONS_HUB_TRUSTED_PROXIES = PROXIES
        settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = name
        assert client_address(meta(HTTP_X_FORWARDED_FOR="198.51.100.7")) == "198.51.100.7"

    @pytest.mark.parametrize("name", ["HTTP_CF_CONNECTING_IP", "cf-connecting-ip"])
    def test_a_header_may_be_named_as_meta_does(self, settings, name) -> None:
        settings.SESSIONS_HUB_PROXY_COUNT = 1
        settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = name
        assert client_address(meta(HTTP_CF_CONNECTING_IP="198.51.100.7")) == "198.51.100.7"

    @pytest.mark.parametrize(
        ("count", "address"), [(0, PEER), (64, "198.51.100.7"), (65, PEER), (-1, PEER)]
    )
    def test_as_many_hops_as_are_read_can_be_counted(self, settings, count, address) -> None:
        settings.SESSIONS_HUB_PROXY_COUNT = count
        hops = ", ".join(["198.51.100.7", *["10.0.0.9"] * 63])
        assert client_address(meta(HTTP_X_FORWARDED_FOR=hops)) == address

    def test_more_hops_than_are_read_trust_nobody(self, settings) -> None:
        settings.SESSIONS_HUB_PROXY_COUNT = 65
        settings.SESSIONS_HUB_CLIENT_ADDRESS_HEADER = "CF-Connecting-IP"
        assert client_address(meta(HTTP_CF_CONNECTING_IP="198.51.100.7")) == PEER


def test_a_peer_without_an_address_is_unknown() -> None:
    assert client_address({}) == ""
