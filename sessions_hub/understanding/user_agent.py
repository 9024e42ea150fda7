"""User agent and client hints → `ClientFacts`, by the configured backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sessions_hub.conf import conf

from .backends.base import load_backend
from .client_hints import correct, read_hints
from .facts import ClientFacts
from .fitting import fit
from .versions import shorten


def parse(
    user_agent: str, headers: Mapping[str, str], *, backend: str | None = None
) -> ClientFacts:
    """What `user_agent` and the client hints among `headers` (lower-case names) tell.

    Expects cleaned text of at most 512 characters: the cost grows with its length.
    Every value fits its column.
    `backend` is a dotted path, `SESSIONS_HUB_USER_AGENT_BACKEND` by default. Raises
    ImproperlyConfigured when there is no such backend, TypeError when it answers
    with anything but `ClientFacts`, and whatever it raises itself.
    """
    path = backend or conf.SESSIONS_HUB_USER_AGENT_BACKEND
    # A copy: what a backend does to it must not change what the hints say.
    facts = load_backend(path).parse(user_agent, dict(headers)) if user_agent else ClientFacts()
    if not isinstance(facts, ClientFacts):
        raise TypeError(f"{path} answered with {type(facts).__name__}, not ClientFacts")
    facts = fit(facts)
    if headers:
        facts = fit(correct(facts, read_hints(headers), user_agent))
    return _shortened(facts)


def _shortened(facts: ClientFacts) -> ClientFacts:
    """Versions as people compare them: clients and macOS as major.minor."""
    # A command line program's patch level is what its user is asked for.
    client = (
        facts.client_version if facts.client_type == "desktop" else shorten(facts.client_version)
    )
    system = shorten(facts.os_version) if facts.os_name == "Mac" else facts.os_version
    if (client, system) == (facts.client_version, facts.os_version):
        return facts
    return replace(facts, client_version=client, os_version=system)
