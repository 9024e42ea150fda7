"""What client hints say, and how they correct the system and the device of any backend."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.understanding import ClientFacts
from sessions_hub.understanding.client_hints import RELEVANT, Hints, correct, read_hints

FACTS = [name for name in ClientFacts.__slots__ if name != "is_bot"]


def hints(**sent: object) -> Hints:
    headers = {"sec-ch-ua-" + name.replace("_", "-"): value for name, value in sent.items()}
    return read_hints(headers)  # type: ignore[arg-type]


def system(claimed: str, version: str, agent: str = "", **sent: str) -> tuple[str, str]:
    facts = correct(ClientFacts(os_name=claimed, os_version=version), hints(**sent), agent)
    return facts.os_name, facts.os_version


def device(agent: str = "", *, sent: dict[str, str], **known: str) -> tuple[str, str, str]:
    facts = correct(ClientFacts(**known), hints(**sent), agent)
    return facts.device_type, facts.device_brand, facts.device_model


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ('"Android"', "Android"),
        ("Android", "Android"),
        (' "Windows" ', "Windows"),
        ("windows", "Windows"),
        ('"Windows";a=1', "Windows"),
        ('"macOS"', "Mac"),
        ('"Linux"', "GNU/Linux"),
        ('"Chrome OS"', "Chrome OS"),
        ('"ChromeOS"', "Chrome OS"),
        ('"Chromium OS"', "Chromium OS"),
        ('"Fuchsia"', "Fuchsia"),
        ('"OpenHarmony"', "OpenHarmony"),
        ('"iOS"', "iOS"),
        ('"Unknown"', ""),
        ('"<b>Windows</b>"', ""),
        ('""', ""),
        ("", ""),
        (None, ""),
        (b'"Windows"', ""),
        (["Windows"], ""),
    ],
)
def test_the_platform_is_read_tolerantly(sent: object, name: str) -> None:
    assert hints(platform=sent).platform == name


@pytest.mark.parametrize(
    ("sent", "version"),
    [
        ('"15.0.0"', "15.0.0"),
        ("15.0.0", "15.0.0"),
        ('"14.5 beta"', "14.5"),
        ('"??"', ""),
        ('""', ""),
        ("10_15_7", "10"),
        ("\u0661\u0665.0", ""),
        ("15.\u0661", "15"),
        (None, ""),
        (15, ""),
    ],
)
def test_the_version_of_the_platform_is_read_tolerantly(sent: object, version: str) -> None:
    assert hints(platform_version=sent).platform_version == version


@pytest.mark.parametrize(
    ("sent", "mobile"),
    [
        ("?1", True),
        (" ?0 ", False),
        ('"?1"', True),
        ("?1;a=b", True),
        ("?0 ; a", False),
        (";?1", None),
        ("1", None),
        ("", None),
        (None, None),
    ],
)
def test_mobile_is_yes_no_or_not_sent(sent: object, mobile: bool | None) -> None:
    assert hints(mobile=sent).mobile is mobile


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ('"Tablet"', "tablet"),
        ("Mobile", "smartphone"),
        ('"mobile"', "smartphone"),
        ('"Desktop", "Tablet"', "desktop"),
        ('"Mobile", "XR"', "wearable"),
        ('"Watch"', "wearable"),
        ('"Tablet", "Automotive"', "car browser"),
        ('"EInk"', ""),
        (None, ""),
    ],
)
def test_of_several_form_factors_the_more_telling_one_counts(sent: object, kind: str) -> None:
    assert hints(form_factors=sent).form_factor == kind


@pytest.mark.parametrize(
    ("sent", "app_id"),
    [
        ("com.instagram.android", "com.instagram.android"),
        ("XMLHttpRequest", ""),
        ("com.example.app<script>", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_x_requested_with_counts_when_it_is_an_app_id(sent: object, app_id: str) -> None:
    assert read_hints({"x-requested-with": sent}).app_id == app_id  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("sent", "brands"),
    [
        ('"Chromium";v="142", "Brave";v="142"', (("Chromium", "142"), ("Brave", "142"))),
        ('"Chromium"; v="142.0.1.2"', (("Chromium", "142.0.1.2"),)),
        ('"Chromium";v=142, "Acme";v=7', (("Chromium", "142"), ("Acme", "7"))),
        ('" Not A;Brand";v="99", "Chromium";v="142"', (("Chromium", "142"),)),
        ('"(Not(A:Brand";v="8", "Chromium";v="142"', (("Chromium", "142"),)),
        (r'"\\Not\"A\\Brand";v="8", "Chromium";v="142"', (("Chromium", "142"),)),
        ('"Not.A/Brand";v="24.0.0.0", "Chromium";v="142"', (("Chromium", "142"),)),
        ('";Not A Brand";v="99", "Chromium";v="142"', (("Chromium", "142"),)),
        ('"Chromium"', ()),
        (None, ()),
    ],
)
def test_brands_are_read_without_the_invented_ones(sent: object, brands: object) -> None:
    assert read_hints({"sec-ch-ua": sent}).brands == brands  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("told", "hinted", "version"),
    [
        ("10", '"19.0.0"', "11"),
        ("10", '"13.0.0"', "11"),
        ("10", '"10.0.0"', "10"),
        ("10", '"1.0.0"', "10"),
        ("7", '"0.1.0"', "7"),
        ("", '"0.2"', "8"),
        ("10", '"0.3.0"', "8.1"),
        ("10", '"0.0.0"', ""),
        ("7", '"0.0.0"', "7"),
        ("11", '""', "11"),
        ("10", "", "10"),
    ],
)
def test_windows_is_told_by_the_version_of_the_platform(told, hinted, version) -> None:
    sent = {"platform": '"Windows"', "platform_version": hinted}
    assert system("Windows", told, **sent) == ("Windows", version)


def test_a_version_of_another_system_is_not_kept() -> None:
    assert system("Mac", "10.15.7", platform='"Windows"') == ("Windows", "")
    assert system("iOS", "18.7", platform='"Android"') == ("Android", "")


@pytest.mark.parametrize(
    ("claimed", "told", "platform", "hinted", "expected"),
    [
        # The hint tells more than the frozen user agent.
        ("Android", "10", "Android", "15.0.0", ("Android", "15.0.0")),
        ("Android", "15", "Android", "15.0.0", ("Android", "15.0.0")),
        ("Mac", "10.15.7", "macOS", "26.0.1", ("Mac", "26.0.1")),
        ("Chrome OS", "14541.0.0", "Chrome OS", "16433.41.0", ("Chrome OS", "16433.41.0")),
        # It never tells less.
        ("Android", "8.1.0", "Android", "8.1", ("Android", "8.1.0")),
        ("Android", "14", "Android", "0.0.0", ("Android", "14")),
        ("GNU/Linux", "", "Linux", "", ("GNU/Linux", "")),
        ("GNU/Linux", "6.5.0", "Linux", "", ("GNU/Linux", "6.5.0")),
        ("Mac", "10.15.7", "macOS", "", ("Mac", "10.15.7")),
        # A browser in disguise.
        ("Mac", "10.15.7", "Android", "14", ("Android", "14")),
        ("Ubuntu", "", "Android", "14", ("Android", "14")),
        ("Windows", "10", "Linux", "", ("GNU/Linux", "")),
        ("Android", "10", "Linux", "", ("GNU/Linux", "")),
        ("Ubuntu", "", "Windows", "15", ("Windows", "11")),
        ("iOS", "13.1", "Windows", "10.0", ("Windows", "10")),
        ("Fire OS", "7", "macOS", "14.1", ("Mac", "14.1")),
        ("", "", "Windows", "13.0.0", ("Windows", "11")),
        ("Mac", "10.15.7", "Linux", "", ("GNU/Linux", "")),
        ("iPadOS", "17.5", "Windows", "10.0.0", ("Windows", "10")),
        # A more specific word of the user agent stands.
        ("Fire OS", "7", "Android", "9.0.0", ("Fire OS", "7")),
        ("HarmonyOS", "", "Android", "12.0.0", ("HarmonyOS", "")),
        ("Android TV", "11", "Android", "11.0.0", ("Android TV", "11")),
        ("Chrome OS", "14541.0.0", "Android", "13", ("Chrome OS", "14541.0.0")),
        ("Ubuntu", "24.04", "Linux", "6.8.0", ("Ubuntu", "24.04")),
        ("Meta Horizon", "", "Linux", "", ("Meta Horizon", "")),
        ("webOS", "25", "Linux", "", ("webOS", "25")),
        ("Chrome OS", "13597.84.0", "Linux", "13597.84.0", ("Chrome OS", "13597.84.0")),
        ("iPadOS", "17.5", "iOS", "17.5", ("iPadOS", "17.5")),
        ("Xbox", "", "Windows", "10.0.0", ("Xbox", "")),
        ("A system of another backend", "1", "Android", "14", ("A system of another backend", "1")),
        # Two names of one system.
        ("Chrome OS", "14150.90.0", "Chromium OS", "", ("Chromium OS", "14150.90.0")),
    ],
)
def test_the_platform_corrects_what_is_coarser(claimed, told, platform, hinted, expected) -> None:
    sent = {"platform": f'"{platform}"', "platform_version": f'"{hinted}"'}
    assert system(claimed, told, **sent) == expected


def test_a_corrected_system_has_its_code() -> None:
    facts = correct(
        ClientFacts(os_code="MAC", os_name="Mac"), hints(platform='"Android"'), "Mozilla/5.0"
    )
    assert (facts.os_code, facts.os_name) == ("AND", "Android")
    own = ClientFacts(os_code="W!N", os_name="Windows")
    assert correct(own, hints(platform='"Windows"'), "").os_code == "W!N"


@pytest.mark.parametrize(
    ("platform", "claimed", "told", "version"),
    [
        ('"Linux"', "GNU/Linux", "13597.84.0", "13597.84.0"),
        ('"Linux"', "GNU/Linux", "", "13597.85.0"),
        ('"Android"', "Chrome OS", "13597.84.0", "13597.84.0"),
        ('"Android"', "GNU/Linux", "", ""),
    ],
)
def test_chrome_os_in_the_user_agent_beats_its_coarser_hints(
    platform, claimed, told, version
) -> None:
    agent = "Mozilla/5.0 (X11; CrOS armv7l 13597.84.0) AppleWebKit/537.36 Chrome/92.0.4515.98"
    sent = {"platform": platform, "platform_version": '"13597.85.0"'}
    assert system(claimed, told, agent, **sent) == ("Chrome OS", version)


def test_google_s_browser_runs_on_chrome_os_by_either_name() -> None:
    sent = {"sec-ch-ua-platform": '"Chromium OS"', "sec-ch-ua": '"Google Chrome";v="139"'}
    claimed = ClientFacts(os_code="COS", os_name="Chrome OS", os_version="14541.0.0")
    facts = correct(claimed, read_hints(sent), "")
    assert (facts.os_code, facts.os_version) == ("COS", "14541.0.0")


PHONE = {"platform": '"Android"', "mobile": "?1"}
TABLET = {"platform": '"Android"', "mobile": "?0"}
FACTOR = {"form_factors": '"Tablet"'}


@pytest.mark.parametrize(
    ("known", "sent", "kind"),
    [
        ({}, PHONE, "smartphone"),
        ({}, TABLET, "tablet"),
        ({"device_type": "desktop", "os_name": "GNU/Linux"}, TABLET, "tablet"),
        ({"device_type": "tv", "os_name": "Android"}, TABLET, "tv"),
        ({"device_type": "tablet", "os_name": "Android"}, PHONE, "tablet"),
        ({"device_type": "smartphone", "os_name": "Android"}, TABLET | FACTOR, "tablet"),
        ({"device_type": "tv"}, FACTOR, "tv"),
        ({"device_type": "console"}, FACTOR, "console"),
        ({}, {"platform": '"Windows"'}, "desktop"),
        ({"os_name": "Windows"}, {"mobile": "?0"}, "desktop"),
        ({"device_type": "smartphone", "os_name": "iOS"}, {"platform": '"Windows"'}, "desktop"),
        ({"device_type": "tablet", "os_name": "Windows"}, {"platform": '"Windows"'}, "tablet"),
        ({}, {"platform": '"Android"'}, ""),
        ({}, {"mobile": "?1"}, ""),
    ],
)
def test_the_type_of_the_device(known: dict[str, str], sent: dict[str, str], kind: str) -> None:
    assert device(sent=sent, **known)[0] == kind


APPLE = {"device_type": "smartphone", "device_brand": "Apple", "device_model": "iPhone"}
DELL = {"device_type": "desktop", "device_brand": "Dell", "device_model": ""}
PIXEL = {"device_type": "smartphone", "device_brand": "Google", "device_model": "Pixel 7"}


@pytest.mark.parametrize(
    ("known", "claimed", "platform", "brand", "model"),
    [
        (APPLE, "iOS", '"Windows"', "", ""),
        (APPLE, "iOS", '"Linux"', "", ""),
        (APPLE, "Mac", '"Android"', "", ""),
        (APPLE, "iOS", '"macOS"', "Apple", ""),
        (APPLE, "iPadOS", '"iPadOS"', "Apple", "iPhone"),
        (APPLE, "iOS", '"iPadOS"', "Apple", "iPhone"),
        (APPLE, "", '"Windows"', "Apple", "iPhone"),
        (DELL, "Windows", '"macOS"', "", ""),
        (DELL, "Windows", '"Android"', "", ""),
        (DELL, "Windows", '"Windows"', "Dell", ""),
        (PIXEL, "Android", '"Windows"', "", ""),
        (PIXEL, "Android", '"Android"', "Google", "Pixel 7"),
        (PIXEL, "GNU/Linux", '"Android"', "Google", "Pixel 7"),
        (PIXEL, "Android", '"Linux"', "Google", "Pixel 7"),
    ],
)
def test_a_device_that_cannot_run_the_hinted_system_is_forgotten(
    known: dict[str, str], claimed: str, platform: str, brand: str, model: str
) -> None:
    assert device(sent={"platform": platform}, os_name=claimed, **known)[1:] == (brand, model)


def test_the_hinted_model_takes_the_place_of_a_forgotten_one() -> None:
    sent = {"platform": '"Android"', "model": '"SM-S921B"'}
    assert device(sent=sent, os_name="iOS", **APPLE)[1:] == ("Samsung", "SM-S921B")


def test_the_model_fills_what_the_user_agent_left_out() -> None:
    assert device(sent={"model": '"SM-S921B"'})[1:] == ("Samsung", "SM-S921B")
    assert device(sent={"model": '"moto g(30)"'})[2] == "moto g(30)"
    assert device(sent={"model": r'"Tab 10\""'})[2] == 'Tab 10"'
    assert device(sent={"model": '"SM-<b>"'})[1:] == ("", "")
    assert device(sent={"model": '""'})[1:] == ("", "")


def test_a_backend_s_marketing_name_stands() -> None:
    known = {"device_brand": "Acme", "device_model": "Galaxy S24"}
    assert device(sent={"model": '"SM-S921B"'}, **known)[1:] == ("Acme", "Galaxy S24")


def test_without_hints_nothing_changes() -> None:
    facts = ClientFacts(**{name: name for name in FACTS}, is_bot=True)
    assert correct(facts, read_hints({}), "Mozilla/5.0 (iPhone) Mobile") == facts


@given(
    st.builds(ClientFacts, **dict.fromkeys(FACTS, st.text(max_size=12))),
    st.dictionaries(
        st.sampled_from([*RELEVANT, "sec-ch-ua-arch"]),
        st.none()
        | st.integers()
        | st.binary(max_size=8)
        | st.text(max_size=60)
        | st.sampled_from(['"Windows"', '"Android"', '"Linux"', '"Chromium OS"', "?1", '"0.0.0"']),
    ),
    st.text(max_size=60),
)
def test_any_headers_leave_text(facts: ClientFacts, headers: dict[str, str], agent: str) -> None:
    corrected = correct(facts, read_hints(headers), agent)
    assert all(type(value) is str for name, value in asdict(corrected).items() if name in FACTS)
    assert corrected.is_bot is facts.is_bot
