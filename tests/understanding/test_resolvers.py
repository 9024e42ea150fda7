"""ua-parser's resolvers differ in the spiders they know: what we answer must not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import ua_parser

from sessions_hub.understanding.backends.user_agents.backend import UserAgentsBackend

DATA = Path(__file__).parents[1] / "data"
ROWS = ("agents.jsonl", "unseen_agents.jsonl", "appwrite_agents.jsonl")
LINES = ("bots.txt", "not_bots.txt")


def texts() -> list[str]:
    read = {name: (DATA / name).read_text(encoding="utf-8").splitlines() for name in ROWS + LINES}
    found = [json.loads(line)["user_agent"] for name in ROWS for line in read[name]]
    return found + [line for name in LINES for line in read[name]]


@pytest.mark.skipif(
    ua_parser.RegexResolver is None, reason="ua_parser_rs, the resolver in Rust, is not installed"
)
def test_the_resolvers_in_rust_and_in_python_lead_to_the_same_answers(monkeypatch) -> None:
    backend, agents, answers = UserAgentsBackend(), texts(), []
    rust = ua_parser.RegexResolver(ua_parser.load_lazy_builtins())
    python = ua_parser.BasicResolver(ua_parser.load_builtins())
    for resolver in (rust, python):
        monkeypatch.setattr(ua_parser, "parser", ua_parser.Parser(resolver))
        answers.append([backend.parse(agent, {}) for agent in agents])
    pairs = zip(agents, *answers, strict=True)
    assert [agent for agent, by_rust, by_python in pairs if by_rust != by_python] == []


@pytest.mark.parametrize(
    ("user_agent", "name", "version"),
    [
        # Posing as a browser, named by uap-core, by itself behind a browser, in the comment.
        ("Mozilla/5.0 Chrome/49.0 Safari/537.36 (Applebot/0.1)", "Applebot", "0.1"),
        ("Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/99.0 AcmeMonitor/2.1", "AcmeMonitor", "2.1"),
        ("Mozilla/5.0 Chrome/77.0 (compatible; PagePeeker/3.0; +https://a.b)", "PagePeeker", "3.0"),
        # On its own.
        ("CommaFeed/1.0 (http://www.commafeed.com)", "CommaFeed", "1.0"),
        ("anthropic-ai", "anthropic-ai", ""),
    ],
)
def test_a_bot_by_our_own_rules_is_no_browser_and_no_library(
    user_agent: str, name: str, version: str, monkeypatch
) -> None:
    monkeypatch.setattr(
        ua_parser, "parser", ua_parser.Parser(ua_parser.BasicResolver(ua_parser.load_builtins()))
    )
    facts = UserAgentsBackend().parse(user_agent, {})
    assert (facts.client_type, facts.client_name, facts.client_version) == ("", name, version)
    assert facts.is_bot
