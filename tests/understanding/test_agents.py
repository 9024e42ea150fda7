"""The corpus of user agents: what each of them is, field by field.

`data/agents.jsonl` holds agents that people and programs send to a sign-in page or an API,
`data/appwrite_agents.jsonl` the table a compatible server is measured by. A field that a
row does not name must be empty, except where its "unasserted" names it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from sessions_hub.understanding.facts import ClientFacts
from sessions_hub.understanding.user_agent import parse

DATA = Path(__file__).parents[1] / "data"
FIELDS = frozenset(asdict(ClientFacts()))
IN_LABEL = frozenset({"client_name", "client_version", "os_name", "os_version"})


def rows(name: str) -> list[dict[str, Any]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


AGENTS = rows("agents.jsonl")
APPWRITE = rows("appwrite_agents.jsonl")


@pytest.mark.parametrize("row", AGENTS, ids=[row["name"] for row in AGENTS])
def test_an_agent_is_understood(row) -> None:
    facts = parse(row["user_agent"], row["headers"])
    asserted = FIELDS - set(row.get("unasserted", ()))
    found = {name: value for name, value in asdict(facts).items() if value and name in asserted}
    assert found == row["facts"]
    if "label" in row:
        assert facts.label == row["label"]


@pytest.mark.parametrize("row", APPWRITE, ids=[str(row["number"]) for row in APPWRITE])
def test_an_agent_of_appwrites_table_is_understood(row) -> None:
    assert asdict(parse(row["user_agent"], {})) == row["expected"]


def test_the_corpus_is_wide_enough() -> None:
    assert len(AGENTS) >= 200
    assert sum(1 for row in AGENTS if row["headers"]) >= 40
    assert [row["number"] for row in APPWRITE] == list(range(1, 24))


def test_no_agent_stands_twice() -> None:
    names = {row["name"] for row in AGENTS}
    requests = {(row["user_agent"], *sorted(row["headers"].items())) for row in AGENTS}
    assert len(names) == len(AGENTS)
    assert len(requests) == len(AGENTS)


@pytest.mark.parametrize("row", AGENTS, ids=[row["name"] for row in AGENTS])
def test_a_row_is_complete(row) -> None:
    unasserted = set(row.get("unasserted", ()))
    assert row["source"].strip()
    assert all(header == header.lower() for header in row["headers"])
    assert set(row["facts"]) <= FIELDS - unasserted
    assert unasserted <= FIELDS
    assert all(row["facts"].values()), "an unknown field is left out"
    # A label can only be told where all of its parts are.
    assert ("label" in row) == (not IN_LABEL & unasserted)
