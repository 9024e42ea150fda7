"""Apple's systems: iOS, iPadOS, macOS, watchOS, tvOS and visionOS."""

from __future__ import annotations

import re

from sessions_hub.understanding.versions import major, shorten

from .named_systems import first_group

_NEEDLES = ("mac", "iphone", "ipad", "ipod", "ios", "darwin", "os x", "osx")
_SMALL = ("watchos", "watch os", "apple watch", "tvos", "apple tv", "appletv", "visionos")

_WATCH = re.compile(r"(?i)\bwatch ?OS\b|\bApple ?Watch")
_WATCH_VERSION = re.compile(r"(?i)\bwatch ?OS[ /,]([\d.]+)|\bCPU OS ([\d_]+)")
_TV = re.compile(r"\btvOS\b|\bApple ?TV")
_TV_VERSION = re.compile(r"\btvOS[ /]([\d.]+)|\bOS ([\d_]+)|\bAppleTV\d+,\d+/([\d.]+)")
_VISION = re.compile(r"\bvisionOS\b")
_VISION_VERSION = re.compile(r"\bvisionOS[ /]([\d.]+)")
# Before that the box ran iOS, and said so.
_FIRST_TV_OS = 9

_MOBILE = re.compile(r"(?:iPhone|iPad|iPod|(?<!olibr)iOS|iPadOS)(?![a-z])|^ios/")
_MOBILE_VERSION = re.compile(
    r"\b(?:CPU )?(?:iPhone )?OS (\d+(?:[_.]\d+)*)"
    r"|(?<![\w-])(?:iOS|iPadOS|iPhone ?OS)[ /,:-]{1,2}(?:Version )?(\d+(?:[_.]\d+)*)"
    r"|(?<![\w-])(?:iPhone|iOS)(?:/|; ?)(\d+\.\d+(?:\.\d+)?)\b"
    r"|^ios/(\d+(?:\.\d+)*)"
)
# Applications tell the version of the system, which the browser part may not:
# "[FBAN/FBIOS;…;FBSV/26.1;…]", "Instagram 403.0 (iPhone14,3; iOS 26_1; …)".
_TOLD_BY_APP = re.compile(r";FBSV/(\d+(?:\.\d+)*)|; iOS (\d+(?:[._]\d+)*)[;)]")
# The build of the system, where an application shows it: 23B85 is one of 26.1.
_BUILD = re.compile(r"\bMobile/(\d\d)([A-Z])\d")
_FIRST_HONEST_BUILD = 23
_FIRST_IPAD_OS = 13

_MAC = re.compile(r"(?i)\bMac ?OS|\bMac_PowerPC\b|\bMacintosh\b|\bOS ?X\b|\bos=Mac\b|MDCR_")
_MAC_VERSION = re.compile(
    r"(?i)\b(?:Mac ?OS(?: ?X)?|OS ?X|os=Mac)(?:[ /,:;-]|\(){0,2}(?:Version )?(\d+(?:[._]\d+)*)"
)
_SAFARI_VERSION = re.compile(r"\bVersion/(\d+(?:\.\d+)*)")
# From version 26 on the browser tells the version of the system, which the
# frozen "OS 18_6", "OS 18_7" and "10_15_7" do not.
_SAFARI_TELLS = 26
_FROZEN_MOBILE = 18

_DARWIN = re.compile(r"(?i)\bdarwin[/ #](\d+)\.(\d+)|os/macos#(\d+)\.(\d+)")
_DARWIN_NAME = re.compile(r"(?i)\bdarwin(?:\b|\d)")
_MAC_CPU = re.compile(r"\((?:x86_64|i386|arm64|Power(?: |%20)?Macintosh)\)|Mac(?:Book|mini|Pro|\d)")
# Kernel → iOS, where the minor versions do not run alike.
_IOS_OF_DARWIN = {
    17: ("11", (0, 0, 1, 2, 2, 3, 4, 4)),
    18: ("12", (0, 0, 1, 1, 1, 2, 3, 4)),
    19: ("13", (0, 0, 3, 3, 4, 5, 6)),
    20: ("14", (0, 2, 3, 4, 5, 6, 7)),
}


def apple(text: str, lower: str, known: tuple[str, str]) -> tuple[str, str] | None:
    """Name and version of the system of an Apple device; None when `text` tells of none.

    `known` is uap-core's answer, for Darwin before 2017.
    """
    if any(needle in lower for needle in _SMALL) and (small := _small(text, lower)):
        return small
    if not any(needle in lower for needle in _NEEDLES):
        return None
    darwin = _DARWIN.search(text)
    task = _network_task(text, darwin, known) if darwin and "CFNetwork/" in text else None
    if _MOBILE.search(text):
        return _mobile(text, task[1] if task else "")
    if task:
        return task
    if _MAC.search(text):
        return "Mac", shorten(_mac_version(text, lower, darwin))
    if darwin:
        return "Mac", _mac_of_darwin(darwin)
    return ("Mac", "") if _DARWIN_NAME.search(text) else None


def _small(text: str, lower: str) -> tuple[str, str] | None:
    if "watch" in lower and _WATCH.search(text):
        return "watchOS", _version(_WATCH_VERSION, text)
    if "tv" in lower and _TV.search(text):
        version = _version(_TV_VERSION, text)
        is_old = version and major(version) < _FIRST_TV_OS
        return ("iOS" if is_old else "Apple TV"), version
    if "visionos" in lower and _VISION.search(text):
        return "visionOS", _version(_VISION_VERSION, text)
    return None


def _mobile(text: str, told_by_task: str) -> tuple[str, str]:
    version = _version(_MOBILE_VERSION, text) or told_by_task
    if major(version) == _FROZEN_MOBILE:
        told = _version(_SAFARI_VERSION, text) or _version(_TOLD_BY_APP, text) or _built(text)
        if major(told) >= _SAFARI_TELLS:
            version = told
    is_ipad = "iPad" in text and (major(version) >= _FIRST_IPAD_OS or "iPadOS" in text)
    return ("iPadOS" if is_ipad else "iOS"), version


def _built(text: str) -> str:
    match = _BUILD.search(text)
    if match is None or int(match[1]) < _FIRST_HONEST_BUILD:
        return ""
    return f"{int(match[1]) + 3}.{ord(match[2]) - ord('A')}"


def _mac_version(text: str, lower: str, darwin: re.Match[str] | None) -> str:
    version = _version(_MAC_VERSION, text)
    if "safari/" in lower and "chrom" not in lower:
        told = _SAFARI_VERSION.search(text)
        if told and major(told[1]) >= _SAFARI_TELLS:
            return told[1]
    if darwin and not version:
        return _mac_of_darwin(darwin)
    if major(version) >= 100:
        return ""
    # No macOS has these numbers; they are the kernel's.
    if 20 <= major(version) <= 25:
        return _release(*(int(part) for part in (f"{version}.0").split(".")[:2]))
    return version


def _version(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return first_group(match).replace("_", ".") if match else ""


def _network_task(text: str, darwin: re.Match[str], known: tuple[str, str]) -> tuple[str, str]:
    if _MAC_CPU.search(text):
        return "Mac", _mac_of_darwin(darwin)
    kernel, minor = _numbers(darwin)
    if kernel in _IOS_OF_DARWIN:
        release, minors = _IOS_OF_DARWIN[kernel]
        return "iOS", f"{release}.{minors[min(minor, len(minors) - 1)]}"
    if kernel > max(_IOS_OF_DARWIN):
        return "iOS", f"{kernel + 1 if kernel >= 25 else kernel - 6}.{minor}"
    return "iOS", known[1] if known[0] == "iOS" else ""


def _mac_of_darwin(darwin: re.Match[str]) -> str:
    return _release(*_numbers(darwin))


def _release(kernel: int, minor: int) -> str:
    """The macOS of a kernel: 25 is 26, 24 is 15, 20 is 11, 19 is 10.15."""
    if kernel >= 25:
        return f"{kernel + 1}.{minor}"
    if kernel >= 20:
        # Until 13 the kernel's minor version ran one ahead.
        return f"{kernel - 9}.{minor if kernel >= 23 else max(minor - 1, 0)}"
    return f"10.{kernel - 4}" if kernel >= 5 else ""


def _numbers(darwin: re.Match[str]) -> tuple[int, int]:
    kernel, minor = (group for group in darwin.groups() if group)
    return int(kernel[:6]), int(minor[:6])
