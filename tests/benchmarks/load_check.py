"""Ends sessions under load, and counts who is served after the end was acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.load_server import WORKERS, Reply, Server

_GIVES_UP_AFTER = 30.0


@dataclass(frozen=True, slots=True)
class Victim:
    """A session to end, and the credential of the same user that ends it."""

    presented: Mapping[str, str]
    # What it is asked for: the session itself, and what merely wants to know the user.
    paths: tuple[str, str]
    owner: Mapping[str, str]
    # Where it is ended, by DELETE.
    end_path: str
    # Where it is one of the hub's.
    session_id: str = ""


@dataclass
class Ended:
    """What became of the requests of one ended session."""

    # Served before anybody had acknowledged the end, by worker.
    before: dict[str, int] = field(default_factory=dict)
    # Refused (401) and served afterwards, by worker.
    refused: dict[str, int] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def end_under_load(
    server: Server, victims: Sequence[Victim], seconds: float, is_cached: Callable[[Victim], bool]
) -> list[Ended]:
    """End the sessions one after the other, spread over so many seconds.

    `is_cached` says whether something of a session is in the cache just before its end;
    where it has to be and is not, the end would prove nothing.
    """
    began = time.monotonic()
    results = []
    for number, victim in enumerate(victims):
        time.sleep(max(0.0, began + seconds * number / len(victims) - time.monotonic()))
        results.append(_end(server, victim, is_cached))
    return results


def _end(server: Server, victim: Victim, is_cached: Callable[[Victim], bool]) -> Ended:
    result = Ended()
    stop, replies, lock = threading.Event(), list[Reply](), threading.Lock()

    def ask(path: str) -> None:
        while not stop.is_set():
            reply = server.ask("GET", path, victim.presented)
            with lock:
                replies.append(reply)

    # Twice each: a request is always on its way while the session ends.
    askers = [threading.Thread(target=ask, args=(path,)) for path in victim.paths * 2]
    for asker in askers:
        asker.start()
    acknowledged = float("inf")
    try:
        if not _until(lambda: _workers(replies, lock, 200) >= WORKERS):
            result.problems.append("Not every worker has served it before its end.")
        if not _until(lambda: is_cached(victim)):
            result.problems.append("Its verdict was in no cache when it ended.")
        answer = server.ask("DELETE", victim.end_path, victim.owner)
        acknowledged = time.monotonic()
        if answer.status != 204:
            result.problems.append(f"Its end was answered {answer.status}: {answer.text[:200]}")
        if not _until(lambda: _workers(replies, lock, since=acknowledged) >= WORKERS):
            result.problems.append("Not every worker was asked after its end.")
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    for reply in replies:
        if reply.asked_at < acknowledged:
            _count(result.before, reply.worker, reply.status == 200)
        else:
            _count(result.refused, reply.worker, reply.status == 401)
            _count(result.served, reply.worker, reply.status == 200)
            if reply.status not in (200, 401):
                result.problems.append(f"After its end: {reply.status}.")
    if result.served:
        result.problems.append(f"Served after its end: {result.served}")
    return result


def _workers(
    replies: list[Reply], lock: threading.Lock, status: int | None = None, since: float = 0.0
) -> int:
    with lock:
        return len(
            {
                reply.worker
                for reply in replies
                if reply.asked_at >= since and status in (None, reply.status)
            }
        )


def _until(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + _GIVES_UP_AFTER
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.01)
    return False


def _count(counts: dict[str, int], worker: str, is_one: bool) -> None:
    if is_one:
        counts[worker] = counts.get(worker, 0) + 1
