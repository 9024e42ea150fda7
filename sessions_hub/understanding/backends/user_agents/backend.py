"""`UserAgentsBackend`: user-agents on ua-parser's fastest resolver, and our tables.

user-agents and ua-parser say what uap-core's rules make of the string; what the
result is called, and everything uap-core has no word for, is decided by the
modules beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping

from sessions_hub.understanding.backends.base import UserAgentBackend
from sessions_hub.understanding.codes import OS_CODES
from sessions_hub.understanding.facts import ClientFacts

from .bots import is_bot
from .devices import device
from .programs import program
from .reader import Reader
from .systems import operating_system


class UserAgentsBackend(UserAgentBackend):
    """Quick on any text: its expressions are linear, or bounded in what they look at."""

    bounded = True

    def __init__(self) -> None:
        self._read = Reader()

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        agent = self._read(user_agent)
        os_name, os_version = operating_system(agent)
        client = program(agent, os_name)
        device_type, brand, model = device(agent, os_name, client.kind)
        return ClientFacts(
            os_code=OS_CODES.get(os_name, ""),
            os_name=os_name,
            os_version=os_version,
            client_type=client.kind,
            client_code=client.code,
            client_name=client.name,
            client_version=client.version,
            client_engine=client.engine,
            client_engine_version=client.engine_version,
            device_type=device_type,
            device_brand=brand,
            device_model=model,
            is_bot=is_bot(agent, client.kind),
        )
