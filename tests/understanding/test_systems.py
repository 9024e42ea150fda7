"""The operating system of real agents: one line of tests/data/systems.txt for each rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.understanding.backends.user_agents.agent import Agent
from sessions_hub.understanding.backends.user_agents.named_systems import DEVICES, UNIX
from sessions_hub.understanding.backends.user_agents.reader import Reader
from sessions_hub.understanding.backends.user_agents.systems import operating_system
from sessions_hub.understanding.codes import DESKTOP, OS_CODES

READ = Reader()
# "name | version | user agent", in the order of the systems.
TABLE = (Path(__file__).parents[1] / "data" / "systems.txt").read_text(encoding="utf-8")
CASES = [line.split(" | ", 2) for line in TABLE.splitlines()]
# Apple's newest, for which Matomo has no code either.
WITHOUT_CODE = {"", "visionOS"}


def system(user_agent: str) -> tuple[str, str]:
    return operating_system(READ(user_agent))


@pytest.mark.parametrize(("name", "version", "user_agent"), CASES)
def test_the_system_of_a_real_agent(name: str, version: str, user_agent: str) -> None:
    assert system(user_agent) == (name, version)
    # By our own rules, whatever uap-core's next release says.
    assert operating_system(Agent(text=user_agent)) == (name, version)


@pytest.mark.parametrize(
    ("name", "version", "user_agent"),
    [
        ("Firefox OS", "1.2", "Mozilla/5.0 (Mobile; rv:26.0) Gecko/26.0 Firefox/26.0"),
        ("iOS", "10.2", "MyApp/1 CFNetwork/808.2.16 Darwin/16.3.0"),
        ("iOS", "9.3.5", "MyApp/1 CFNetwork/758.5.3 Darwin/15.6.0"),
        ("iOS", "8.1", "MyApp/1 CFNetwork/711.1.16 Darwin/14.0.0"),
        ("iOS", "7.0", "MyApp/1 CFNetwork/672.0.8 Darwin/14.0.0"),
        ("iOS", "4.3", "MyApp/1 CFNetwork/485.13.9 Darwin/11.0.0"),
    ],
)
def test_what_uap_core_knows_better_is_taken_from_it(name, version, user_agent) -> None:
    assert system(user_agent) == (name, version)


def test_every_system_that_is_told_has_a_code() -> None:
    names = {name for name, _, _ in CASES} | {name for _, name, _ in (*DEVICES, *UNIX)}
    assert {name for name in names if name not in OS_CODES} <= WITHOUT_CODE
    assert set(OS_CODES) >= DESKTOP


def test_every_name_in_the_tables_is_met_by_a_real_agent() -> None:
    met = {name for name, _, _ in CASES}
    assert {name for _, name, _ in (*DEVICES, *UNIX)} <= met


@pytest.mark.parametrize(
    ("browser", "version"),
    [("Version/26.1 Safari/605.1.15", "26.1"), ("Version/18.6 Safari/605.1.15", "10.15")],
)
def test_safari_tells_the_version_of_macos_from_26_on(browser: str, version: str) -> None:
    agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML) "
    assert system(agent + browser) == ("Mac", version)


@pytest.mark.parametrize(
    ("device", "claimed", "browser", "expected"),
    [
        ("iPhone", "iPhone OS 18_6", "26.0", ("iOS", "26.0")),
        ("iPhone", "iPhone OS 18_7", "26.1", ("iOS", "26.1")),
        ("iPhone", "iPhone OS 17_7", "26.0", ("iOS", "17.7")),
        ("iPhone", "iPhone OS 18_6", "18.6", ("iOS", "18.6")),
        ("iPhone", "iPhone OS 27_0", "26.0", ("iOS", "27.0")),
        ("iPad", "OS 18_7", "26.2", ("iPadOS", "26.2")),
        ("iPad", "OS 12_5_7", "12.1", ("iOS", "12.5.7")),
        ("iPad", "OS 13_0", "13.0", ("iPadOS", "13.0")),
    ],
)
def test_the_frozen_version_of_ios_is_looked_behind(device, claimed, browser, expected) -> None:
    text = f"Mozilla/5.0 ({device}; CPU {claimed} like Mac OS X) AppleWebKit/605.1.15 (KHTML) "
    assert system(f"{text}Version/{browser} Mobile/15E148 Safari/604.1") == expected


@pytest.mark.parametrize(
    ("kernel", "mac", "ios"),
    [
        ("1.4.0", "", ""),
        ("8.11.0", "10.4", ""),
        ("12.5.0", "10.8", ""),
        ("17.0.0", "10.13", "11.0"),
        ("17.2.0", "10.13", "11.1"),
        ("17.7.0", "10.13", "11.4"),
        ("18.0.0", "10.14", "12.0"),
        ("18.2.0", "10.14", "12.1"),
        ("18.5.0", "10.14", "12.2"),
        ("18.6.0", "10.14", "12.3"),
        ("18.7.0", "10.14", "12.4"),
        ("19.0.0", "10.15", "13.0"),
        ("19.3.0", "10.15", "13.3"),
        ("19.4.0", "10.15", "13.4"),
        ("19.6.0", "10.15", "13.6"),
        ("20.0.0", "11.0", "14.0"),
        ("20.1.0", "11.0", "14.2"),
        ("20.6.0", "11.5", "14.7"),
        ("21.1.0", "12.0", "15.1"),
        ("22.6.0", "13.5", "16.6"),
        ("23.0.0", "14.0", "17.0"),
        ("24.6.0", "15.6", "18.6"),
        ("25.0.0", "26.0", "26.0"),
        ("25.1.0", "26.1", "26.1"),
        ("26.0.0", "27.0", "27.0"),
    ],
)
def test_the_kernel_tells_the_release_of_apple(kernel: str, mac: str, ios: str) -> None:
    task = f"Acme/1.0 CFNetwork/1.0 Darwin/{kernel}"
    assert operating_system(Agent(text=task)) == ("iOS", ios)
    assert operating_system(Agent(text=f"{task} (x86_64)")) == ("Mac", mac)
    assert operating_system(Agent(text=f"aws-cli/2.0 Darwin/{kernel}")) == ("Mac", mac)


def test_darwin_before_2017_is_told_by_uap_core() -> None:
    agent = Agent(text="Acme/1.0 CFNetwork/711.1.16 Darwin/14.0.0", os="iOS", os_version="8.1")
    assert operating_system(agent) == ("iOS", "8.1")


@pytest.mark.parametrize(
    ("level", "version"),
    [
        (20, "20"),
        (21, "5.0"),
        (22, "5.1"),
        (23, "6.0"),
        (24, "7.0"),
        (25, "7.1"),
        (26, "8.0"),
        (27, "8.1"),
        (28, "9"),
        (29, "10"),
        (30, "11"),
        (31, "12"),
        (32, "12.1"),
        (33, "13"),
        (34, "14"),
        (35, "15"),
        (36, "16"),
    ],
)
def test_an_api_level_is_told_as_the_version_of_android(level: int, version: str) -> None:
    assert system(f"Acme/1.0 Android/{level} (Pixel 8)") == ("Android", version)


@pytest.mark.parametrize(
    ("android", "fire"),
    [
        ("14", "14"),
        ("12", "12"),
        ("11", "8"),
        ("10", "8"),
        ("9", "7"),
        ("7.1.2", "6"),
        ("6.0", "5"),
        ("5.1.1", "5"),
        ("4.4.3", "4"),
        ("2.3.4", "1"),
        ("3.0", ""),
    ],
)
def test_fire_os_is_told_by_its_android(android: str, fire: str) -> None:
    assert system(f"Mozilla/5.0 (Linux; Android {android}; KFTRWI) Silk/120") == ("Fire OS", fire)


@pytest.mark.parametrize(
    ("android", "lineage"),
    [
        ("16", "23"),
        ("14", "21"),
        ("13", "20.0"),
        ("12.1", "19.1"),
        ("7.1.2", "14.1"),
        ("5", "12.0"),
    ],
)
def test_lineage_os_is_told_by_its_android(android: str, lineage: str) -> None:
    text = f"Mozilla/5.0 (Linux; Android {android}; lineage_x) Chrome/120.0.0.0"
    assert system(text) == ("Lineage OS", lineage)


@pytest.mark.parametrize(
    ("kernel", "release"),
    [
        ("11.0", "11"),
        ("10.0.26100", "11"),
        ("10.0.22000", "11"),
        ("10.0.21999", "10"),
        ("10.0", "10"),
        ("6.4", "10"),
        ("6.3", "8.1"),
        ("6.2", "8"),
        ("6.1", "7"),
        ("6.0", "Vista"),
        ("5.2", "Server 2003"),
        ("5.1", "XP"),
        ("5.01", "2000"),
        ("5.0", "2000"),
        ("4.0", "NT"),
        ("9.9", ""),
    ],
)
def test_the_kernel_tells_the_release_of_windows(kernel: str, release: str) -> None:
    assert system(f"Acme/1.0 (Windows NT {kernel}; Win64; x64)") == ("Windows", release)


@pytest.mark.parametrize(
    ("chrome", "release"),
    [
        ("38.0", "3"),
        ("53.0", "4"),
        ("68.0", "5"),
        ("79.0", "6"),
        ("87.0", "22"),
        ("94.0", "23"),
        ("108.0", "24"),
        ("120.0", "25"),
        ("1.0", ""),
    ],
)
def test_the_browser_tells_the_release_of_webos(chrome: str, release: str) -> None:
    text = f"Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML) Chrome/{chrome}"
    assert system(text) == ("webOS", release)


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("Linux", "GNU/Linux"),
        ("Mac OS X", "Mac"),
        ("Symbian^3 Belle", "Symbian^3"),
        ("WatchOS", "watchOS"),
        ("tvOS", "Apple TV"),
    ],
)
def test_names_of_uap_core_do_not_leak(family: str, name: str) -> None:
    assert operating_system(Agent(text="x", os=family)) == (name, "")


def test_names_only_uap_core_has_are_no_systems() -> None:
    assert operating_system(Agent(text="x", os="Chromecast", os_version="1")) == ("", "")
    assert operating_system(Agent(text="x", os="Firefox OS", os_version="1")) == ("Firefox OS", "1")


@given(st.text(max_size=200))
def test_any_text_has_a_system_or_none(text: str) -> None:
    name, version = operating_system(Agent(text=text))
    assert type(name) is str
    assert type(version) is str
