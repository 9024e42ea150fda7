"""The client as its brands and the id of its Android app correct it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sessions_hub.understanding.android_apps import android_app
from sessions_hub.understanding.client_codes import CLIENT_CODES
from sessions_hub.understanding.facts import ClientFacts
from sessions_hub.understanding.hinted_clients import correct_client
from sessions_hub.understanding.user_agent import parse

CHROMIUM = ("Chromium", "140.0.7339.51")
VIEW = "Mozilla/5.0 (Linux; Android 14; Pixel 7; wv) Version/4.0 Chrome/140.0.7339.51 Mobile"


def browser(name: str, version: str = "", code: str | None = None) -> ClientFacts:
    return ClientFacts(
        client_type="browser",
        client_code=CLIENT_CODES.get(name, "") if code is None else code,
        client_name=name,
        client_version=version,
        client_engine="Blink",
        client_engine_version="140.0.0.0",
    )


def app(name: str, version: str = "") -> ClientFacts:
    return ClientFacts(client_type="mobile app", client_name=name, client_version=version)


def corrected(
    facts: ClientFacts,
    *brands: tuple[str, str],
    app_id: str = "",
    mobile: bool = False,
    agent: str = "",
) -> ClientFacts:
    return correct_client(facts, brands, app_id, mobile, agent)


def told(facts: ClientFacts) -> tuple[str, str, str]:
    return facts.client_code, facts.client_name, facts.client_version


@pytest.mark.parametrize(
    ("facts", "brand", "expected"),
    [
        # Hidden behind Chrome's user agent.
        (browser("Chrome", "140.0.0.0"), ("Brave", "140"), ("BR", "Brave", "140.0.0.0")),
        (browser("Chrome", "140.0.0.0"), ("Vivaldi", "7.6"), ("VI", "Vivaldi", "7.6")),
        (browser("Chrome Mobile", "140.0"), ("Acme", "3.1"), ("", "Acme", "3.1")),
        (browser("Chrome", "140.0"), ("CCleaner Browser", "139.0"), ("CL", "CCleaner", "139.0")),
        (browser("Microsoft Edge", "140.0"), ("Acme", "3.1"), ("", "Acme", "3.1")),
        # The same browser: the longer version, where both are of one release.
        (
            browser("Chrome Mobile", "140.0.0.0", "CM"),
            ("Google Chrome", "140.0.7339.51"),
            ("CM", "Chrome Mobile", "140.0.7339.51"),
        ),
        (
            browser("Samsung Browser", "29.0", "SB"),
            ("Samsung Internet", "29"),
            ("SB", "Samsung Browser", "29.0"),
        ),
        (
            browser("Opera", "124.0.0.0", "OP"),
            ("Opera", "124.0.5705.65"),
            ("OP", "Opera", "124.0.5705.65"),
        ),
        (
            browser("Opera", "84.0.4316.19", "OP"),
            ("Opera", "98.0"),
            ("OP", "Opera", "84.0.4316.19"),
        ),
        (browser("Opera", "", "OP"), ("Opera", "98.0"), ("OP", "Opera", "98.0")),
        (browser("Opera Mini", "40.1", "OI"), ("Opera", "84"), ("OI", "Opera Mini", "40.1")),
        (
            browser("Opera Mobile", "91.0.0.0", "OM"),
            ("OperaMobile", "91.5.4710"),
            ("OM", "Opera Mobile", "91.0.0.0"),
        ),
        (
            browser("Opera Mobile", "", "OM"),
            ("OperaMobile", "91.5"),
            ("OM", "Opera Mobile", "91.5"),
        ),
        (
            browser("Yandex Browser Lite", "24.1", "YL"),
            ("YaBrowser", "24.1.2"),
            ("YL", "Yandex Browser Lite", "24.1.2"),
        ),
        # A brand that says more than the user agent.
        (browser("Opera", "122.0", "OP"), ("Opera GX", "122.1"), ("OX", "Opera GX", "122.1")),
        (browser("Opera", "122.0", "OP"), ("Opera Air", "119"), ("6O", "Opera Air", "122.0")),
        (
            browser("Opera Devices", "4.24.3.23", "OH"),
            ("Vewd Core", "4.24"),
            ("WD", "Vewd Browser", "4.24.3.23"),
        ),
        # The user agent's own word stands.
        (browser("Quark", "6.1", "QU"), ("Google Chrome", "140"), ("QU", "Quark", "6.1")),
        (browser("Quark", "6.1", "QU"), ("Acme", "3.1"), ("QU", "Quark", "6.1")),
        # DuckDuckGo's brand has Chromium's number.
        (
            browser("Chrome", "140.0.0.0", "CH"),
            ("DuckDuckGo", "140.0.7339.51"),
            ("DD", "DuckDuckGo Privacy Browser", ""),
        ),
        (
            browser("DuckDuckGo Privacy Browser", "5", "DD"),
            ("DuckDuckGo", "140"),
            ("DD", "DuckDuckGo Privacy Browser", ""),
        ),
        # Nothing is told but the engine.
        (
            browser("Chrome", "140.0.0.0", "CH"),
            ("Yowser", "2.5"),
            ("CH", "Chrome", "140.0.7339.51"),
        ),
        (browser(""), ("Yowser", "2.5"), ("CR", "Chromium", "140.0.7339.51")),
    ],
)
def test_brands(facts, brand, expected) -> None:
    for brands in ((CHROMIUM, brand), (brand, CHROMIUM)):
        assert told(corrected(facts, *brands)) == expected


def test_chrome_is_called_mobile_on_phones() -> None:
    for mobile, name in ((True, "Chrome Mobile"), (False, "Chrome")):
        facts = corrected(browser(""), CHROMIUM, ("Google Chrome", "140"), mobile=mobile)
        assert facts.client_name == name


def test_chromium_is_the_engine() -> None:
    facts = corrected(browser("Chrome"), CHROMIUM, ("Brave", "140"))
    assert (facts.client_engine, facts.client_engine_version) == ("Blink", "140.0.7339.51")
    facts = corrected(ClientFacts(), ("Android WebView", "140.0.1"))
    assert (facts.client_engine, facts.client_engine_version) == ("Blink", "140.0.1")
    webkit = ClientFacts(client_type="browser", client_name="Acme", client_engine="WebKit")
    assert corrected(webkit, CHROMIUM).client_engine == "WebKit"
    assert corrected(browser("Chrome"), ("Brave", "1")).client_engine_version == "140.0.0.0"


def test_brands_change_no_app() -> None:
    facts = app("Instagram", "385.0")
    assert corrected(facts, CHROMIUM, ("Brave", "140")) == facts


@pytest.mark.parametrize(
    ("facts", "app_id", "expected"),
    [
        # A known app counts, whatever its WebView poses as.
        (browser("Chrome Webview", "140.0"), "com.pinterest", app("Pinterest")),
        (browser("Firefox", "140.0"), "com.pinterest", app("Pinterest")),
        (app("Pinterest", "13.1"), "com.pinterest", app("Pinterest", "13.1")),
        (app("Acme", "13.1"), "com.pinterest", app("Pinterest")),
        (ClientFacts(), "com.pinterest", app("Pinterest")),
        # An unknown one only where nothing else is told.
        (browser("Chrome Webview", "140.0"), "com.example.bank", app("com.example.bank")),
        (browser("Chrome Mobile", "140.0"), "com.example.bank", app("com.example.bank")),
        (browser("Chrome", "140.0"), "com.example.bank", app("com.example.bank")),
        (browser("Android Browser", ""), "com.example.bank", app("com.example.bank")),
        (app("Acme", "13.1"), "com.example.bank", app("Acme", "13.1")),
        (browser("Quark", "6.1", "QU"), "com.example.bank", browser("Quark", "6.1", "QU")),
        # Browsers
        (browser("Chrome Webview", "140.0", "CV"), "mark.via", browser("Via", "", "V1")),
        (browser("Chrome Webview", "140.0"), "com.acme.browser", browser("com.acme.browser")),
        (browser("Quark", "6.1", "QU"), "com.quark.browser", browser("Quark", "6.1", "QU")),
        (
            browser("Yandex Browser Lite", "24.1", "YL"),
            "com.yandex.browser",
            browser("Yandex Browser Lite", "24.1", "YL"),
        ),
        (
            browser("Samsung Browser", "7.4", "SB"),
            "com.sec.android.app.sbrowser.lite",
            browser("Samsung Browser Lite", "", "3L"),
        ),
        # Built from DuckDuckGo's source.
        (browser("DuckDuckGo Privacy Browser", "5", "DD"), "com.acme.web", browser("com.acme.web")),
        (
            browser("DuckDuckGo Privacy Browser", "5", "DD"),
            "com.duckduckgo.mobile.android",
            browser("DuckDuckGo Privacy Browser", "5", "DD"),
        ),
    ],
)
def test_android_apps(facts, app_id, expected) -> None:
    assert corrected(facts, app_id=app_id, agent=VIEW) == expected


@pytest.mark.parametrize(
    ("agent", "is_web_view"),
    [
        ("Mozilla/5.0 (Linux; Android 14; Pixel 7; wv) AppleWebKit/537.36", True),
        ("Mozilla/5.0 (Linux; Android 14) Version/4.0 Chrome/140.0", True),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 7 Build/UQ1A) Chrome/140.0", True),
        ("Dalvik/2.1.0 (Linux; U; Android 13)", True),
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0.0.0 Mobile", False),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0", False),
    ],
)
def test_only_a_web_view_names_an_unknown_app(agent, is_web_view) -> None:
    facts = browser("Chrome Mobile", "140.0", "CM")
    found = corrected(facts, app_id="Next.js", agent=agent)
    assert found == (app("Next.js") if is_web_view else facts)
    assert corrected(facts, app_id="com.pinterest", agent=agent) == app("Pinterest")


@pytest.mark.parametrize(
    ("os_name", "agent", "is_believed"),
    [
        ("Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0", False),
        ("Mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0", False),
        ("Chrome OS", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/140.0", False),
        ("GNU/Linux", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0", False),
        ("iOS", "Mozilla/5.0 (iPhone) Version/18.6", False),
        ("Android", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0", True),
        ("GNU/Linux", "Mozilla/5.0 (Linux; Android 14) Chrome/140.0", True),
        ("", "Acme", True),
        ("", "", True),
    ],
)
def test_an_app_of_android_runs_on_nothing_else(os_name, agent, is_believed) -> None:
    facts = replace(browser("Chrome", "140.0"), os_name=os_name)
    found = corrected(facts, app_id="com.facebook.katana", agent=agent)
    assert (found.client_name == "Facebook") == is_believed
    assert (found.client_type == "mobile app") == is_believed
    # The browser of a television poses as one on a computer.
    found = corrected(facts, app_id="com.brave.browser", agent=agent)
    assert found.client_name == "Brave"


def test_the_app_stands_when_its_webview_tells_brands() -> None:
    facts = corrected(browser("Chrome Webview", "140"), CHROMIUM, app_id="com.pinterest")
    assert facts == app("Pinterest")


def test_a_browser_s_engine_is_found_again_where_an_app_was_taken_for_it() -> None:
    for version, engine in (("140.0.1", "Blink"), ("27.0.1", "")):
        facts = corrected(app("Acme", "1"), app_id="mark.via", agent=f"Chrome/{version}")
        assert facts.client_engine == engine
        assert facts.client_engine_version == (version if engine else "")


@pytest.mark.parametrize(
    ("app_id", "expected"),
    [
        ("com.instagram.android", ("mobile app", "Instagram", True)),
        ("com.Slack", ("mobile app", "Slack", True)),
        ("org.mozilla.firefox", ("browser", "Firefox Mobile", True)),
        ("org.mozilla.firefox_beta", ("browser", "Firefox Mobile", True)),
        ("com.opera.mini.native.beta", ("browser", "Opera Mini", True)),
        ("de.twokit.video.tv.cast.browser.lg", ("mobile app", "TV Cast", True)),
        ("com.example.WebBrowser", ("browser", "com.example.WebBrowser", False)),
        ("com.example.webexplorer", ("browser", "com.example.webexplorer", False)),
        ("com.example.bank", ("mobile app", "com.example.bank", False)),
    ],
)
def test_ids_of_android_apps(app_id, expected) -> None:
    assert android_app(app_id) == expected


@pytest.mark.parametrize(
    ("user_agent", "brands", "expected"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Safari/537.36 Foobar/1.2",
            '"Chromium";v="142", "Google Chrome";v="142"',
            ("CH", "Chrome", "142.0"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Mobile Safari/537.36 Foobar/1.2",
            '"Chromium";v="142", "Google Chrome";v="142"',
            ("CM", "Chrome Mobile", "142.0"),
        ),
        # A browser of its own that only has no brand.
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Safari/537.36 Foobar/1.2",
            '"Chromium";v="142", "Not_A Brand";v="99"',
            ("", "Foobar", "1.2"),
        ),
    ],
)
def test_a_brand_counts_more_than_a_product_nobody_knows(user_agent, brands, expected) -> None:
    full = brands.replace('"142"', '"142.0.7444.60"')
    facts = parse(user_agent, {"sec-ch-ua": brands, "sec-ch-ua-full-version-list": full})
    assert (facts.client_code, facts.client_name, facts.client_version) == expected
    assert facts.client_type == "browser"


def test_a_robot_keeps_its_name_whatever_browser_it_drives() -> None:
    agent = (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/142.0.0.0 Safari/537.36 Checkly/1.0 (https://www.checklyhq.com)"
    )
    sent = {"sec-ch-ua": '"Chromium";v="142", "HeadlessChrome";v="142"'}
    without, facts = parse(agent, {}), parse(agent, sent)
    assert facts.is_bot
    assert (facts.client_name, facts.client_version) == ("Checkly", "1.0")
    assert facts == without


@pytest.mark.parametrize("suffix", ["Kaspersky/21.3", "Zscaler/4.2", "Html5Plus/1.0"])
def test_what_a_scanner_or_a_framework_adds_is_no_browser(suffix) -> None:
    facts = parse(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/142.0.0.0 Safari/537.36 {suffix}",
        {},
    )
    assert (facts.client_code, facts.client_version) == ("CH", "142.0")


def test_a_version_behind_an_at_sign_is_one() -> None:
    facts = parse(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Version/26.2 Mobile/15E148 Safari/604.1 (Ecosia ios@11.4.0.2281)",
        {},
    )
    assert (facts.client_name, facts.client_version) == ("Ecosia", "11.4")
