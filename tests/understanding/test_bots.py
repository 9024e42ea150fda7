"""Who is a bot: a line of tests/data/bots.txt for each rule, and who is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessions_hub.understanding.backends.user_agents.agent import Agent, DeviceWords
from sessions_hub.understanding.backends.user_agents.backend import UserAgentsBackend
from sessions_hub.understanding.backends.user_agents.bots import is_bot

DATA = Path(__file__).parents[1] / "data"
BOTS = (DATA / "bots.txt").read_text(encoding="utf-8").splitlines()
NO_BOTS = (DATA / "not_bots.txt").read_text(encoding="utf-8").splitlines()
BACKEND = UserAgentsBackend()


def spider() -> DeviceWords:
    return DeviceWords(is_spider=True)


@pytest.mark.parametrize("user_agent", BOTS)
def test_a_bot_is_one(user_agent: str) -> None:
    assert BACKEND.parse(user_agent, {}).is_bot
    # By our own rules, whatever uap-core's next release says.
    assert is_bot(Agent(text=user_agent), "")


@pytest.mark.parametrize("user_agent", NO_BOTS)
def test_a_browser_an_application_and_a_library_are_none(user_agent: str) -> None:
    assert not BACKEND.parse(user_agent, {}).is_bot


@pytest.mark.parametrize("kind", ["desktop", "library", "mediaplayer", "mobile app", "pim"])
def test_uap_core_calls_libraries_spiders_which_are_none(kind: str) -> None:
    agent = Agent(text="Acme/1.0", ask_for_device=spider)
    assert not is_bot(agent, kind)
    assert is_bot(agent, "")
    assert is_bot(agent, "browser")


@pytest.mark.parametrize("library", ["Indy Library", "Win32; WinHttp.WinHttpRequest.5"])
def test_a_library_in_the_guise_of_a_browser_is_none(library: str) -> None:
    text = f"Mozilla/4.0 (compatible; {library})"
    assert not is_bot(Agent(text=text, ask_for_device=spider), "")


def test_uap_core_knows_bots_in_the_guise_of_a_browser() -> None:
    text = "Mozilla/5.0 (X11; Linux x86_64) Chrome/60.0 Safari/537.36 Acme/1"
    assert is_bot(Agent(text=text, ask_for_device=spider), "browser")
    assert not is_bot(Agent(text=text), "browser")


@pytest.mark.parametrize(
    "comment",
    [
        "Windows NT 10.0; Win64; x64",
        "Windows NT 6.1; WOW64; rv:115.0",
        "Macintosh; Intel Mac OS X 10_15_7",
        "Macintosh; Intel Mac OS X 10.15; rv:140.0",
        "X11; Linux x86_64",
        "X11; Ubuntu; Linux x86_64; rv:140.0",
        "X11; CrOS x86_64 14541.0.0",
        "X11; U; Linux i686; en-US",
        "iPhone; CPU iPhone OS 18_6_2 like Mac OS X",
        "iPad; CPU OS 17_1 like Mac OS X",
        "Linux; Android 10; K",
        "Linux; Android 14; SM-S921B Build/UP1A.231005.007; wv",
        "Linux; U; Android 4.1.2; de-de; GT-I9300",
        "Android 15; Mobile; rv:140.0",
    ],
)
def test_a_plain_browser_is_none_without_asking_uap_core(comment: str) -> None:
    def refuse() -> DeviceWords:
        raise AssertionError("the rules for devices were gone through")

    text = f"Mozilla/5.0 ({comment}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0"
    agent = Agent(text=text, ask_for_device=refuse)
    assert not is_bot(agent, "browser")
    assert not agent.is_bot


@pytest.mark.parametrize(
    "system", ["Windows NT 6.1; WOW64", "X11; Linux x86_64", "Linux; Android 9", "iPhone"]
)
@pytest.mark.parametrize(
    "name", ["Yahoo! Slurp", "scrapy", "nutch", "pingdom", "StatusCake", "masscan", "acmecrawl"]
)
def test_a_bot_names_itself_in_the_comment_of_a_browser(system: str, name: str) -> None:
    text = f"Mozilla/5.0 ({system}; {name}) Gecko/20100101 Firefox/4.0"
    assert is_bot(Agent(text=text), "browser")
    assert BACKEND.parse(text, {}).client_type == ""


def test_uap_core_is_asked_about_unusual_words_in_the_comment() -> None:
    text = "Mozilla/5.0 (Windows NT 6.1; Acme) Gecko/20100101 Firefox/4.0"
    assert is_bot(Agent(text=text, ask_for_device=spider), "browser")
    assert not is_bot(Agent(text=text), "browser")
