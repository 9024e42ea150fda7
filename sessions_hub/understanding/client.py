"""Snapshot → facts, at a bounded cost and without ever failing."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import lru_cache

from sessions_hub.capture import ClientSnapshot
from sessions_hub.capture.headers import MAX_LENGTH
from sessions_hub.logs import log_once_a_minute

from .client_hints import RELEVANT
from .facts import ClientFacts
from .user_agent import parse

logger = logging.getLogger("sessions_hub.understanding")

# The columns' sizes.
_SIZES = {
    "os_code": 16,
    "os_name": 64,
    "os_version": 32,
    "client_type": 32,
    "client_code": 16,
    "client_name": 64,
    "client_version": 32,
    "client_engine": 32,
    "client_engine_version": 32,
    "device_type": 32,
    "device_brand": 64,
    "device_model": 64,
}


def understand_client(snapshot: ClientSnapshot) -> ClientFacts:
    """What the user agent and the client hints of `snapshot` mean.

    Empty facts when they mean nothing or the parser fails, which is logged once a
    minute. Every value fits its database column.
    """
    try:
        sent = snapshot.hints
        hints = tuple((name, sent[name][:MAX_LENGTH]) for name in RELEVANT if name in sent)
        return _understand(snapshot.user_agent[:MAX_LENGTH], hints)
    # Nothing a client sends may cost more than an empty row of its own.
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.ERROR, "client", "A user agent could not be parsed.", exc_info=True
        )
        return ClientFacts()


@lru_cache(maxsize=2048)
def _understand(user_agent: str, hints: tuple[tuple[str, str], ...]) -> ClientFacts:
    if not user_agent and not hints:
        return ClientFacts()
    return _fitting(parse(user_agent, dict(hints)))


def _fitting(facts: ClientFacts) -> ClientFacts:
    cut = {}
    for name, size in _SIZES.items():
        value = getattr(facts, name)
        if not isinstance(value, str):
            cut[name] = ""
        elif len(value) > size:
            cut[name] = value[:size].rstrip()
    # replace() takes any value for any field; the names above are text fields.
    return replace(facts, **cut) if cut else facts  # type: ignore[arg-type]
