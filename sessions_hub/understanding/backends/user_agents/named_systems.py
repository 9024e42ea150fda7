"""Operating systems that are told by a name of their own.

Two tables, asked in order: devices before Windows, Apple and Android, since their
user agents pretend to be one of those; distributions and other Unix systems.
"""

from __future__ import annotations

import re

# What must stand in the lower-case text, the name, and the expression of its version:
# the first group that took part. An expression that finds nothing is no match.
Row = tuple[str, str, str]
Rule = tuple[str, str, re.Pattern[str]]

_DEVICES: tuple[Row, ...] = (
    ("openharmony", "OpenHarmony", r"OpenHarmony[ /]?([\d.]*)"),
    ("harmonyos", "HarmonyOS", r"HarmonyOS[ /]?([\d.]*)"),
    ("windows phone", "Windows Phone", r"(?i)Windows Phone(?: OS)?[ /]?([\d.]*)"),
    ("windows mobile", "Windows Mobile", r"(?i)Windows Mobile[ /]?([\d.]*)"),
    ("wpdesktop", "Windows Phone", r"WPDesktop()"),
    ("kaios", "KaiOS", r"(?i)\bKaiOS/([\d.]*)"),
    ("tizen", "Tizen", r"(?i)\bTizen[ /]?([\d.]*)"),
    ("vidaa", "VIDAA", r"\bVIDAA[ /]([\d.]*)"),
    ("smartcast", "ViziOS", r"\bSmartCast\b()"),
    ("whaleos", "Whale OS", r"\bWHALEOS()"),
    ("roku", "Roku OS", r"\bRoku\w*/DVP-(\d[\d.]*)|\bRoku(?:Browser|OS|/)()"),
    ("opera tv", "Opera TV", r"\bOpera TV\b()"),
    ("maple", "Orsay", r"\bMaple(?: ?20\d\d| \d)()"),
    ("titanos", "Titan OS", r"\bTitanOS[ /]?([\d.]*)"),
    ("titan os", "Titan OS", r"\bTitan OS[ /]?([\d.]*)"),
    ("vega os", "Vega OS", r"\bVega OS[ /]?([\d.]*)"),
    ("fuchsia", "Fuchsia", r"\bFuchsia[ /]?([\d.]*)"),
    ("oculusbrowser", "Meta Horizon", r"()OculusBrowser"),
    ("picobrowser", "PICO OS", r"()PicoBrowser"),
    ("cloud phone", "Puffin OS", r"\(Cloud Phone ([\d.]+)"),
    ("playstation vita", "PlayStation Portable", r"PlayStation (Vita)"),
    ("playstation portable", "PlayStation Portable", r"PlayStation (Portable)"),
    ("psp", "PlayStation Portable", r"\bPSP()\b"),
    ("nintendo 3ds", "Nintendo Mobile", r"Nintendo (3DS)"),
    ("nintendo ds", "Nintendo Mobile", r"Nintendo (DSi?)"),
    ("nitro", "Nintendo Mobile", r"()\bNitro\) Opera"),
    ("nintendo", "Nintendo", r"Nintendo (Switch|Wii ?U|Wii)|()Nintendo"),
    (" tablet os ", "BlackBerry Tablet OS", r"(?:BlackBerry|RIM) Tablet OS ([\d.]*)"),
    ("bb10", "BlackBerry OS", r"\bBB10\b(?:[^V]*Version/([\d.]+))?"),
    (
        "blackberry",
        "BlackBerry OS",
        r"BlackBerry; U;.{0,128}\bVersion/([\d.]+)|BlackBerry ?\d{4}\w?/(\d[\d.]+)|()BlackBerry",
    ),
    ("symbian/3", "Symbian^3", r"Symbian/3"),
    ("series60", "Symbian OS Series 60", r"Series60/?([\d.]*)"),
    ("series 60", "Symbian OS Series 60", r"Series 60/?([\d.]*)"),
    ("s60", "Symbian OS Series 60", r"\bS60(?:V(\d[\d.]*))?\b"),
    ("series40", "Symbian OS Series 40", r"Series40()"),
    ("symbianos", "Symbian OS", r"SymbianOS/?([\d.]*)"),
    ("symbian", "Symbian OS", r"(?i)\bSymbian(?: OS)?/?([\d.]*)"),
    ("symbos", "Symbian OS", r"\bSymbOS\b()"),
    ("chipsetmt", "MTK / Nucleus", r"\(MRE\d()"),
    ("mre", "MRE", r"\(MRE[/\\]+([\d.]+)"),
    ("maui runtime", "MTK / Nucleus", r"\bMAUI Runtime\b()"),
    ("mtk", "MTK / Nucleus", r"\(MTK()[;/]"),
    ("nucleus", "MTK / Nucleus", r"\bNucleus\b()"),
    ("threadx", "ThreadX", r"\bThreadX(?:_OS)?/?([\d.]*)"),
    ("dorado wap", "Mocor OS", r"()Dorado WAP"),
    ("brew", "Brew", r"\bBREW[ /]?([\d.]*)"),
    ("brmp", "Brew", r"\bBMP/?([\d.]*)"),
    ("bada", "Bada", r"(?i)\bBada[ /]?([\d.]*)"),
    ("sailfish", "Sailfish OS", r"\bSailfish(?: ?OS)?[ /]?([\d.]*)"),
    ("meego", "MeeGo", r"\bMeeGo()\b"),
    ("maemo", "Maemo", r"\bMaemo()\b"),
    ("palmos", "palmOS", r"\bPalmOS\b()"),
    ("palm os", "palmOS", r"\bPalm OS[ /]?([\d.]*)"),
    ("palmsource", "palmOS", r"()\bPalmSource\b"),
    ("webtv", "WebTV", r"\bWebTV/?([\d.]*)"),
    ("morphos", "MorphOS", r"\bMorphOS[ /]?([\d.]*)"),
    ("amiga", "AmigaOS", r"\bAmiga(?:OS[ /]?([\d.]*))?"),
    ("haiku", "Haiku OS", r"\bHaiku()\b"),
    ("beos", "BeOS", r"\bBeOS[ /]?([\d.]*)"),
    ("os/2", "OS/2", r"\bOS/2\b(?:; ?Warp ([\d.]+))?"),
    ("inferno", "Inferno", r"\bInferno()\b"),
    ("risc os", "RISC OS", r"\bRISC OS(?:-NC)?[ /]?([\d.]*)"),
    ("openvms", "OpenVMS", r"\bOpenVMS(?: V([\d.]+))?"),
    ("irix", "IRIX", r"\bIRIX(?:64)?[ /]?([\d.]*)"),
    ("osf1", "OSF1", r"\bOSF1(?: V([\d.]+))?"),
    ("hp-ux", "HP-UX", r"\bHP-UX(?: (?:B\.)?([\d.]+))?"),
    ("aix", "AIX", r"\bAIX\b[ /]?([\d.]*)"),
    ("serenityos", "SerenityOS", r"\bSerenityOS()\b"),
)

_UNIX: tuple[Row, ...] = (
    # From the first X11 only: from each of them, the cost would be their square.
    ("googletv", "Google TV", r"\A(?>.*?\bX11\b).*\bGoogleTV/(\d[\d.]*)"),
    ("kubuntu", "Kubuntu", r"(?i)\bKubuntu[ /]?([\d.]*)"),
    ("xubuntu", "Xubuntu", r"(?i)\bXubuntu[ /]?([\d.]*)"),
    ("lubuntu", "Lubuntu", r"(?i)\bLubuntu[ /]?([\d.]*)"),
    ("mint", "Mint", r"\bLinux ?Mint\b[ /]?([\d.]*)"),
    (
        "ubuntu",
        "Ubuntu",
        r"(?i)(?<![.@])\bubuntu\b(?:[ /](\d[\d.]*)|.*\bubuntu/(\d[\d.]*))?",
    ),
    ("raspb", "Raspberry Pi OS", r"\bRaspb(?:ian|erry Pi OS)()"),
    ("debian", "Debian", r"(?i)(?<![.@])\bdebian\b[ /-]?(\d[\d.]*)?"),
    ("fedora", "Fedora", r"\bFedora\b(?:[^ ]*\.fc(\d+)|[ /](\d+)(?![\d.]*-))?"),
    ("centos", "CentOS", r"\bCentOS\b[ /]?([\d.]*)"),
    ("red hat", "Red Hat", r"\bRed Hat\b[ /]?([\d.]*)"),
    ("redhat", "Red Hat", r"(?i)\bRedHat\b[ /]?([\d.]*)"),
    ("opensuse", "openSUSE", r"(?i)\bopenSUSE\b[ /]?([\d.]*)"),
    ("suse", "SUSE", r"(?i)\bSUSE\b[ /]?([\d.]*)"),
    ("gentoo", "Gentoo", r"(?i)\bgentoo\b[ /]?(\d[\d.]*)?"),
    ("slackware", "Slackware", r"\bSlackware[ /]?(\d[\d.]*)?"),
    ("mandriva", "Mandriva", r"\bMandriva\b(?:[^ ]* [^ ]*mdv([\d.]+))?"),
    ("arch", "Arch Linux", r"\bArch ?Linux()\b"),
    ("ordissimo", "Ordissimo", r"\bOrdissimo()\b"),
    ("webissimo", "Ordissimo", r"\bwebissimo()"),
    ("knoppix", "Knoppix", r"(?i)\bknoppix()\b"),
    ("kanotix", "Kanotix", r"(?i)\bkanotix()\b"),
    ("sabayon", "Sabayon", r"\bSabayon()\b"),
    ("vectorlinux", "VectorLinux", r"\bVectorLinux()\b"),
    ("backtrack", "BackTrack", r"\bBackTrack()\b"),
    ("pclinuxos", "PCLinuxOS", r"\bPCLinuxOS[ /]?([\d.]*)"),
    ("rocky", "Rocky Linux", r"\bRocky Linux[ /]?([\d.]*)"),
    ("alpine", "Alpine Linux", r"\bAlpine Linux[ /]?([\d.]*)"),
    ("amazon linux", "Amazon Linux", r"\bAmazon Linux[ /]?([\d.]*)"),
    ("freebsd", "FreeBSD", r"(?i)\bFreeBSD(?:[/ ](\d[\d.]*))?"),
    ("openbsd", "OpenBSD", r"(?i)\bOpenBSD(?:[/ ](\d[\d.]*))?"),
    ("netbsd", "NetBSD", r"(?i)\bNetBSD(?:[/ ](\d[\d.]*))?"),
    ("dragonfly", "DragonFly", r"\bDragonFly\b(?:[/ ](\d[\d.]*))?"),
    ("sunos", "Solaris", r"(?i)\bSunOS(?:[/ ]([\d.]+))?"),
    ("solaris", "Solaris", r"(?i)\bSolaris()\b"),
)


def _compiled(rows: tuple[Row, ...]) -> tuple[Rule, ...]:
    return tuple((needle, name, re.compile(pattern)) for needle, name, pattern in rows)


DEVICES = _compiled(_DEVICES)
UNIX = _compiled(_UNIX)


def named(rules: tuple[Rule, ...], text: str, lower: str) -> tuple[str, str] | None:
    """Name and version of the first of `rules` that `text` tells; None when there is none.

    `lower` is `text` in lower case.
    """
    for needle, name, pattern in rules:
        if needle in lower and (match := pattern.search(text)):
            return name, first_group(match)
    return None


def first_group(match: re.Match[str]) -> str:
    """The first group of `match` that took part, without dots at its ends."""
    return next((group for group in match.groups() if group), "").strip(".")
