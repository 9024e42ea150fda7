"""Snapshot → facts, at a bounded cost and without ever failing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache

from sessions_hub.capture import ClientSnapshot
from sessions_hub.capture.headers import MAX_LENGTH
from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute

from .backends.base import is_bounded, load_backend
from .client_hints import RELEVANT
from .deadline import call_within
from .facts import ClientFacts
from .user_agent import parse

logger = logging.getLogger("sessions_hub.understanding")

CACHE_SIZE = 2048


def understand_client(snapshot: ClientSnapshot) -> ClientFacts:
    """What the user agent and the client hints of `snapshot` mean.

    Empty facts when they mean nothing or the backend fails or takes too long,
    which is logged once a minute. Every value fits its database column.
    """
    try:
        return parse_client(snapshot)
    # Nothing a client sends may cost more than an empty row of its own.
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.ERROR, "client", "A user agent could not be parsed.", exc_info=True
        )
        return ClientFacts()


def parse_client(snapshot: ClientSnapshot, *, backend: str | None = None) -> ClientFacts:
    """The facts of `snapshot` as `backend` tells them, fitted to the columns.

    `backend` is a dotted path, `SESSIONS_HUB_USER_AGENT_BACKEND` by default.
    Raises what the backend raises, and TimeoutError when it takes longer than
    `SESSIONS_HUB_USER_AGENT_TIMEOUT`. Answers are kept, failures are not.
    """
    sent = snapshot.hints
    hints = tuple((name, sent[name][:MAX_LENGTH]) for name in RELEVANT if name in sent)
    path = backend or conf.SESSIONS_HUB_USER_AGENT_BACKEND
    return _parse(path, snapshot.user_agent[:MAX_LENGTH], hints)


@lru_cache(maxsize=CACHE_SIZE)
def _parse(path: str, user_agent: str, hints: tuple[tuple[str, str], ...]) -> ClientFacts:
    if not user_agent and not hints:
        return ClientFacts()
    headers = dict(hints)
    # Loading may take seconds, once; only the parsing has a deadline.
    if is_bounded(load_backend(path)):
        return parse(user_agent, headers, backend=path)
    return _parse_in_time(path, user_agent, headers)


def _parse_in_time(path: str, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
    seconds = conf.SESSIONS_HUB_USER_AGENT_TIMEOUT.total_seconds()
    return call_within(seconds, lambda: parse(user_agent, headers, backend=path))
