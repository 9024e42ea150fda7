"""geoip2's reader, for databases of every vendor."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

from geoip2.database import Reader
from maxminddb import MODE_FILE, MODE_MEMORY

__all__ = ["MODE_FILE", "MODE_MEMORY", "RecordReader"]


class RecordReader(Reader):
    """Reads records as they are.

    geoip2's own methods refuse databases whose type they do not know by name
    (IPinfo, ip-location-db), and records that lack what a model asks for.
    """

    def record(self, address: IPv4Address | IPv6Address) -> Any:
        """The record of `address`; None when there is none. Raises anything on damage."""
        return self._db_reader.get(address)

    def record_and_prefix(self, address: IPv4Address | IPv6Address) -> tuple[Any, int]:
        """The record and the prefix length of its network."""
        return self._db_reader.get_with_prefix_len(address)
