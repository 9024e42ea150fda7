"""Networks whose addresses are nowhere: a GeoIP database is not asked about them.

A table of our own, since `ipaddress.is_global` changes with Python's patch releases.
The documentation networks (RFC 5737, RFC 3849) are left out on purpose: no vendor's
database knows them, and databases made for a demo or a test do.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

_NOWHERE = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # "this network", RFC 1122
        "10.0.0.0/8",  # private, RFC 1918
        "100.64.0.0/10",  # behind a carrier's NAT, RFC 6598
        "127.0.0.0/8",  # loopback, RFC 1122
        "169.254.0.0/16",  # link-local, RFC 3927
        "172.16.0.0/12",  # private, RFC 1918
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.168.0.0/16",  # private, RFC 1918
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved and broadcast, RFC 1112
        # Unspecified, loopback and IPv4-compatible, RFC 4291. Databases keep IPv4
        # here: ::10.0.0.1 would be looked up as 10.0.0.1.
        "::/96",
        "64:ff9b:1::/48",  # local translation, RFC 8215
        "100::/64",  # discard, RFC 6666
        # Teredo, RFC 4380: databases answer with the relay's place.
        "2001::/32",
        "fc00::/7",  # unique local, RFC 4193
        "fe80::/10",  # link-local, RFC 4291
        "fec0::/10",  # site-local, RFC 3879
        "ff00::/8",  # multicast, RFC 4291
    )
)


def is_somewhere(address: IPv4Address | IPv6Address) -> bool:
    """Whether `address` can have a place: not private, local, multicast or reserved.

    6to4 addresses (RFC 3056) are where the IPv4 address in them is.
    """
    if isinstance(address, IPv6Address) and address.sixtofour is not None:
        address = address.sixtofour
    return not any(address in network for network in _NOWHERE)
