"""How long a command goes on: until a time, a signal, or the end of the work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from time import monotonic
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Pace:
    """Asked between batches: waits a while, then says whether to go on."""

    def __init__(self, *, max_seconds: float | None = None, sleep: float = 0) -> None:
        self._deadline = None if max_seconds is None else monotonic() + max_seconds
        self._sleep = sleep
        self._stop = Event()
        # The number of the signal that asked to stop; 0 for none.
        self.signal = 0
        self.time_is_up = False

    def goes_on(self) -> bool:
        """Whether there is time for another batch; rests before saying yes."""
        if self._sleep and not self._is_late():
            # An event, not sleep(): a signal ends the rest too.
            self._stop.wait(self._sleep)
        self.time_is_up = not self.signal and self._is_late()
        return not self.signal and not self.time_is_up

    @contextmanager
    def heeding_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM stop the work between batches; a second one at once."""
        if current_thread() is not main_thread():
            yield
            return
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _is_late(self) -> bool:
        return self._deadline is not None and monotonic() >= self._deadline

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        self._stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
