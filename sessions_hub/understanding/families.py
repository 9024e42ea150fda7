"""Systems and devices in the few groups that people ask for."""

from __future__ import annotations

from collections.abc import Mapping

# Family → the codes of `codes.OS_CODES` that belong to it.
OS_FAMILIES: Mapping[str, frozenset[str]] = {
    "windows": frozenset({"WIN", "WCE", "WMO", "WPH", "WRT"}),
    "macos": frozenset({"MAC"}),
    "ios": frozenset({"IOS", "IPA"}),
    "android": frozenset(
        {"AND", "ADR", "CYN", "FIR", "GTV", "LEN", "MCD", "MLD", "REM", "RZD", "WER", "YNS"}
    ),
    "linux": frozenset(
        {
            "ALP", "AMZ", "ARL", "BTR", "CES", "DEB", "FED", "GNT", "KAN", "KBT", "KNO", "LBT",
            "LIN", "MDR", "MIN", "ORD", "OSS", "PCL", "PIO", "RHT", "ROC", "SAB", "SLW", "SSE",
            "UBT", "VLN", "XBT",
        }
    ),
    "chromeos": frozenset({"COS", "CRS"}),
}  # fmt: skip

# Kind → the types of devices, as Matomo calls them, that belong to it.
DEVICE_KINDS: Mapping[str, frozenset[str]] = {
    "desktop": frozenset({"desktop"}),
    "phone": frozenset({"smartphone", "phablet", "feature phone"}),
    "tablet": frozenset({"tablet"}),
    "tv": frozenset({"tv"}),
    "console": frozenset({"console"}),
    "wearable": frozenset({"wearable"}),
    "car": frozenset({"car browser"}),
    "speaker": frozenset({"smart speaker", "smart display"}),
}
_KIND_OF = {name: kind for kind, names in DEVICE_KINDS.items() for name in names}


def device_kind(device_type: str) -> str:
    """The kind of a type; "other" for a type of none, and empty for an unknown one."""
    return _KIND_OF.get(device_type, "other") if device_type else ""
