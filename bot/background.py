"""What ``serve`` does beside answering: left drafts each minute, retention once a day.

One thread in each worker; of all workers, of any number of servers on one store, the first in each
minute or day does it, counted in the store. A thread that is stopped in the middle leaves nothing
by half: each change is one transaction.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

from bot.abandoned import file_abandoned
from bot.limits import DAY, MINUTE
from bot.retention import run
from handlers.contract import Desk
from handlers.store import Store, StoreError
from handlers.tickets import Conflict

LOG = logging.getLogger(__name__)


def clock() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


class Background:
    """Runs until it is stopped."""

    def __init__(self, store: Store, desk: Desk, now: Callable[[], datetime] = clock) -> None:
        self._store, self._desk, self._now = store, desk, now
        self._stopped = Event()
        self._again = False
        """Whether the daily work failed here and is still to be done."""
        self._thread = Thread(target=self._work, name="background", daemon=True)

    def start(self) -> None:
        """Begin, at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, after what is under way."""
        self._stopped.set()
        self._thread.join()

    def tick(self) -> None:
        """Do what is to be done in this minute, unless somebody does it already."""
        now = self._now()
        try:
            if self._store.count("background minute", now, MINUTE) == 1:
                filed = file_abandoned(self._store, self._desk, now)
                if filed:
                    LOG.info("%d tickets were filed of abandoned drafts", filed)
            if self._store.count("background day", now, DAY) == 1 or self._again:
                self._again = True
                LOG.info("retention: %s", run(self._store, self._desk, now).summary())
                self._again = False
        except (StoreError, Conflict) as error:
            LOG.warning("the background work failed and is tried again: %s", error)
        except Exception as error:  # noqa: BLE001 - the thread must live on
            # the text of an unforeseen error may hold what a person wrote
            LOG.warning("the background work failed: %s", type(error).__name__)

    def _work(self) -> None:
        while not self._stopped.is_set():
            self.tick()
            self._stopped.wait(MINUTE)
