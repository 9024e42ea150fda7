"""The address of the client: who of all the hops is believed, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from sessions_hub.conf import conf

from .forwarded import MAX_HOPS, forwarded_hops, list_hops

# "[", an IPv6 address written out with an IPv4 tail, a zone, "]", ":", a port.
_MAX_TEXT = 128
_MAPPED = 0xFFFF << 32
_MAPPED_PREFIX = 96
# What nginx writes for a peer on a Unix socket, which has no address.
_SOCKET = re.compile(r"unix(:|\Z)")
_LISTS = {"HTTP_FORWARDED": forwarded_hops, "HTTP_X_FORWARDED_FOR": list_hops}


def client_address(meta: Mapping[str, object]) -> str:
    """The client's address, canonical; `""` when it is unknown. Never raises.

    `REMOTE_ADDR`, unless `SESSIONS_HUB_TRUSTED_PROXIES` or
    `SESSIONS_HUB_PROXY_COUNT` says which forwarding headers may be believed. A
    header that is missing, too short or unreadable never makes anything up: the
    last trusted hop is the answer then. Headers sent twice arrive joined by the
    server, with a comma and in order (RFC 9110 §5.3).
    """
    peer = normalise(meta.get("REMOTE_ADDR"))
    if networks := conf.SESSIONS_HUB_TRUSTED_PROXIES:
        return _walk(peer, meta, _as_tuple(networks))
    count = _as_count(conf.SESSIONS_HUB_PROXY_COUNT)
    return (_nth_from_the_right(meta, count) if count else "") or peer


def normalise(text: object) -> str:
    """One address as a header or `REMOTE_ADDR` writes it → its canonical text.

    Brackets, a port and an IPv6 zone are dropped, IPv4-mapped IPv6 becomes IPv4.
    Whatever is not one address (`unknown`, `_hidden`, a CIDR, a list, "") is `""`.
    """
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        return ""
    return _normalise(text)


def address_key(address: str) -> str:
    """32 lower-case hex digits that sort as addresses do, IPv4 as IPv4-mapped IPv6.

    Text comparison of keys is range comparison of addresses on every database.
    `""` for anything that is not an address.
    """
    canonical = normalise(address)
    return _key(ip_address(canonical)) if canonical else ""


def network_range(cidr: str) -> tuple[str, str]:
    """Lowest and highest `address_key` of a network or of a single address.

    Host bits may be set ("10.1.2.3/8" is 10.0.0.0/8). Raises ValueError, also for an
    IPv4-mapped address with a prefix of IPv4.
    """
    text = str(cidr).strip()
    try:
        if len(text) > _MAX_TEXT:
            raise ValueError
        address, slash, _ = text.partition("/")
        network = ip_network(text if slash else normalise(address), strict=False)
        is_mapped = network.version == 6 and "." in normalise(address)
        if is_mapped and network.prefixlen < _MAPPED_PREFIX:
            # "::ffff:192.0.2.7/24" means 192.0.2.0/24, and would be all of IPv4.
            raise ValueError
    except ValueError:
        shown = text if len(text) <= 50 else f"{text[:50]}…"
        raise ValueError(
            f"“{shown}” is not an address or a network; "
            "write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."
        ) from None
    return _key(network.network_address), _key(network.broadcast_address)


def _walk(peer: str, meta: Mapping[str, object], networks: tuple[str, ...]) -> str:
    if not is_trusted(peer, networks):
        return peer
    answers = set()
    for hops in _chains(meta, _header_name()):
        client = peer
        for hop in hops:
            address = normalise(hop)
            if address:
                client = address
            elif not _SOCKET.match(hop):
                break
            if not is_trusted(address, networks):
                break
        answers.add(client)
    return answers.pop() if len(answers) == 1 else peer


def _nth_from_the_right(meta: Mapping[str, object], count: int) -> str:
    header = _header_name()
    if header and header not in _LISTS:
        count = 1
    answers = set()
    for hops in _chains(meta, header):
        answers.add(normalise(hops[count - 1]) if len(hops) >= count else "")
    return answers.pop() if len(answers) == 1 else ""


def _chains(meta: Mapping[str, object], header: str) -> list[list[str]]:
    """The hops of each forwarding header that was sent, nearest first.

    `header` is the `META` key of the only one to read, or `""`. Without it there may
    be two chains, and the callers believe neither when they disagree: a proxy writes
    one of the two headers and passes on what the client made up in the other.
    """
    if header and header not in _LISTS:
        # One address, not a list: a comma in it means that someone added one.
        return [[_text(meta, header)]]
    chains = []
    for key, hops in _LISTS.items():
        if header in {"", key} and (text := _text(meta, key)):
            chains.append(hops(text))
    return chains


def _header_name() -> str:
    name = conf.SESSIONS_HUB_CLIENT_ADDRESS_HEADER
    if not isinstance(name, str) or not name:
        return ""
    key = name.strip().upper().replace("-", "_")
    # Not HTTP_REMOTE_ADDR: that would be a header of the client's own.
    return key if key.startswith("HTTP_") or key == "REMOTE_ADDR" else f"HTTP_{key}"


def _text(meta: Mapping[str, object], key: str) -> str:
    value = meta.get(key)
    return value if isinstance(value, str) else ""


def _as_count(count: object) -> int:
    if not isinstance(count, int) or isinstance(count, bool):
        return 0
    return count if count in range(MAX_HOPS + 1) else 0


def _as_tuple(networks: Iterable[object]) -> tuple[str, ...]:
    if isinstance(networks, str):
        return (networks,)
    try:
        return tuple(map(str, networks))
    except TypeError:
        return ()


@lru_cache(maxsize=2048)
def _normalise(text: str) -> str:
    host = _host(text.strip())
    if ":" in host:
        host, percent, zone = host.partition("%")
        if percent and not zone.replace("-", "").replace(".", "").replace("_", "").isalnum():
            return ""
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _host(text: str) -> str:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        readable = bracket and ":" in host and (not rest or _is_port(rest))
        return host if readable else ""
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host if _is_port(f":{port}") else ""
    return text


def _is_port(text: str) -> bool:
    port = text[1:]
    if not text.startswith(":") or not port.isascii():
        return False
    # RFC 7239 §6: digits, or an obfuscated "_name".
    return (port.isdigit() and len(port) <= 5) or (port.startswith("_") and len(port) > 1)


@lru_cache(maxsize=16)
def _ranges(networks: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    ranges = []
    for network in networks:
        try:
            ranges.append(network_range(network))
        except ValueError:
            continue
    return tuple(ranges)


@lru_cache(maxsize=2048)
def is_trusted(address: str, networks: tuple[str, ...]) -> bool:
    """Whether `address` lies in one of `networks` (CIDRs).

    The word "unix" stands for a peer without an address. Entries that are no
    networks match nothing; the system checks report them.
    """
    if not address:
        return "unix" in networks
    key = address_key(address)
    return any(low <= key <= high for low, high in _ranges(networks) if key)


def _key(address: IPv4Address | IPv6Address) -> str:
    number = int(address)
    return f"{number | _MAPPED if address.version == 4 else number:032x}"
