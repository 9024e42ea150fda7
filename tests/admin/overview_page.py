"""Reading the overview: its text, its large numbers, its tables."""

from __future__ import annotations

import csv
import io
import re

LIST = "/admin/sessions_hub/session/"
URL = f"{LIST}overview/"
TABLES = {
    *("sign-ins", "fates", "new-devices", "systems", "clients", "devices", "countries"),
    *("methods", "levels", "ends", "unusual"),
}


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode().replace("\xa0", " "))


def table(client, name, **query):
    response = client.get(f"{URL}{name}.csv", query)
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.content.decode())))


def card(response, words):
    found = re.search(rf'"hub-card-words">{words}</span> <strong>([^<]+)<', text_of(response))
    return found[1]
