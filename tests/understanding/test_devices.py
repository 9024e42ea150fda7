"""Type, brand and model of devices, from the user agent alone."""

from __future__ import annotations

import pytest

from sessions_hub.understanding.backends.user_agents.agent import Agent, DeviceWords
from sessions_hub.understanding.backends.user_agents.devices import device
from sessions_hub.understanding.backends.user_agents.televisions import is_television, television
from sessions_hub.understanding.user_agent import parse

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
MOBILE = f"{WEBKIT} Chrome/99.0.4844.88 Mobile Safari/537.36"
WIDE = f"{WEBKIT} Chrome/99.0.4844.88 Safari/537.36"
VENDOR = "Mozilla/5.0 (Linux mips) AppleWebKit/537.36 (KHTML, like Gecko)"


def android(model: str, browser: str = MOBILE) -> str:
    return f"Mozilla/5.0 (Linux; Android 9; {model}) {browser}"


CASES = [
    # Android: "Mobile" means a phone, unless the model is known for something else.
    (android("SM-A336B"), "smartphone", "Samsung", "SM-A336B"),
    (android("SM-A336B", WIDE), "tablet", "Samsung", "SM-A336B"),
    (android("SM-T395"), "tablet", "Samsung", "SM-T395"),
    # Unfolded, browsers leave the word out.
    (android("SM-F956B", WIDE), "smartphone", "Samsung", "SM-F956B"),
    (android("Pixel 9 Pro Fold", WIDE), "smartphone", "Google", "Pixel 9 Pro Fold"),
    (android("SAMSUNG SM-G781B"), "smartphone", "Samsung", "SM-G781B"),
    (android("moto g(50)"), "smartphone", "Motorola", "moto g(50)"),
    (android("Zeta 5 Build/PQ1A.190105"), "smartphone", "", "Zeta 5"),
    (android("Zeta 5 Build/PQ1A.190105; wv"), "smartphone", "", "Zeta 5"),
    (android("K"), "smartphone", "", ""),
    (android("wv"), "smartphone", "", ""),
    (android("Zeta 5; HMSCore 6.1"), "smartphone", "", "Zeta 5"),
    (android("arm_64; Zeta 5"), "smartphone", "", "Zeta 5"),
    (android("de-de; Zeta 5"), "smartphone", "", "Zeta 5"),
    (f"Mozilla/5.0 (Linux; U; Android 4.1.2; fr-; Zeta 5) {MOBILE}", "smartphone", "", "Zeta 5"),
    (f"Mozilla/5.0 (Linux; arm; Android 9; Zeta 5) {MOBILE}", "smartphone", "", "Zeta 5"),
    (
        android("Zeta 5", f"{WEBKIT} Chrome/99.0 YaApp_Android/22.1/apad Mobile"),
        "tablet",
        "",
        "Zeta 5",
    ),
    ("Mozilla/5.0 (Android 12; Tablet; rv:109.0) Gecko/109.0 Firefox/109.0", "tablet", "", ""),
    ("Opera/9.80 (Android; Opera Mini/36.2/1; U; de) Presto/2.12", "smartphone", "", ""),
    ("Dalvik/2.1.0 (Linux; U; Android 7.0; Redmi 4 Build/N)", "smartphone", "Xiaomi", "Redmi 4"),
    ("okhttp/4.9.3", "", "", ""),
    (
        "Mozilla/5.0 (Linux; Android 8.0; X) [FBAN/FB4A;FBMF/realme;FBDV/RMX9;FBSV/8]",
        "smartphone",
        "Realme",
        "RMX9",
    ),
    (f"Mozilla/5.0 (PC; OpenHarmony 5.1) {WIDE} ArkWeb/5.1", "desktop", "", ""),
    (android("Inspiron 5580", WIDE), "desktop", "Dell", "Inspiron 5580"),
    # Apple: by the name, the code, or the system alone.
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", "smartphone", "Apple", "iPhone"),
    ("Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X)", "tablet", "Apple", "iPad"),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Mobile/21F79 Instagram 335.0.0.20.83 (iPad13,16; iPadOS 17_5; en_US)",
        "tablet",
        "Apple",
        "iPad",
    ),
    (
        "Mozilla/5.0 (iPod touch; CPU iPhone OS 15_8 like Mac OS X)",
        "portable media player",
        "Apple",
        "iPod",
    ),
    ("Outlook-iOS/711.26.prod.iphone (4.2.0)", "smartphone", "Apple", "iPhone"),
    ("Notes/4 (iPhone14,2; iOS 17.0)", "smartphone", "Apple", "iPhone14,2"),
    (
        "Notes/4 CFNetwork/596.5 Darwin/12.5.0 (MacBookPro9%2C2)",
        "desktop",
        "Apple",
        "MacBookPro9,2",
    ),
    ("atc/1.0 watchOS/10.4 model/Watch6,1 build/21T216", "wearable", "Apple", "Watch6,1"),
    ("AppleTV6,2/12.1.1", "tv", "Apple", "Apple TV"),
    ("AppleCoreMedia/1.0 (Apple TV; U; CPU OS 17_1 like Mac OS X)", "tv", "Apple", "Apple TV"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "desktop", "Apple", ""),
    # Consoles.
    ("Mozilla/5.0 (PlayStation; PlayStation 5/9.60)", "console", "Sony", "PlayStation 5"),
    ("Mozilla/5.0 (PlayStation 4 PRO)", "console", "Sony", "PlayStation 4 Pro"),
    ("Mozilla/5.0 (PS3) AppleWebKit/535.11 Meta/2.0", "console", "Sony", "PlayStation 3"),
    ("Mozilla/5.0 (Windows NT 10.0; XBOX_ONE_ED)", "console", "Microsoft", "Xbox One S"),
    ("Mozilla/5.0 (PlayStation Vita 3.74)", "console", "Sony", "PlayStation Vita"),
    (
        f"Mozilla/5.0 (Windows NT 10.0; Xbox; Xbox Series X) {WIDE}",
        "console",
        "Microsoft",
        "Xbox Series X",
    ),
    (f"Mozilla/5.0 (Windows NT 10.0; Xbox) {WIDE}", "console", "Microsoft", "Xbox"),
    ("Mozilla/5.0 (Nintendo Switch; WebApplet)", "console", "Nintendo", "Switch"),
    ("Mozilla/5.0 (Nintendo WiiU)", "console", "Nintendo", "Wii U"),
    ("Mozilla/5.0 (Nintendo 3DS; U; ; en)", "console", "Nintendo", "3DS"),
    (android("Retroid Pocket 6"), "console", "Retroid Pocket", "6"),
    # Televisions: vendor and model are told after the features, or by a word.
    (f"{VENDOR} HbbTV/1.2.1 (+DRM; Vestel; 4K9; 1.0;)", "tv", "Vestel", "4K9"),
    (f"{VENDOR} HbbTV/1.2.1 (; LGE; 43UK6300; 1.0;)", "tv", "LG", "43UK6300"),
    (f"{VENDOR} HbbTV/1.2.1 (; LGE; SN55ABC; 1.0;)", "tv", "Sunny", "SN55ABC"),
    (
        f"{VENDOR} HbbTV/1.5.1 (; TOSHIBA; MB185; 1.0; _TV_G3_2021;)",
        "tv",
        "Toshiba",
        "Smart TV (2021)",
    ),
    (f"{VENDOR} HbbTV/1.5.1 (; TOSHIBA; MB185; 1.0;)", "tv", "Toshiba", ""),
    (f"{VENDOR} VIDAA/6.0(Hisense;SmartTV;55A7;x)", "tv", "Hisense", "55A7"),
    (f"{VENDOR} CrKey/1.0 VIZIO SmartCast(FW/1 Model/V405-G9)", "tv", "Vizio", "V405-G9"),
    ("Roku/DVP-12.0 (12.0.0)", "tv", "Roku", ""),
    ("Mozilla/5.0 (Astro;AB12;1.0)", "tv", "astro (MY)", "AB12"),
    (f"Mozilla/5.0 (X11; Linux armv7l) {WIDE} CrKey/1.56", "tv", "Google", "Chromecast"),
    (android("BRAVIA 4K VH2", WIDE), "tv", "Sony", "BRAVIA 4K VH2"),
    (android("AFTMM", WIDE), "tv", "Amazon", "AFTMM"),
    (android("Zeta", f"{WIDE} (lite) TV Safari/537.36"), "tv", "", "Zeta"),
    (android("myZ9 DTV"), "smartphone", "", "myZ9 DTV"),
    (android("43LF1207"), "tv", "Vityaz", "43LF1207"),
    # Speakers, displays, cars, headsets, watches and e-readers.
    (
        f"Mozilla/5.0 (X11) {WIDE} CrKey/1.54 DeviceType/SmartSpeaker",
        "smart speaker",
        "Google",
        "Chromecast",
    ),
    (
        f"Mozilla/5.0 (X11) {WIDE} CrKey/1.56 DeviceType/SmartDisplay",
        "smart display",
        "Google",
        "Chromecast",
    ),
    (f"Mozilla/5.0 (X11; GNU/Linux) {WIDE} Tesla/2024.2", "car browser", "Tesla", ""),
    (
        android("Quest 3", f"{WEBKIT} OculusBrowser/30.0 Chrome/120.0"),
        "wearable",
        "Meta",
        "Quest 3",
    ),
    (android("SM-R870"), "wearable", "Samsung", "SM-R870"),
    ("Mozilla/5.0 (Linux; en_US) PocketBook/740 (screen 1072x1448)", "tablet", "PocketBook", "740"),
    # Phones of before Android, and feature phones.
    ("Mozilla/5.0 (Mobile; CAT B40; rv:48.0) Gecko/48.0 KAIOS/2.5", "feature phone", "Cat", "B40"),
    (
        "Mozilla/5.0 (Mobile; LYF/F9/LYF_F9-0;Android; rv:48.0) Gecko/48.0 KAIOS/2.5",
        "feature phone",
        "LYF",
        "F9",
    ),
    ("DoCoMo/2.0 P900i(c100;TB;W24H11)", "feature phone", "DoCoMo", "P900i"),
    ("UCWEB/2.0 (Java; U; MIDP-2.0; de; nokia110) U2/1.0", "feature phone", "Nokia", "110"),
    ("ABC61 (MRE/3.1;MAUI/_AB-EXPLAY-B24_L1;X)", "feature phone", "Explay", "B24"),
    ("Karbonn K9 WAP-Browser/1.0.0", "feature phone", "Karbonn", "K9"),
    ("SIE-S65/12 UP.Browser/7.0 (GUI) MMP/2.0", "feature phone", "Siemens", "SIE-S65"),
    ("Mozilla/5.0 (SymbianOS/9.3; Series60/3.2 NokiaE75-1/1.0)", "smartphone", "Nokia", "E75-1"),
    (
        "Mozilla/5.0 (Windows Phone 8.1; ARM; Trident/7.0; Touch; IEMobile/11.0; NOKIA; Lumia 530)",
        "smartphone",
        "Nokia",
        "Lumia 530",
    ),
    # Computers: a brand only where somebody put it in.
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WIDE}", "desktop", "", ""),
    (
        "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; MALNJS; rv:11.0) like Gecko",
        "desktop",
        "Lenovo",
        "",
    ),
    (
        "Microsoft Office Word/16.0 (Windows/10.0; Desktop app; Dell Inc./XPS 13)",
        "desktop",
        "Dell",
        "XPS 13",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0) [FBAN/FBW;FBDV/WindowsDevice;FBMD/81W9;FBSN/Windows]",
        "desktop",
        "Lenovo",
        "81W9",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0) [FBMD/Satellite L50;FBSN/Windows;FBDV/WindowsDevice]",
        "desktop",
        "Toshiba",
        "Satellite L50",
    ),
    ("Mozilla/5.0 (Windows NT 6.2; ARM; Trident/6.0; Touch)", "tablet", "Microsoft", "Surface RT"),
    ("Mozilla/5.0 (Windows NT 6.3; Trident/7.0; Touch; rv:11.0) like Gecko", "tablet", "", ""),
    (f"Mozilla/5.0 (X11; Linux x86_64; System76) {WIDE}", "desktop", "System76", ""),
    # Programs have no device of their own.
    ("curl/8.7.1", "", "", ""),
    ("acme-backup/2.4.1 (+https://example.com)", "", "", ""),
]


@pytest.mark.parametrize(("text", "kind", "brand", "model"), CASES, ids=[case[0] for case in CASES])
def test_what_a_user_agent_tells_of_the_device(text, kind, brand, model) -> None:
    facts = parse(text, {})
    assert (facts.device_type, facts.device_brand, facts.device_model) == (kind, brand, model)


def test_a_system_of_televisions_is_enough() -> None:
    assert device(Agent(text="Zeta/1"), "Android TV", "library")[0] == "tv"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("zeta tv", True),
        ("zeta aftmm build", True),
        ("zeta after the build", False),
        ("zeta dtv", False),
        ("zeta", False),
    ],
)
def test_the_words_of_a_television(text, answer) -> None:
    assert is_television(text) is answer


@pytest.mark.parametrize(
    ("text", "brand", "model"),
    [
        # The first vendor counts, even behind two fields that name none.
        ("FVC/1.0 (Finlux; F7; ) HbbTV/1.2 (; TOSHIBA; T7; 1;)", "Finlux", "F7"),
        ("HbbTV/1.2 (+PVR; ; FINLUX; F7;)", "Finlux", "F7"),
        # "Model/" is Vizio's; with others it names the chip.
        ("VIDAA/5.0(Schneider;SmartTV;S7;x) Model/Hisense-MT9602", "Schneider", "S7"),
    ],
)
def test_the_vendor_of_a_television(text, brand, model) -> None:
    assert television(Agent(text=text)) == (brand, model)


def told(text: str, brand: str, model: str) -> Agent:
    """An agent of whose device uap-core says this."""
    return Agent(text=text, ask_for_device=lambda: DeviceWords(brand=brand, model=model))


def test_uap_core_tells_the_model_of_the_brand_we_see() -> None:
    text = "Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0)"
    assert television(told(text, "Samsung", "SMART-TV")) == ("Samsung", "SMART-TV")
    assert television(told(text, "Zeta", "SMART-TV")) == ("Samsung", "")


def test_tizen_is_on_phones_and_elsewhere() -> None:
    assert device(Agent(text="Zeta/1 Mobile"), "Tizen", "browser")[0] == "smartphone"
    assert device(Agent(text="Zeta/1"), "Tizen", "browser")[0] == ""


def test_what_uap_core_knows_counts_where_we_do_not_and_in_our_spelling() -> None:
    text = "Zeta/1 (Linux)"
    assert device(told(text, "XiaoMi", "Z1"), "Linux", "browser")[1:] == ("Xiaomi", "Z1")
    assert device(told(text, "Generic_Android", "Z1"), "Linux", "browser")[1:] == ("", "")
    assert device(told(text, "Huawei", "Browser"), "Linux", "browser")[1:] == ("", "")


@pytest.mark.parametrize(
    ("text", "os_name", "asks"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0 Safari/537.36", "Windows", False),
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/142.0.0.0 Mobile", "Android", False),
        ("Mozilla/5.0 (Linux; Android 10; SM-S911B) Chrome/142.0.0.0 Mobile", "Android", False),
        ("Mozilla/5.0 (Linux; Android 10; Zeta One) Chrome/142.0.0.0 Mobile", "Android", True),
        ("Mozilla/5.0 (Windows NT 10.0) Zeta/1.0", "Windows", True),
    ],
)
def test_uap_cores_rules_for_devices_are_asked_only_where_they_may_help(
    text, os_name, asks
) -> None:
    asked = []
    agent = Agent(text=text, ask_for_device=lambda: asked.append(1) or DeviceWords())
    device(agent, os_name, "browser")
    assert bool(asked) is asks


@pytest.mark.parametrize(
    ("build", "brand"), [("HONORALT-N31", "Honor"), ("HUAWEIALT-N31", "Huawei")]
)
def test_the_build_tells_honor_from_huawei(build, brand) -> None:
    text = f"Mozilla/5.0 (Linux; Android 15; ALT-NX1 Build/{build}; wv) Chrome/146.0.0.0 Mobile"
    assert device(Agent(text=text), "Android", "browser")[1] == brand
