"""Brand, name and type of a device by its model, and the tables they come from."""

from __future__ import annotations

from collections import Counter

import pytest

from sessions_hub.understanding.brands import (
    brand_of,
    codes,
    is_brand,
    kind_codes,
    model_name,
    names,
    spelled,
    television_codes,
    type_of,
    words,
)
from sessions_hub.understanding.brands.tables import Beginnings, plain, rows

NAMES = [name for _, name in rows("n:" + names.NAMES.replace("\n\n", ", ").replace("\n", " "), ",")]
CODES = [*rows(codes.CODES), *rows(television_codes.TELEVISIONS)]
TYPES = {
    "car browser",
    "console",
    "desktop",
    "peripheral",
    "smart display",
    "smartphone",
    "tablet",
    "tv",
    "wearable",
}


@pytest.mark.parametrize(
    ("model", "brand"),
    [
        # The brand's name in front, in any spelling, of one word or more.
        ("Lenovo TB-X606F", "Lenovo"),
        ("itel A56", "iTel"),
        ("X-TIGI_V22", "X-TIGI"),
        ("Cherry Mobile Aqua S9", "Cherry Mobile"),
        ("K-Touch E619", "K-Touch"),
        ("BLU_Zoey_3G", "Blu"),
        # A short form of it, or a line of products.
        ("TECNO KG7", "Tecno Mobile"),
        ("Redmi Note 12", "Xiaomi"),
        ("moto e22", "Motorola"),
        ("Inspiron 5580", "Dell"),
        ("Aquaris U", "bq"),
        # Letters before the first digit.
        ("TECNOT465", "Tecno Mobile"),
        ("Onliner3", "Explay"),
        # A code.
        ("SM-A336B", "Samsung"),
        ("SAMSUNG SM-G781B", "Samsung"),
        ("LGM-V300K", "LG"),
        ("XT2153-1", "Motorola"),
        ("CPH2025", "OPPO"),
        ("CPH2581", "OnePlus"),
        ("RMX3511", "Realme"),
        ("V2248", "Vivo"),
        ("2201117TY", "Xiaomi"),
        ("23049PCD8G", "POCO"),
        ("M2012K11AG", "POCO"),
        ("2312DRA50G", "Xiaomi"),
        ("2310FPCA4G", "POCO"),
        ("M2007J3SG", "Xiaomi"),
        ("SO-51B", "Sony"),
        ("SH-54C", "Sharp"),
        ("KFTRWI", "Amazon"),
        ("TA-1339", "Nokia"),
        ("A142", "Nothing"),
        ("A142X", ""),
        ("HD1903", "OnePlus"),
        ("ASUS_AI2302", "Asus"),
        ("BBF100-1", "RIM"),
        ("5033D", "Alcatel"),
        ("55PUS8506", "Philips"),
        # Three letters and the market.
        ("VOG-L09", "Huawei"),
        ("QQQ-LX3", "Huawei"),
        ("QQQ-AL00", "Huawei"),
        ("QQQ-NX9", "Honor"),
        ("QQQ-9", ""),
        ("NTH-AN00", "Honor"),
        # Behind a name of its own.
        ("Zeta 9023 3G PS9209PG", "Digma"),
        ("T1-PRIXTON", "Prixton"),
        ("Zeta blade", ""),
        ("Zeta V2248", ""),
        ("Zeta kftrwi", ""),
        ("", ""),
        ("-_-", ""),
        ("K", ""),
        ("Unheard Of 7", ""),
    ],
)
def test_the_brand_of_a_model(model, brand) -> None:
    assert brand_of(model) == brand


def test_a_longer_name_says_more_than_its_beginning() -> None:
    assert brand_of("Sony Ericsson K750i") == "Sony Ericsson"
    assert brand_of("Sony K1") == "Sony"


def test_a_code_says_more_than_a_name_of_three_letters() -> None:
    assert brand_of("STK-LX1") == "Huawei"
    assert brand_of("STK Sync 5e") == "STK"


@pytest.mark.parametrize(
    ("model", "brand", "name"),
    [
        ("itel A56", "iTel", "A56"),
        ("X-TIGI_V22", "X-TIGI", "V22"),
        ("TECNO KG7", "Tecno Mobile", "KG7"),
        ("SAMSUNG-SM-G900A", "Samsung", "SM-G900A"),
        ("HUAWEIVOG-L29", "Huawei", "VOG-L29"),
        ("POCOPHONE F1", "POCO", "POCOPHONE F1"),
        ("BQru-5035", "bq", "BQru-5035"),
        ("SonySO-03F", "Sony", "SO-03F"),
        ("TECNOT465", "Tecno Mobile", "T465"),
        # A line of products is no brand to cut, nor is half a word.
        ("moto g(30)", "Motorola", "moto g(30)"),
        ("LGM-V300K", "LG", "LGM-V300K"),
        ("Nokia", "Nokia", "Nokia"),
        ("Q5_EEA", "", "Q5"),
        ("Q5-EEA", "", "Q5-EEA"),
        (" Pro_Max_2 ", "", "Pro Max 2"),
        ("", "Sony", ""),
    ],
)
def test_the_model_without_its_brand(model, brand, name) -> None:
    assert model_name(model, brand) == name


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("SM-T870", "tablet"),
        ("SAMSUNG SM-X306B", "tablet"),
        ("SM-G991B", ""),
        ("Lenovo TB-8505F", "tablet"),
        ("KFMUWI", "tablet"),
        ("Nexus 9", "tablet"),
        ("Nexus 5", ""),
        ("Zeta Tab 10", "tablet"),
        ("ZetaPad 3", "tablet"),
        ("PadFone Z", ""),
        ("Stable 5", ""),
        ("Onda V10", "tablet"),
        ("BRAVIA 4K GB", "tv"),
        ("AFTMM", "tv"),
        ("Zeta Smart TV", "tv"),
        ("Zeta TV Box 2", "tv"),
        ("ZX-LED43A", "tv"),
        ("43LF1207", "tv"),
        ("Kivi 9", "tv"),
        ("Zeta DTV", ""),
        ("Inspiron 5580", "desktop"),
        ("ASUS Chromebook Flip C302", "desktop"),
        ("Chromebook 14", "desktop"),
        ("Retroid Pocket 6", "console"),
        ("RG351V", "console"),
        ("SM-R870", "wearable"),
        ("Quest 3", "wearable"),
        ("Echo Show 8", "smart display"),
        ("", ""),
    ],
)
def test_the_type_of_a_model(model, kind) -> None:
    assert type_of(model) == kind


def test_a_brand_told_elsewhere_counts_for_the_type() -> None:
    assert type_of("V10") == ""
    assert type_of("V10", "Onda") == "tablet"


@pytest.mark.parametrize(
    ("brand", "ours"),
    [
        ("XiaoMi", "Xiaomi"),
        ("SonyEricsson", "Sony Ericsson"),
        ("Tecno", "Tecno Mobile"),
        ("Oppo", "OPPO"),
        ("BlackBerry", "RIM"),
        ("Nobody Ltd", "Nobody Ltd"),
    ],
)
def test_a_brand_is_spelled_in_one_way(brand, ours) -> None:
    assert spelled(brand) == ours


def test_a_line_of_products_is_no_brand() -> None:
    assert is_brand("PANASONIC")
    assert is_brand("K Touch")
    assert not is_brand("Inspiron")
    assert not is_brand("")


def test_the_longest_beginning_counts_then_the_more_literal() -> None:
    table = Beginnings("one: AB# AB@$\ntwo: AB#C A#12 A_\nthree: AB\n four: A112$")
    assert table.find("AB7") == "one"
    assert table.find("ab7c") == "two"
    assert table.find("AB") == "three"
    assert table.find("ABX") == "one"
    assert table.find("ABXY") == "three"
    assert table.find("ABX-1") == "three"
    assert table.find("ABX_1") == "one"
    assert table.find("A_1") == table.find("A 1") == "two"
    assert table.find("A112") == "three"
    assert table.find("A412") == "two"
    assert table.find("A1") == table.find("") == table.find("é") == ""


def test_names_are_sorted_unique_and_fit_their_column() -> None:
    keys = [plain(name) for name in NAMES]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert all(len(key) > 1 and len(name) <= 64 for key, name in zip(keys, NAMES, strict=True))
    blocks = [block.replace("\n", " ").split(",") for block in names.NAMES.split("\n\n")]
    for block in blocks:
        assert [plain(name) for name in block] == sorted(plain(name) for name in block)


@pytest.mark.parametrize(
    ("table", "separator"),
    [
        (words.WORDS, ","),
        (codes.CODES, None),
        (television_codes.TELEVISIONS, None),
        (kind_codes.CODES, None),
        (kind_codes.BRANDS, ","),
    ],
)
def test_an_entry_stands_once_and_in_its_place(table, separator) -> None:
    pairs = list(rows(table, separator))
    entries = [entry if separator is None else plain(entry) for _, entry in pairs]
    assert [entry for entry, count in Counter(entries).items() if count > 1] == []
    values = list(dict.fromkeys(value for value, _ in pairs))
    assert values == sorted(values, key=str.lower)
    assert all(value and entry and len(value) <= 64 for value, entry in pairs)


def test_codes_are_upper_case_and_belong_to_one_brand() -> None:
    assert [entry for _, entry in CODES if entry != entry.upper()] == []
    assert [entry for _, entry in CODES if "$" in entry[:-1]] == []
    counts = Counter(entry for _, entry in CODES)
    assert [entry for entry, count in counts.items() if count > 1] == []


def test_types_are_known_and_exclusive_brands_exist() -> None:
    assert {kind for kind, _ in rows(kind_codes.CODES)} <= TYPES
    assert {kind for kind, _ in rows(kind_codes.BRANDS, ",")} <= TYPES
    brands = {*NAMES, *(brand for brand, _ in CODES)}
    assert {brand for _, brand in rows(kind_codes.BRANDS, ",")} <= brands


def test_every_word_names_a_brand_by_something_else_than_its_name() -> None:
    brands = {*NAMES, *(brand for brand, _ in CODES)}
    assert {brand for brand, _ in rows(words.WORDS, ",")} <= brands
    assert [word for brand, word in rows(words.WORDS, ",") if plain(word) == plain(brand)] == []
