"""User agent and client hints → `ClientFacts`.

user-agents and ua-parser say what uap-core's rules make of the string; what the
result is called, and everything uap-core has no word for, is decided by the
modules beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from .agent import Agent
from .client_hints import correct_device, correct_program, correct_system, read_hints
from .codes import CLIENT_CODES, OS_CODES
from .devices import device
from .facts import ClientFacts
from .programs import program
from .systems import operating_system
from .versions import shorten

# "CUBOT" is a brand of phones.
_BOT = re.compile(r"(?i)(?<!cu)bot(?:[/;,. _)-]|\b)|crawl|spider|slurp|facebookexternalhit")
_OTHER = "Other"


def parse(user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
    """What `user_agent` and the client hints among `headers` (lower-case names) tell.

    Expects cleaned text of at most 512 characters: the cost grows with its length.
    """
    agent = read_agent(user_agent) if user_agent else Agent()
    hints = read_hints(headers)
    os_name, os_version = correct_system(*operating_system(agent), hints)
    mobile = bool(hints.mobile) if hints.mobile is not None else "Mobile" in user_agent
    client = correct_program(program(agent, os_name), hints, mobile)
    device_type, brand, model = correct_device(device(agent, os_name, client.kind), os_name, hints)
    is_bot = bool(_BOT.search(user_agent)) or (agent.is_bot and client.kind != "mobile app")
    return ClientFacts(
        os_code=OS_CODES.get(os_name, ""),
        os_name=os_name,
        os_version=os_version,
        client_type=client.kind,
        client_code="cli" if client.kind == "desktop" else CLIENT_CODES.get(client.name, ""),
        client_name=client.name,
        client_version=shorten(client.version),
        client_engine=client.engine,
        client_engine_version=client.engine_version,
        device_type=device_type,
        device_brand=brand,
        device_model=model,
        # uap-core calls HTTP libraries spiders; here they are API clients.
        is_bot=is_bot and client.kind not in {"library", "desktop"},
    )


def read_agent(user_agent: str) -> Agent:
    """`user_agent` taken apart by user-agents on ua-parser's fastest resolver."""
    found = _reader()(user_agent)
    result = found.result
    return Agent(
        text=user_agent,
        browser=_family(found.browser.family),
        browser_version=_version(result.user_agent),
        os=_family(found.os.family),
        os_version=_version(result.os),
        device=_family(found.device.family),
        brand=found.device.brand or "",
        model=found.device.model or "",
        is_bot=found.is_bot,
    )


@lru_cache(maxsize=1)
def _reader() -> Any:
    """The `user_agents` class on ua-parser's own API.

    user-agents asks ua-parser's old API, which never uses the Rust resolver, and it
    drops the fourth part of versions. Built on first use: both packages load
    tables of expressions.
    """
    import ua_parser
    from user_agents import parsers

    class Reader(parsers.UserAgent):  # type: ignore[misc]
        def __init__(self, text: str) -> None:
            self.ua_string = text
            self.result = result = ua_parser.parse(text).with_defaults()
            self.os = parsers.parse_operating_system(
                result.os.family,
                result.os.major,
                result.os.minor,
                result.os.patch,
                result.os.patch_minor,
            )
            self.browser = parsers.parse_browser(
                result.user_agent.family,
                result.user_agent.major,
                result.user_agent.minor,
                result.user_agent.patch,
                result.user_agent.patch_minor,
            )
            self.device = parsers.parse_device(
                result.device.family, result.device.brand, result.device.model
            )

    return Reader


def _family(name: str) -> str:
    return "" if name == _OTHER else name


def _version(found: Any) -> str:
    parts = (found.major, found.minor, found.patch, found.patch_minor)
    return ".".join(part for part in parts if part)
