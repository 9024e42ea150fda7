"""Lives lived under load: sign in twice, use one session, end it by the other, and check."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode
from uuid import UUID

from sessions_hub import tombstones
from tests.benchmarks.fleet_client import Client
from tests.benchmarks.fleet_ledger import Ended, Ledger
from tests.benchmarks.jobs import PASSWORD

# Of the lives of a run: as many stay signed in to the end.
_STAYING = 4
_AGAIN = 0.1
_PARALLEL = 3


def is_cached(session_id: str) -> bool:
    """Whether the cache has a verdict on a session; False where it does not tell."""
    try:
        kept = tombstones.cache().get(tombstones.key_of(UUID(session_id)))
    # It hangs, or is being restarted.
    except Exception:  # noqa: BLE001
        return False
    return isinstance(kept, str) and kept != tombstones.TOMBSTONE


@dataclass
class Person:
    """A user with two sessions: the one that ends, and the one that ends it."""

    name: str
    doomed: str = ""
    owner: str = ""
    doomed_id: str = ""
    ended: Ended | None = None
    # From when on the session may be over: somebody has asked for its end.
    is_over: bool = field(default=False)


class Crowd:
    """All people of a run."""

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        names: list[str],
        has_copy: Callable[[str], bool] | None,
        who: str,
    ) -> None:
        self.client, self.ledger, self.has_copy, self.who = client, ledger, has_copy, who
        self.people = [Person(name) for name in names]
        # Always the same lives: a run can be repeated.
        self.chance = Random(1)

    async def live(self, seconds: float) -> None:
        """All lives, begun one after the other over so long."""
        async with asyncio.TaskGroup() as tasks:
            for number, person in enumerate(self.people):
                begins = seconds * number / len(self.people)
                tasks.create_task(self._life(person, number, begins, seconds))

    async def _life(self, person: Person, number: int, begins: float, seconds: float) -> None:
        await asyncio.sleep(begins)
        person.doomed, person.doomed_id = await self._sign_in(person)
        person.owner, _id = await self._sign_in(person)
        for _ in range(3):
            await self._rest(seconds / 40)
            await self._use(person.doomed, person)
        # Just now, so that its verdict is in the cache when it ends.
        await self._use(person.doomed, person)
        if number % _STAYING == 0:
            # Ended under everybody's eyes: asked for without pause from before to after.
            await self._end_while_used(person)
        else:
            await self._end(person)
        for _ in range(4):
            await self._check(person)
            await self._rest(seconds / 10)
            await self._check(person)
            await self._use(person.owner, None)

    async def sweep(self) -> None:
        """At the end of everything: who has not ended is in, who has is out."""
        for person in self.people:
            await self._use(person.owner, None, must_serve=True)
            assert person.ended is not None
            reply = await self.client.ask("GET", self.who, person.doomed)
            self.ledger.note_check(reply, person.ended)
            if reply.status == 200:
                self.ledger.counts["revived"] += 1

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self.chance.random())

    async def _sign_in(self, person: Person) -> tuple[str, str]:
        form = urlencode({"username": person.name, "password": PASSWORD})
        while True:
            reply = await self.client.ask("POST", "/sign-in/", body=form)
            self.ledger.note("sign-in", reply)
            if reply.status == 200 and reply.cookie:
                self.ledger.counts["sessions"] += 1
                return reply.cookie, reply.body["session"]
            await asyncio.sleep(_AGAIN)

    async def _use(self, cookie: str, person: Person | None, *, must_serve: bool = False) -> None:
        before = person is not None and person.is_over
        reply = await self.client.ask("GET", self.who, cookie)
        is_over = before or (person is not None and person.is_over)
        self.ledger.note_use(reply, is_over=is_over)
        if must_serve and reply.status != 200 and not self.ledger.outages.covers(reply):
            self.ledger.counts["lost"] += 1
            self.ledger.problems.append(f"a session was lost: {reply.status} in the end")

    async def _end(self, person: Person) -> None:
        form = urlencode({"session": person.doomed_id})
        if self.has_copy is not None and await asyncio.to_thread(self.has_copy, person.doomed_id):
            self.ledger.counts["ended over a copy"] += 1
        person.is_over = True
        while person.ended is None:
            reply = await self.client.ask("POST", "/end/", person.owner, form)
            self.ledger.note("end", reply)
            if reply.status == 200:
                self.ledger.counts["ended"] += 1
                if reply.body["until"] is not None:
                    self.ledger.counts["ends the cache did not take"] += 1
                person.ended = Ended(reply.asked_at + reply.took, reply.body["until"])
            elif reply.status in {401, 403}:
                self.ledger.counts["lost"] += 1
                self.ledger.problems.append(f"who ends a session was answered {reply.status}")
                raise RuntimeError("The owner's session is gone; there is nothing to go on with.")
            else:
                await asyncio.sleep(_AGAIN)

    async def _end_while_used(self, person: Person) -> None:
        stop = asyncio.Event()

        async def ask() -> None:
            while not stop.is_set():
                # Before it is sent: what was acknowledged by then must hold.
                ended = person.ended
                if ended is None:
                    await self._use(person.doomed, person)
                    continue
                reply = await self.client.ask("GET", self.who, person.doomed)
                self.ledger.note_check(reply, ended)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(_PARALLEL):
                tasks.create_task(ask())
            await asyncio.sleep(0.2)
            await self._end(person)
            await asyncio.sleep(0.3)
            stop.set()

    async def _check(self, person: Person) -> None:
        assert person.ended is not None
        reply = await self.client.ask("GET", self.who, person.doomed)
        self.ledger.note_check(reply, person.ended)
