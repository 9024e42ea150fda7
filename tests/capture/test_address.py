"""How an address or a network is written, and its key."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sessions_hub.capture.address import address_key, is_trusted, network_range, normalise

# Machines that are busy with something else are slow, not broken.
PATIENT = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:55", "192.0.2.1"),
        ("192.0.2.1:_port", "192.0.2.1"),
        ("192.0.2.1:_p", "192.0.2.1"),
        ("192.0.2.1:65535", "192.0.2.1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[::1]:55", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%en0.1]:80", "fe80::1"),
        ("fe80::1%br-lan.7_b", "fe80::1"),
        ("::", "::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("64:ff9b::1", "64:ff9b::1"),
    ],
)
def test_an_address_becomes_canonical(written: str, address: str) -> None:
    assert normalise(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "unknown",
        "_hidden",
        "192.0.2.0/24",
        "2001:db8::/32",
        "192.0.2.1, 192.0.2.2",
        "192.0.2.1:",
        "192.0.2.1:123456",
        "192.0.2.1:_",
        "192.0.2.1:5:5",
        "[::1]]",
        "[::1]:5]",
        "fe80::1%-._",
        "0",
        "[192.0.2.1]",
        "[::1",
        "::1]",
        "[::1]55",
        "fe80::1%",
        "fe80::1%eth0/64",
        "010.0.0.1",
        "0x7f.1",
        "\uff11.2.3.4",
        "1" * 10_000,
        "\ud800",
        "1.2.3.4\x00",
        b"",
        b"192.0.2.1",
        None,
        7,
    ],
)
def test_what_is_not_one_address_is_nothing(written: object) -> None:
    assert normalise(written) == ""


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "255.255.255.255"])
def test_the_key_of_ipv4_is_that_of_the_mapped_address(address: str) -> None:
    assert address_key(address) == f"{int(ip_address(f'::ffff:{address}')):032x}"


@PATIENT
@given(st.ip_addresses(), st.ip_addresses(v=6))
def test_keys_sort_as_addresses_do(first, second) -> None:
    one, two = address_key(str(first)), address_key(str(second))
    mapped = int(first) | (0xFFFF << 32) if first.version == 4 else int(first)
    assert len(one) == len(two) == 32
    assert (one < two) == (mapped < int(second))


@pytest.mark.parametrize(
    ("cidr", "inside", "outside"),
    [
        ("10.0.0.0/8", "10.255.1.2", "11.0.0.0"),
        ("10.1.2.3/8", "10.0.0.0", "9.255.255.255"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
        ("::ffff:192.0.2.0/120", "192.0.2.200", "192.0.3.1"),
        ("0.0.0.0/0", "203.0.113.1", "2001:db8::1"),
        ("::/0", "203.0.113.1", ""),
    ],
)
def test_a_network_is_a_range_of_keys(cidr: str, inside: str, outside: str) -> None:
    low, high = network_range(cidr)
    assert low <= address_key(inside) <= high
    assert not low <= address_key(outside) <= high
    assert is_trusted(inside, (cidr,))
    assert not is_trusted(outside, (cidr,))


@pytest.mark.parametrize("cidr", ["", "rubbish", "10.0.0.0/33", "10.0.0.0/8/8", "1" * 10_000])
def test_the_error_says_what_to_write(cidr: str) -> None:
    with pytest.raises(ValueError, match=r"192\.0\.2\.0/24") as caught:
        network_range(cidr)
    assert len(str(caught.value)) < 200


@PATIENT
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_an_address_or_nothing(text: object) -> None:
    found = normalise(text)
    assert found == "" or str(ip_address(found)) == found
    assert normalise(found) == found


class TestTheLongestText:
    """Nothing longer than an address can be is looked at."""

    ADDRESS = "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%{zone}]:65535"

    def of_length(self, length: int) -> str:
        return self.ADDRESS.format(zone="z" * (length + len("{zone}") - len(self.ADDRESS)))

    def test_is_read(self) -> None:
        assert len(self.of_length(128)) == 128
        assert normalise(self.of_length(128)) == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
        assert normalise(self.of_length(129)) == ""

    def test_of_a_network_is_read(self) -> None:
        network = "192.0.2.0/" + "0" * 116 + "24"
        assert len(network) == 128
        assert network_range(network) == network_range("192.0.2.0/24")
        with pytest.raises(ValueError, match="not an address"):
            network_range(f"{network[:10]}0{network[10:]}")


class TestRefusedNetworks:
    ADVICE = (
        "“{shown}” is not an address or a network; write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."
    )

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("nonsense", "nonsense"),
            ("x" * 50, "x" * 50),
            ("x" * 51, "x" * 50 + "…"),
            ("x" * 500, "x" * 50 + "…"),
        ],
    )
    def test_are_named_and_cut(self, text, shown) -> None:
        with pytest.raises(ValueError, match="not an address") as refused:
            network_range(text)
        assert str(refused.value) == self.ADVICE.format(shown=shown)

    @pytest.mark.parametrize(
        "text", ["::ffff:192.0.2.7/24", "::ffff:0.0.0.0/95", "::FFFF:c000:207/0"]
    )
    def test_ipv4_in_ipv6_with_the_prefix_of_ipv4(self, text: str) -> None:
        """As IPv6 it would be every address of IPv4."""
        with pytest.raises(ValueError, match="not an address or a network"):
            network_range(text)
        assert not is_trusted("203.0.113.9", (text,))
        assert network_range("::ffff:192.0.2.7/96") == network_range("0.0.0.0/0")

    def test_host_bits_may_be_set(self) -> None:
        assert network_range("10.1.2.3/8") == network_range("10.0.0.0/8")

    def test_a_single_address_may_be_written_in_any_way(self) -> None:
        assert network_range("[2001:DB8::1]:80") == network_range("2001:db8::1")

    def test_the_ones_behind_it_still_count(self) -> None:
        assert is_trusted("192.0.2.7", ("nonsense", "192.0.2.0/24"))


def test_keys_of_both_kinds_of_addresses_are_apart() -> None:
    assert address_key("2001:db8::1") == "20010db8000000000000000000000001"
    assert address_key("192.0.2.1") == "00000000000000000000ffffc0000201"
    assert address_key("::1") == "00000000000000000000000000000001"
