"""What a snapshot means: client, operating system, device and place. Pure."""

from __future__ import annotations

from .client import understand_client
from .facts import ClientFacts, Place
from .geoip import locate

__all__ = ["ClientFacts", "Place", "locate", "understand_client"]
