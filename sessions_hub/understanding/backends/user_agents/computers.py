"""Brand and model of computers, where an app or the maker's own browser tells them."""

from __future__ import annotations

import re

from sessions_hub.understanding.brands import brand_of, spelled

# Facebook's apps: "[FBAN/FB4A;FBMF/samsung;FBDV/SM-G935F;…]".
_FACEBOOK = re.compile(r"\b(FBMF|FBBD|FBDV|FBMD)/([^;\]]{1,64})")
# "(Windows/10.0; Desktop x64; en-US; Desktop app; LENOVO/81W8)".
_OFFICE = re.compile(r"; ([^;/()]{2,40})/([^;/()]{1,64})\)")
# What makers of computers added to Internet Explorer: "MALNJS".
_OEM_BRANDS = {
    "ASJB": "Asus",
    "ASU2": "Asus",
    "CMDT": "Compaq",
    "CMNT": "Compaq",
    "CPDT": "Compaq",
    "CPNT": "Compaq",
    "FSJB": "Fujitsu",
    "HPCM": "HP",
    "HPDT": "HP",
    "HPNT": "HP",
    "LCJB": "Lenovo",
    "LEN2": "Lenovo",
    "MAAR": "Acer",
    "MAAU": "Asus",
    "MAFS": "Fujitsu",
    "MAGW": "Gateway",
    "MAHP": "HP",
    "MALC": "Lenovo",
    "MALE": "Lenovo",
    "MALN": "Lenovo",
    "MAMD": "Medion",
    "MAMI": "MSI",
    "MAM3": "MSI",
    "MANM": "Hyrican",
    "MASA": "Sony",
    "MASE": "Sony",
    "MASM": "Samsung",
    "MASP": "Sony",
    "MATB": "Toshiba",
    "MATM": "Toshiba",
    "MDDC": "Dell",
    "MDDR": "Dell",
    "MDDS": "Dell",
    "NP06": "Asus",
    "NP07": "Asus",
    "NP08": "Asus",
    "NP09": "Asus",
    "SMJB": "Samsung",
    "TAJB": "Toshiba",
    "TNJB": "Toshiba",
}
_OEM = re.compile(rf"\b({'|'.join(_OEM_BRANDS)})[A-Z]{{0,4}}\b")
_COMPUTERS = (
    ("Alienware", "Alienware"),
    ("COMPAQ", "Compaq"),
    ("Ordissimo", "Ordissimo"),
    ("QtCarBrowser", "Tesla"),
    ("System76", "System76"),
    ("Tesla/", "Tesla"),
    ("webissimo", "Ordissimo"),
)
# Lenovo sells its computers under the four characters of their type: "81W8".
_MACHINE_TYPE = re.compile(r"[128]\d[A-Z0-9]{2}", re.ASCII)


def facebook_model(text: str) -> tuple[str, str]:
    """Brand and model as an app of Facebook tells them."""
    fields = dict(reversed(_FACEBOOK.findall(text))) if "FBDV/" in text else {}
    model = fields.get("FBMD") or fields.get("FBDV", "")
    brand = fields.get("FBBD") or fields.get("FBMF", "")
    if not brand and _MACHINE_TYPE.fullmatch(model):
        brand = "Lenovo"
    return (spelled(brand) if brand else brand_of(model)), model


def computer(text: str) -> tuple[str, str]:
    """Brand and model of a computer, where its system, an app or its maker told them."""
    brand, model = facebook_model(text)
    if model:
        return brand, model
    told = "Microsoft Office" in text or "Corporation/" in text
    if told and (match := _OFFICE.search(text)) and (brand := brand_of(match[1])):
        return brand, match[2].removeprefix(match[1]).strip()
    if "MSIE" in text or "Trident/" in text:
        added = _OEM.search(text)
        return (_OEM_BRANDS[added[1]] if added else ""), ""
    return next((brand for word, brand in _COMPUTERS if word in text), ""), ""
