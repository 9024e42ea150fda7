"""The recipe of docs/scaling.md that cuts the table of sessions into months."""

from __future__ import annotations

from typing import Any

from tests.docs.pages import ROOT, blocks_in

# In the recipe: the month after this one. Where it is now, new rows lie in a new partition.
CUT = "SELECT hub_month(1)\n"
MONTHLY = "SELECT hub_add_month(ahead)"


def recipe() -> list[str]:
    """The SQL of the page, step by step, without what is to be run each month."""
    page = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
    section = page.partition("\n## Partitions by month\n")[2].partition("\n## ")[0]
    steps = [block.text for block in blocks_in(section) if block.language == "sql"]
    assert sum(CUT in step for step in steps) == 1, "the recipe says where it cuts, once"
    return [step for step in steps if MONTHLY not in step]


def monthly() -> str:
    """The SQL of the page that is to be run each month."""
    page = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
    (found,) = [block.text for block in blocks_in(page) if MONTHLY in block.text]
    return found


def cut_into_months(connection: Any, *, now: bool) -> None:
    """Run the recipe; `now` for a cut at the beginning of this month."""
    connection.ensure_connection()
    for step in recipe():
        text = step.replace(CUT, "SELECT hub_month(0)\n") if now else step
        # The driver's own: several statements, as psql sends a file.
        connection.connection.execute(text)
