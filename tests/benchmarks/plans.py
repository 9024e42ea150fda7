"""What PostgreSQL says of the statements a function of the product sends: plan, rows, buffers.

Nothing is rewritten: each statement is explained where it is sent, in the transaction it is
sent in, and then runs. The caller rolls that transaction back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

_EXPLAINED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "
_SCANS = ("Scan",)
_BORING = frozenset({"Limit", "Result", "Aggregate", "Hash", "Nested Loop", "ModifyTable"})


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement as the server ran it."""

    milliseconds: float
    buffers: int
    rows_read: int
    nodes: tuple[str, ...]
    indexes: frozenset[str]


@dataclass(slots=True)
class Cost:
    """All statements of one call; `plans` are those that read or write rows."""

    plans: list[Plan] = field(default_factory=list)

    @property
    def milliseconds(self) -> float:
        """Execution and planning, summed."""
        return sum(plan.milliseconds for plan in self.plans)

    @property
    def buffers(self) -> int:
        """Pages looked at, in memory or not, those of temporary files too."""
        return sum(plan.buffers for plan in self.plans)

    @property
    def rows_read(self) -> int:
        """Rows that scans found, those a filter threw away too."""
        return sum(plan.rows_read for plan in self.plans)

    @property
    def indexes(self) -> frozenset[str]:
        """Names of the indexes the plans walk."""
        return frozenset().union(*(plan.indexes for plan in self.plans))

    @property
    def summary(self) -> str:
        """The nodes of the statement that touches most, and how many more there are."""
        if not self.plans:
            return "no statement"
        dearest = max(self.plans, key=lambda plan: plan.buffers)
        more = f" (+{len(self.plans) - 1} statements)" if len(self.plans) > 1 else ""
        return " ← ".join(dearest.nodes) + more


@contextmanager
def explained() -> Iterator[Cost]:
    """Explain all that is sent in the block, and take back what it wrote."""
    cost = Cost()

    def explain(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not many and _EXPLAINED.match(sql):
            with transaction.atomic():
                # The driver's own cursor: the wrapper would explain the explaining.
                with connection.connection.cursor() as cursor:
                    cursor.execute(_EXPLAIN + sql, params)
                    found = cursor.fetchone()[0]
                transaction.set_rollback(True)
            cost.plans.append(read(found if isinstance(found, list) else json.loads(found)))
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.cursor() as cursor:
            # What foreign keys look up belongs to the plan; the commit never comes.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with connection.execute_wrapper(explain):
            yield cost
        transaction.set_rollback(True)


def read(answer: list[dict[str, Any]]) -> Plan:
    """A plan out of EXPLAIN's JSON."""
    root = answer[0]["Plan"]
    nodes = list(_walk(root))
    scans = [one for one in nodes if one["Node Type"].endswith(_SCANS)]
    named = [_name(one) for one in nodes if one["Node Type"] not in _BORING]
    pages = ("Shared Hit Blocks", "Shared Read Blocks", "Temp Read Blocks", "Temp Written Blocks")
    return Plan(
        milliseconds=answer[0]["Execution Time"] + answer[0]["Planning Time"],
        buffers=sum(root.get(page, 0) for page in pages),
        rows_read=round(sum(map(_rows, scans))),
        nodes=tuple(dict.fromkeys(named)) or ("Result",),
        indexes=frozenset(one["Index Name"] for one in nodes if "Index Name" in one),
    )


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)


def _rows(scan: dict[str, Any]) -> float:
    each: float = (
        scan["Actual Rows"]
        + scan.get("Rows Removed by Filter", 0)
        + scan.get("Rows Removed by Index Recheck", 0)
    )
    # The heap is where the rows of a bitmap are read.
    return 0 if scan["Node Type"] == "Bitmap Index Scan" else each * scan["Actual Loops"]


def _name(node: dict[str, Any]) -> str:
    kind: str = node["Node Type"].replace("Bitmap Index Scan", "bitmap").replace(" Scan", "")
    where = node.get("Index Name", "" if "Index" in kind else node.get("Relation Name", ""))
    short = re.sub(r"^sessions_hub_|_[0-9a-f]{8}$", "", where)
    return f"{kind} {short}".strip()
