"""The inbox: what Slack delivered is on disk before the receipt, and worked on afterwards.

A thread looks for what waits, of this process or of one that died, and hands it to a pool. What is
worked on is lent for :data:`LEASE` seconds and kept longer while it takes longer; of a worker that
died nobody comes back for it, and another takes it.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

from pydantic import ValidationError

from bot.channels.slack.jobs import JOB, Job
from handlers.deliveries import Delivery
from handlers.store import Store, StoreError

LOG = logging.getLogger(__name__)

WORKERS = 4
"""Understanding takes the processor, and posting waits for Slack."""
LEASE = timedelta(seconds=30)
RENEW = 10
"""Seconds after which what is still worked on is lent anew."""
LOOK = 1.0
"""Seconds between two looks for what other processes left."""
WAITS = (2, 10, 60, 600)
"""Seconds before each further try."""
KNOWN = timedelta(days=7)
"""How long what is done is known; Slack sends again for a day at most."""


class RetryError(Exception):
    """The work failed for a reason that may pass; ``problem`` is its code, no person's words."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class GiveUpError(RetryError):
    """The work failed, and would fail again."""


def clock() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


class Inbox:
    """Keeps jobs, and has them worked on once."""

    def __init__(self, store: Store, work: Callable[[Job, bool], None]) -> None:
        self._store, self._work = store, work
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="slack")
        self._thread = Thread(target=self._look, name="slack-inbox", daemon=True)
        self._woken, self._stopped = Event(), Event()
        self._lock = Lock()
        self._lent: set[int] = set()

    def keep(self, job: Job, received_at: datetime) -> bool:
        """Write a job down; False where it is known already.

        Raises:
            StoreError: when it could not be written, so that Slack has to send it again.
        """
        payload = JOB.dump_json(job).decode()
        kept = self._store.take_in(Delivery(job.ids, job.place.lane, payload, received_at))
        self._woken.set()
        return kept

    def waits(self, lane: str) -> bool:
        """Tell whether something in a lane is still to be done."""
        return self._store.under_way(lane)

    def start(self) -> None:
        """Begin to look for what waits."""
        self._thread.start()

    def stop(self) -> None:
        """End, after what is worked on."""
        self._stopped.set()
        self._woken.set()
        self._thread.join()
        self._pool.shutdown()

    def _look(self) -> None:
        renewed = forgotten = clock()
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                while len(self._lent) < WORKERS and self._take():
                    pass
                if clock() - renewed > timedelta(seconds=RENEW):
                    renewed = clock()
                    self._renew()
                if clock() - forgotten > timedelta(hours=1):
                    forgotten = clock()
                    self._store.forget_deliveries(forgotten - KNOWN)
            except StoreError as error:
                LOG.warning("the inbox cannot be read and is tried again: %s", error)
            except Exception as error:  # noqa: BLE001 - the thread must live on
                LOG.warning("the inbox cannot be read: %s", type(error).__name__)
            self._woken.wait(LOOK)

    def _take(self) -> bool:
        now = clock()
        delivery = self._store.take_out(now, now + LEASE)
        if delivery is None:
            return False
        with self._lock:
            self._lent.add(delivery.number)
        self._pool.submit(self._do, delivery)
        return True

    def _renew(self) -> None:
        with self._lock:
            lent = tuple(self._lent)
        for number in lent:
            self._store.hold_on(number, clock() + LEASE)

    def _do(self, delivery: Delivery) -> None:
        problem, last = None, delivery.tries > len(WAITS)
        try:
            self._work(JOB.validate_json(delivery.payload), last)
        except GiveUpError as error:
            problem, last = error.problem, True
        except RetryError as error:
            problem = error.problem
        except ValidationError:
            problem, last = "unreadable", True  # an earlier version wrote it
        except Exception as error:  # noqa: BLE001 - the thread must live on
            # the text of an unforeseen error may hold what a person wrote
            problem = type(error).__name__
        try:
            self._settle(delivery, problem, last)
        except Exception as error:  # noqa: BLE001 - the thread must live on
            LOG.warning("how a delivery ended could not be noted: %s", type(error).__name__)
        finally:
            with self._lock:
                self._lent.discard(delivery.number)
            self._woken.set()

    def _settle(self, delivery: Delivery, problem: str | None, last: bool) -> None:
        number = delivery.number
        if problem is None:
            self._store.finish(number, clock())
            return
        LOG.warning("delivery %d, try %d: %s", number, delivery.tries, problem)
        if last:
            self._store.finish(number, clock(), problem)
        else:
            wait = timedelta(seconds=WAITS[delivery.tries - 1])
            self._store.put_back(number, clock() + wait, problem)
