"""What the backend on device-detector tells, and the package's faults it repairs."""

from __future__ import annotations

from dataclasses import fields

import pytest

from sessions_hub.understanding import user_agent
from sessions_hub.understanding.backends.matomo import MatomoBackend
from sessions_hub.understanding.client_codes import CLIENT_CODES
from sessions_hub.understanding.codes import OS_CODES
from sessions_hub.understanding.facts import ClientFacts

from .matomo_agents import ANDROID, DEFAULT_HINTS, IPHONE, WEBKIT, WEBVIEW, WINDOWS, needs_package

PATH = "sessions_hub.understanding.backends.matomo.MatomoBackend"


@pytest.fixture(scope="module")
def backend() -> MatomoBackend:
    return MatomoBackend()


def told(facts: ClientFacts) -> dict[str, str]:
    return {
        field.name: getattr(facts, field.name)
        for field in fields(facts)
        if getattr(facts, field.name)
    }


@needs_package
def test_a_real_client_is_told_in_matomos_names(backend) -> None:
    assert told(backend.parse(IPHONE, {})) == {
        "os_code": "IOS",
        "os_name": "iOS",
        "os_version": "26.1",
        "client_type": "browser",
        "client_code": "MF",
        "client_name": "Mobile Safari",
        "client_version": "26.1",
        "client_engine": "WebKit",
        "client_engine_version": "605.1.15",
        "device_type": "smartphone",
        "device_brand": "Apple",
        "device_model": "iPhone",
    }


@needs_package
def test_the_backend_is_dispatched_to_by_its_path() -> None:
    facts = user_agent.parse(WINDOWS, {}, backend=PATH)
    assert (facts.os_name, facts.client_name, facts.client_version) == (
        "Windows",
        "Chrome",
        "142.0",
    )


@needs_package
@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        (WINDOWS, "browser", "Chrome"),
        ("curl/8.5.0", "library", "curl"),
        ("VLC/3.0.20 LibVLC/3.0.20", "mediaplayer", "VLC"),
        ("NetNewsWire (RSS Reader; https://netnewswire.com/)", "feed reader", "NetNewsWire"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0",
            "pim",
            "Thunderbird",
        ),
        # device-detector: messaging, ai, mediaplayer, navigation, desktop app, p2p.
        ("WhatsApp/2.24.20.89 A", "mobile app", "WhatsApp"),
        ("ChatGPT/1.2024.122 (iOS 17.4.1; iPhone15,2; build 123)", "mobile app", "ChatGPT"),
        ("Spotify/8.9.10 iOS/17.4 (iPhone15,2)", "mobile app", "Spotify"),
        ("Waze/4.90 iOS/17", "mobile app", "Waze"),
        (
            f"Mozilla/5.0 (Windows NT 10.0; QuickBooks/34.0) {WEBKIT} Chrome/136.0.7103.93",
            "mobile app",
            "QuickBooks",
        ),
        ("BTWebClient/3550(46206)", "library", "uTorrent"),
        # A browser in disguise.
        (
            "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) "
            "PhantomJS/2.1.1 Safari/538.1",
            "library",
            "PhantomJS",
        ),
        # Known to no list.
        ("AcmeSync/3.2 (Windows NT 10.0)", "library", "AcmeSync"),
        ("AcmeSync/7 CFNetwork/1494 Darwin/23.4.0", "mobile app", "AcmeSync"),
        ("AcmeSync/7 CFNetwork/1494", "mobile app", "AcmeSync"),
        ("AcmeSync/7.1 (iOS)", "mobile app", "AcmeSync"),
        ("TIANYU-KTOUCH/A933/Screen-240X320", "", ""),
        ("Mozilla/4.04 [en] (X11; I; IRIX 5.3 IP22)", "", ""),
        ("good morning everybody", "", ""),
        ("", "", ""),
    ],
)
def test_each_program_is_one_of_matomos_six_types(backend, text, kind, name) -> None:
    facts = backend.parse(text, {})
    assert (facts.client_type, facts.client_name) == (kind, name)


@needs_package
@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("messaging", "an app of no list", "mobile app"),
        ("game", "an app of no list", "mobile app"),
        ("desktop app", "an app of no list", "mobile app"),
        ("vpnproxy", "an app of no list", "mobile app"),
        ("library", "a library of no list", "library"),
        ("av", "CCleaner", "browser"),
        ("p2p", "uTorrent", "library"),
        ("mediaplayer", "VLC", "mediaplayer"),
    ],
)
def test_a_type_of_device_detectors_own_becomes_matomos(backend, kind, name, expected) -> None:
    assert backend._tables.client_type(kind, name) == expected


@needs_package
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (WINDOWS, "desktop"),
        (ANDROID, "smartphone"),
        (ANDROID.replace(" Mobile", ""), "tablet"),
        # A phablet, to Matomo.
        (ANDROID.replace("; K", "; SM-N986B"), "smartphone"),
        (f"Mozilla/5.0 (Linux; Android 9; Smart TV Build/1) {WEBKIT} Chrome/80.0.0.0", "tv"),
        ("Mozilla/5.0 (PlayStation 5 3.20) AppleWebKit/605.1.15 (KHTML, like Gecko)", "console"),
        (
            "Mozilla/5.0 (Mobile; Nokia 2720 Flip; rv:48.0) Gecko/48.0 KAIOS/2.5.2",
            "feature phone",
        ),
        (f"Mozilla/5.0 (X11; GNU/Linux) {WEBKIT} Chrome/79.0.3945.130 Tesla/2021", "car browser"),
        (
            f"Mozilla/5.0 (Linux; Android 12; Quest 3) {WEBKIT} OculusBrowser/35.0 Chrome/126.0",
            "wearable",
        ),
    ],
)
def test_device_types_are_in_our_words(backend, text, kind) -> None:
    assert backend.parse(text, {}).device_type == kind


@needs_package
def test_a_brand_that_is_not_known_is_empty(backend) -> None:
    # device-detector: "Unknown".
    text = f"Mozilla/5.0 (Linux; Android 7.1.2; hx322x_box) {WEBKIT} Chrome/99.0.4844.73"
    assert backend.parse(text, {}).device_brand == ""


@needs_package
@pytest.mark.parametrize(
    ("text", "os_code", "client_code"),
    [
        (WINDOWS, "WIN", "CH"),
        # Only device-detector's tables know these.
        (
            f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Falkon/3.1.0 Chrome/87.0.4280.144",
            "LIN",
            "FA",
        ),
        ("AppleTV6,2/11.1", "ATV", ""),
        # Apps and libraries have none.
        ("curl/8.5.0", "", ""),
    ],
)
def test_codes_are_ours_or_else_matomos(backend, text, os_code, client_code) -> None:
    facts = backend.parse(text, {})
    assert (facts.os_code, facts.client_code) == (os_code, client_code)


@needs_package
@pytest.mark.parametrize(
    ("text", "engine", "version"),
    [
        (WINDOWS.replace("142.0.0.0", "20.0.1132.57"), "WebKit", "537.36"),
        ("Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18", "Presto", "2.12.388"),
        ("curl/8.5.0", "", ""),
    ],
)
def test_an_old_browser_has_its_own_engine(backend, text, engine, version) -> None:
    facts = backend.parse(text, {})
    assert (facts.client_engine, facts.client_engine_version) == (engine, version)


@needs_package
def test_default_hints_change_nothing(backend) -> None:
    # device-detector itself would shorten the version and lose the device.
    assert backend.parse(ANDROID, DEFAULT_HINTS) == backend.parse(ANDROID, {})
    assert backend.parse(ANDROID, {}).device_type == "smartphone"


@needs_package
def test_a_hinted_model_and_version_are_used(backend) -> None:
    hints = {"sec-ch-ua-model": '"SM-S918B"', "sec-ch-ua-platform-version": '"15.0.0"'}
    facts = backend.parse(ANDROID, DEFAULT_HINTS | hints)
    assert (facts.os_version, facts.device_brand, facts.device_model, facts.client_version) == (
        "15.0.0",
        "Samsung",
        "Galaxy S23 Ultra",
        "142.0.0.0",
    )


@needs_package
@pytest.mark.parametrize(
    ("text", "brand", "expected"),
    [
        (WINDOWS, "Herond", ("HN", "Herond Browser", "9")),
        (WINDOWS, "CCleaner Browser", ("CL", "CCleaner", "9")),
        (f"{WINDOWS} OPR/124.0", "Opera Air", ("6O", "Opera Air", "9")),
        (f"{WINDOWS} OPR/124.0", "Herond", ("OP", "Opera", "124.0")),
        (WINDOWS, "Google Chrome", ("CH", "Chrome", "142.0.0.0")),
        (WINDOWS, "No Such Thing", ("CH", "Chrome", "142.0.0.0")),
    ],
)
def test_a_brand_names_what_calls_itself_chrome(backend, text, brand, expected) -> None:
    facts = backend.parse(text, {"sec-ch-ua": f'"Chromium";v="142", "{brand}";v="9"'})
    assert (facts.client_code, facts.client_name, facts.client_version) == expected


@needs_package
@pytest.mark.parametrize(
    ("suffix", "app", "expected"),
    [
        # A browser made of the webview: its engine, not its version.
        ("", "com.brave.browser", ("browser", "Brave", "", "Blink")),
        # An app made of another app.
        (" Instagram 350.0.0.1 Android", "com.instapro.app", ("mobile app", "InstaPro", "", "")),
        (
            " Instagram 350.0.0.1 Android",
            "com.instagram.android",
            ("mobile app", "Instagram", "350.0.0.1", ""),
        ),
        # On the list of mail programs, but as an app that names itself.
        (" EdgW/1.0", "com.microsoft.office.outlook", ("mobile app", "Microsoft Outlook", "", "")),
        ("", "XMLHttpRequest", ("browser", "Chrome Webview", "142.0.7444.48", "Blink")),
    ],
)
def test_an_app_id_names_the_app(backend, suffix, app, expected) -> None:
    facts = backend.parse(f"{WEBVIEW}{suffix}", {"x-requested-with": app})
    found = (facts.client_type, facts.client_name, facts.client_version, facts.client_engine)
    assert found == expected
    assert facts.device_model == "Galaxy S23 Ultra"


@needs_package
def test_a_name_is_no_other_app_without_an_app_id(backend) -> None:
    text = "curl/8.5.0"
    found = backend._detector(text, check_cache=False, skip_bot_detection=True).parse()
    # As device-detector renames "Telegram" to "Telegram Messenger".
    found.all_details["client"]["name"] = "curl, the program"
    assert backend._clients.client(found, text, {}).client_version == "8.5.0"


@needs_package
def test_a_name_with_a_variable_part_is_no_other_app(backend) -> None:
    text = "Microsoft Office Excel/16.90 (Mac OS/14.1; Desktop)"
    facts = backend.parse(text, {"x-requested-with": "XMLHttpRequest"})
    assert (facts.client_name, facts.client_version) == ("Microsoft Office Excel", "16.90")


@needs_package
def test_an_app_id_does_not_lose_the_device(backend) -> None:
    facts = backend.parse(ANDROID, {"x-requested-with": "org.telegram.messenger"})
    assert facts.device_type == "smartphone"


@needs_package
def test_a_bot_has_a_client_and_a_device_like_anybody(backend) -> None:
    facts = backend.parse(f"{ANDROID} (compatible; Googlebot/2.1)", {})
    assert facts.is_bot
    assert (facts.os_name, facts.client_name, facts.device_type) == (
        "Android",
        "Chrome Mobile",
        "smartphone",
    )
    assert not backend.parse(ANDROID, {}).is_bot
    assert not backend.parse("curl/8.5.0", {}).is_bot


@needs_package
def test_our_codes_are_the_ones_other_programs_use() -> None:
    from device_detector.parser.settings import BROWSER_TO_ABBREV, OS_TO_ABBREV

    for ours, theirs in ((CLIENT_CODES, BROWSER_TO_ABBREV), (OS_CODES, OS_TO_ABBREV)):
        known = {name.lower(): code for name, code in theirs.items()}
        both = {name for name in ours if name.lower() in known}
        assert len(both) > 0.9 * len(ours)
        assert {name: ours[name] for name in both} == {name: known[name.lower()] for name in both}
