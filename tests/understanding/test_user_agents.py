"""Real clients of 2023 to 2026, and what is made of any other text."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sessions_hub.capture import ClientSnapshot
from sessions_hub.understanding import ClientFacts, understand_client
from sessions_hub.understanding import client as client_module
from sessions_hub.understanding.client_codes import CLIENT_CODES
from sessions_hub.understanding.client_hints import RELEVANT
from sessions_hub.understanding.codes import OS_CODES
from sessions_hub.understanding.fitting import SIZES

PATIENT = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)


def understand(user_agent: str, **hints: str) -> ClientFacts:
    headers = {name.replace("_", "-"): value for name, value in hints.items()}
    return understand_client(ClientSnapshot(user_agent=user_agent, hints=headers))


@pytest.fixture
def fresh_cache():
    client_module._parse.cache_clear()
    yield
    client_module._parse.cache_clear()


@pytest.mark.parametrize(
    ("platform_version", "windows"),
    [
        ('"0.1.0"', "7"),
        ('"0.2.0"', "8"),
        ('"0.3.0"', "8.1"),
        ('"0.0.0"', ""),
        ('"1.0.0"', "10"),
        ('"10.0.0"', "10"),
        ('"13.0.0"', "11"),
        ('"19.0.0"', "11"),
        ("15.0.0", "11"),
        ('""', "10"),
        ("nonsense", "10"),
    ],
)
def test_the_platform_version_tells_windows_10_and_11_apart(platform_version, windows) -> None:
    facts = understand(
        CHROME, sec_ch_ua_platform='"Windows"', sec_ch_ua_platform_version=platform_version
    )
    assert (facts.os_code, facts.os_version) == ("WIN", windows)


@pytest.mark.parametrize(
    "grease",
    [
        ' Not A;Brand";v="99',
        'Not_A Brand";v="99',
        'Not/A)Brand";v="8.0.0.0',
        'Not;A=Brand";v="24',
        'Not?A_Brand";v="99',
        '(Not(A:Brand";v="8',
    ],
)
def test_invented_brands_are_nobody(grease: str) -> None:
    facts = understand(CHROME, sec_ch_ua=f'"{grease}", "Chromium";v="142", "Brave";v="142"')
    assert (facts.client_code, facts.client_version) == ("BR", "142.0")
    facts = understand(CHROME, sec_ch_ua=f'"{grease}", "Chromium";v="142"')
    assert (facts.client_code, facts.client_version) == ("CH", "142.0")


def test_a_more_specific_system_of_the_user_agent_stands() -> None:
    ubuntu = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0"
    assert understand(ubuntu, sec_ch_ua_platform='"Linux"').os_name == "Ubuntu"


@pytest.mark.parametrize(
    ("factors", "mobile", "device_type"),
    [('"Tablet"', "?1", "tablet"), ('"XR"', "?0", "wearable"), ("", "?1", "smartphone")],
)
def test_form_factors_say_more_than_mobile(factors, mobile, device_type) -> None:
    agent = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile"
    hints = {
        "sec_ch_ua_platform": '"Android"',
        "sec_ch_ua_mobile": mobile,
        "sec_ch_ua_form_factors": factors,
    }
    assert understand(agent, **hints).device_type == device_type


def test_a_client_without_a_user_agent_is_known_by_its_hints() -> None:
    facts = understand(
        "",
        sec_ch_ua='"Chromium";v="142", "Google Chrome";v="142"',
        sec_ch_ua_platform='"Windows"',
        sec_ch_ua_platform_version='"19.0.0"',
        sec_ch_ua_mobile="?0",
    )
    assert facts.label == "Chrome 142 on Windows 11"
    assert facts.device_type == "desktop"


@PATIENT
@given(
    st.text(max_size=120),
    st.dictionaries(st.sampled_from(RELEVANT), st.text(max_size=60), max_size=4),
)
def test_any_text_is_understood_or_unknown(text: str, hints: dict[str, str]) -> None:
    facts = understand_client(ClientSnapshot(user_agent=text, hints=hints))
    for name, size in SIZES.items():
        assert type(getattr(facts, name)) is str
        assert len(getattr(facts, name)) <= size
    assert isinstance(facts.label, str)


def test_codes_are_one_to_one() -> None:
    for codes in (OS_CODES, CLIENT_CODES):
        assert len(set(codes.values())) == len(codes)
        assert all(len(code) <= 3 for code in codes.values())


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        ({}, ""),
        ({"client_name": "curl"}, "curl"),
        ({"client_name": "curl", "client_version": "8.7"}, "curl 8"),
        ({"client_version": "8.7"}, ""),
        ({"os_name": "Windows", "os_version": "11"}, "Windows 11"),
        ({"client_name": "Chrome", "os_name": "Android", "os_version": "16.0.0"}, None),
        ({"os_version": "16"}, ""),
        ({"os_name": "Mac", "os_version": "26.0"}, "macOS 26"),
        ({"os_name": "Chrome OS", "os_version": "16433.41.0"}, "ChromeOS"),
        ({"os_name": "Chromium OS", "os_version": "16433.41.0"}, "ChromiumOS"),
    ],
)
def test_the_label_leaves_out_what_is_missing(facts, label) -> None:
    expected = "Chrome on Android 16" if label is None else label
    assert ClientFacts(**facts).label == expected
