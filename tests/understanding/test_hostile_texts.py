"""Texts that break careless parsers are read like any other.

What they cost is shown by tests/benchmarks/hostile.py; here an expression that needs
for ever runs into the time limit of the tests.
"""

from __future__ import annotations

from dataclasses import fields

import pytest

from sessions_hub.capture import ClientSnapshot
from sessions_hub.understanding import understand_client
from sessions_hub.understanding.backends.user_agents import UserAgentsBackend
from sessions_hub.understanding.client_hints import RELEVANT
from sessions_hub.understanding.facts import ClientFacts
from sessions_hub.understanding.fitting import SIZES
from tests.hostile_texts import CAP, FAMILIES, of_length

BACKEND = UserAgentsBackend()


@pytest.mark.parametrize("length", [1, CAP // 2, CAP])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_the_length_asked_for(family: str, length: int) -> None:
    assert len(of_length(family, length)) == length


@pytest.mark.parametrize("family", FAMILIES)
def test_the_default_backend_answers_with_text(family: str) -> None:
    # Four times what it is ever given, which a backtracking expression would take ill.
    facts = BACKEND.parse(of_length(family, 4 * CAP), {})
    for field in fields(ClientFacts):
        assert type(getattr(facts, field.name)) is (bool if field.name == "is_bot" else str)


@pytest.mark.parametrize("family", FAMILIES)
def test_agents_and_hints_of_any_length_fit_their_columns(family: str) -> None:
    text = of_length(family, 20 * CAP)
    facts = understand_client(ClientSnapshot(user_agent=text, hints=dict.fromkeys(RELEVANT, text)))
    for name, size in SIZES.items():
        assert len(getattr(facts, name)) <= size, name
