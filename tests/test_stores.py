"""What every store must do: the same tests for each, and what only a file can show."""

import errno
import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.assistant import Answered
from bot.parts import Parts
from bot.secret import kept_secret
from bot.tickets import STORES, connections, open_store
from bot.tickets.sqlite import SqliteStore
from bot.vault import Vault
from handlers.casework import Step
from handlers.contract import Dialogue, Draft, Kind, Reply
from handlers.references import new_reference
from handlers.register import Event, What, first_wrong
from handlers.store import Conversation, Pending, Store, StoreError
from handlers.tickets import (
    Check,
    Conflict,
    Contact,
    ContactKind,
    Extension,
    ExtensionReason,
    Ground,
    Outcome,
    Representative,
    Status,
    Task,
    Ticket,
    TicketError,
)

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
VAULT = Vault("k" * 32)
MAIL = Contact(ContactKind.EMAIL, "ana@example.com")
PHONE = Contact(ContactKind.PHONE, "+32470123456")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Give each store in turn, empty."""
    return open_store(f"{request.param}:///{tmp_path}/store.db", VAULT)


def a_ticket(**changes: object) -> Ticket:
    """Make a ticket."""
    ticket = Ticket(
        reference=new_reference(),
        request="access",
        status=Status.RECEIVED,
        language="nl",
        channel="web",
        received_at=NOW,
        filed_at=NOW,
        due_on=date(2026, 4, 7),
        initial_due_on=date(2026, 4, 7),
        target_on=date(2026, 3, 19),
        stop_by=None,
        calendar="BE",
        contacts=(MAIL, PHONE),
        details="«tout», ș, 🙂 and 'quotes' \"\\",
        confirmed_at=NOW,
    )
    return replace(ticket, **changes)  # type: ignore[arg-type]


def a_full_ticket() -> Ticket:
    """Make a ticket in which nothing is left empty."""
    return a_ticket(
        status=Status.FULFILLED,
        stop_by=date(2026, 3, 5),
        contacts=(replace(MAIL, verified_at=NOW, check=Check.EMAIL_CODE), PHONE),
        source="event-1",
        assignee="an",
        taken_at=NOW,
        extension=Extension(NOW, ExtensionReason.COMPLEX, "many systems", date(2026, 6, 5)),
        outcome=Outcome(date(2026, 3, 6), Ground.EXCESSIVE, "because", partial=True),
        closed_at=NOW,
        duplicate_of="PR-7F3K-9Q2M",
        breach=True,
        legal_hold=True,
        representative=Representative("Ion Pop", "mandate 7"),
        tasks=(Task(1, "shop", "an", NOW, "done as told"), Task(2, "mail", "an")),
        retention_until=date(2028, 3, 5),
    )


def filed(ticket: Ticket) -> Step:
    """Make the step that files a ticket."""
    return Step(ticket, Event(What.FILED, ticket.reference, "requester", NOW, {"confirmed": True}))


def changed(ticket: Ticket, what: What = What.TAKEN, **changes: object) -> Step:
    """Make a step that changes a ticket."""
    after = replace(ticket, version=ticket.version + 1, **changes)  # type: ignore[arg-type]
    return Step(after, Event(what, ticket.reference, "an", NOW, {"before": None}))


def a_reply(*steps: Step, dialogue: Dialogue | None = None) -> Reply:
    """Make a reply that takes the steps, if there are any."""
    ticket = steps[-1].ticket if steps else None
    return Reply(Kind.REQUEST, "nl", "text", dialogue or Dialogue(), ticket=ticket, steps=steps)


def kept(version: int, reply: Reply, message_id: str = "m") -> Conversation:
    """Make a conversation as it is kept."""
    return Conversation(version, message_id, "fingerprint", reply)


def whats(store: Store, reference: str | None = None) -> list[What]:
    """Give what was done, as it stands in the register."""
    return [entry.event.what for entry in store.register(reference)]


class TestConversations:
    """Conversations, and the steps that are written with them."""

    def test_what_was_saved_is_found_again(self, store: Store) -> None:
        ticket = a_ticket(stop_by=date(2026, 3, 5))
        draft = Draft("erasure", "web", NOW, (MAIL,), "words")
        dialogue = Dialogue("nl", draft, filed=(ticket.reference,))
        conversation = kept(1, a_reply(filed(ticket), dialogue=dialogue))
        store.save("token", conversation, NOW)
        # the steps are done; what they hold is in the ticket
        done = replace(conversation, reply=replace(conversation.reply, steps=()))
        assert store.conversation("token") == done
        assert store.ticket(ticket.reference) == ticket
        assert list(store.tickets()) == [ticket]

    def test_nothing_is_found_of_what_was_never_saved(self, store: Store) -> None:
        assert store.conversation("token") is None
        assert store.ticket("PR-0000-0000") is None
        assert list(store.tickets()) == []
        assert store.by_contact(MAIL) == []
        assert store.suppressed(MAIL) is None
        assert store.head() == (0, "0" * 64)
        assert list(store.register()) == []

    def test_a_reply_that_only_shows_a_ticket_writes_none(self, store: Store) -> None:
        store.save("token", kept(1, replace(a_reply(), ticket=a_ticket())), NOW)
        assert list(store.tickets()) == []

    def test_of_two_writers_the_second_is_told_and_writes_nothing(self, store: Store) -> None:
        store.save("token", kept(1, a_reply()), NOW)
        store.save("token", kept(2, a_reply()), NOW)
        for version in (1, 2, 4):
            with pytest.raises(Conflict):
                store.save("token", kept(version, a_reply(filed(a_ticket()))), NOW)
        assert list(store.tickets()) == []
        assert store.head()[0] == 0

    def test_steps_that_conflict_leave_the_conversation_as_it_was(self, store: Store) -> None:
        ticket = a_ticket()
        store.save("token", kept(1, a_reply(filed(ticket))), NOW)
        with pytest.raises(Conflict):
            store.save("token", kept(2, a_reply(changed(replace(ticket, version=7)))), NOW)
        again = store.conversation("token")
        assert again is not None
        assert again.version == 1

    def test_a_conversation_is_forgotten_and_its_ticket_stays(self, store: Store) -> None:
        ticket = a_ticket()
        store.save("token", kept(1, a_reply(filed(ticket))), NOW)
        store.forget("token")
        store.forget("token")
        assert store.conversation("token") is None
        assert store.ticket(ticket.reference) == ticket

    def test_idle_conversations_are_forgotten_and_no_others(self, store: Store) -> None:
        store.save("old", kept(1, a_reply()), NOW - timedelta(hours=30))
        store.save("new", kept(1, a_reply()), NOW)
        assert store.forget_idle(NOW - timedelta(hours=24)) == 1
        assert store.conversation("old") is None
        assert store.conversation("new") is not None

    def test_drafts_that_can_be_filed_and_wait_for_long_are_abandoned(self, store: Store) -> None:
        long_ago = NOW - timedelta(minutes=31)
        with_contact = Dialogue("nl", Draft("erasure", "web", NOW, (MAIL,)))
        store.save("left", kept(1, a_reply(dialogue=with_contact)), long_ago)
        store.save("busy", kept(1, a_reply(dialogue=with_contact)), NOW)
        bare = Dialogue("nl", Draft("erasure", "web", NOW))
        store.save("no contact", kept(1, a_reply(dialogue=bare)), long_ago)
        store.save("no draft", kept(1, a_reply()), long_ago)
        ((token, conversation),) = store.abandoned(NOW - timedelta(minutes=30))
        assert conversation == store.conversation("left")
        ticket = a_ticket(confirmed_at=None)
        store.adopt(token, kept(2, a_reply(filed(ticket)), "adopted"))
        assert store.ticket(ticket.reference) == ticket
        assert store.abandoned(NOW) == [(b, c) for b, c in store.abandoned(NOW) if b != token]
        # its last message is as old as before
        assert store.forget_idle(NOW - timedelta(minutes=30)) == 3
        assert store.conversation("left") is None

    def test_who_comes_back_in_between_keeps_the_draft(self, store: Store) -> None:
        draft = Dialogue("nl", Draft("erasure", "web", NOW, (MAIL,)))
        store.save("token", kept(1, a_reply(dialogue=draft)), NOW)
        ((token, _),) = store.abandoned(NOW + timedelta(hours=1))
        store.save("token", kept(2, a_reply(dialogue=draft)), NOW)
        for version in (1, 2):
            with pytest.raises(Conflict):
                store.adopt(token, kept(version, a_reply(filed(a_ticket()))))
        store.forget("token")
        for version in (1, 3):
            with pytest.raises(Conflict):
                store.adopt(token, kept(version, a_reply(filed(a_ticket()))))
        assert list(store.tickets()) == []


class TestTickets:
    """Tickets and the steps that change them."""

    def test_every_field_is_found_again(self, store: Store) -> None:
        ticket = a_full_ticket()
        store.apply([filed(ticket)])
        found = store.ticket(ticket.reference)
        assert found == ticket
        # what equality leaves out
        assert found is not None
        assert found.contacts[0].verified_at == NOW
        assert found.contacts[0].check is Check.EMAIL_CODE

    def test_a_change_replaces_every_field(self, store: Store) -> None:
        full, bare = a_full_ticket(), a_ticket()
        store.apply([filed(full), filed(bare)])
        to_bare = replace(bare, reference=full.reference, contacts=(PHONE,), details="other words")
        to_full = replace(full, reference=bare.reference, source=None)
        store.apply([changed(to_bare), changed(to_full)])
        assert store.ticket(full.reference) == replace(to_bare, version=2)
        assert store.ticket(bare.reference) == replace(to_full, version=2)

    def test_a_check_of_one_identifier_is_kept(self, store: Store) -> None:
        ticket = a_ticket()
        checked = replace(PHONE, verified_at=NOW, check=Check.CALLED_BACK)
        store.apply([filed(ticket)])
        store.apply([changed(ticket, What.IDENTITY_CHECKED, contacts=(MAIL, checked))])
        found = store.ticket(ticket.reference)
        assert found is not None
        assert [c.verified_at for c in found.contacts] == [None, NOW]
        assert [c.check for c in found.contacts] == [None, Check.CALLED_BACK]

    def test_of_two_who_change_a_ticket_the_second_is_told(self, store: Store) -> None:
        ticket = a_ticket()
        store.apply([filed(ticket)])
        store.apply([changed(ticket, assignee="an")])
        with pytest.raises(Conflict):
            store.apply([changed(ticket, assignee="ion")])
        found = store.ticket(ticket.reference)
        assert found is not None
        assert found.assignee == "an"
        assert whats(store) == [What.FILED, What.TAKEN]

    def test_all_steps_are_written_or_none(self, store: Store) -> None:
        first, second = a_ticket(), a_ticket()
        with pytest.raises(Conflict):
            store.apply([filed(first), filed(second), changed(replace(second, version=4))])
        assert list(store.tickets()) == []
        assert store.head()[0] == 0
        store.apply([filed(first), changed(first), filed(second)])
        assert whats(store, first.reference) == [What.FILED, What.TAKEN]

    def test_a_reference_or_a_source_that_is_known_files_nothing(self, store: Store) -> None:
        ticket = a_ticket(source="event-1")
        store.apply([filed(ticket)])
        for again in (ticket, a_ticket(source="event-1")):
            with pytest.raises(Conflict):
                store.apply([filed(again)])
        with pytest.raises(Conflict):
            store.apply([filed(a_ticket(source="event-2")), filed(a_ticket(source="event-2"))])
        store.apply([filed(a_ticket()), filed(a_ticket())])
        assert len(list(store.tickets())) == 3

    def test_tickets_come_soonest_first_by_status_and_number(self, store: Store) -> None:
        late, soon = a_ticket(due_on=date(2026, 6, 1)), a_ticket(due_on=date(2026, 4, 1))
        done = a_ticket(status=Status.FULFILLED, due_on=date(2026, 5, 1))
        waiting = a_ticket(status=Status.AWAITING_IDENTITY, due_on=date(2026, 4, 15))
        store.apply([filed(ticket) for ticket in (late, soon, done, waiting)])
        assert list(store.tickets()) == [soon, waiting, done, late]
        assert list(store.tickets(status=Status.RECEIVED)) == [soon, late]
        assert list(store.tickets(open_only=True)) == [soon, waiting, late]
        assert list(store.tickets(open_only=True, status=Status.FULFILLED)) == []
        assert list(store.tickets(open_only=True, status=Status.RECEIVED)) == [soon, late]
        assert list(store.tickets(limit=1)) == [soon]

    def test_more_tickets_than_are_read_at_once_all_come(self, store: Store) -> None:
        tickets = [a_ticket(contacts=(), details=None) for _ in range(1203)]
        store.apply([filed(ticket) for ticket in tickets])
        assert {t.reference for t in store.tickets(limit=5000)} == {t.reference for t in tickets}
        assert len(list(store.register())) == 1203
        assert list(first_wrong(store.register())) == []

    def test_tickets_are_found_by_exactly_their_identifier(self, store: Store) -> None:
        first = a_ticket()
        second = a_ticket(contacts=(MAIL, MAIL))
        plus = a_ticket(contacts=(replace(MAIL, value="ana+x@example.com"),))
        # the same characters of another kind
        number = a_ticket(contacts=(Contact(ContactKind.CUSTOMER_NUMBER, MAIL.value),))
        store.apply([filed(ticket) for ticket in (first, second, plus, number)])
        assert store.by_contact(MAIL) == [second, first]
        assert store.by_contact(MAIL, limit=1) == [second]
        assert store.by_contact(PHONE) == [first]
        assert store.by_contact(replace(MAIL, value="an@example.com")) == []

    def test_an_identifier_is_told_from_one_with_the_same_short_hash(self, store: Store) -> None:
        many = [a_ticket(contacts=(Contact(ContactKind.EMAIL, f"{n}@x.be"),)) for n in range(600)]
        store.apply([filed(ticket) for ticket in many])
        for ticket in many:
            assert store.by_contact(ticket.contacts[0]) == [ticket]

    def test_open_tickets_of_another_calendar_are_stale(self, store: Store) -> None:
        same, other = a_ticket(), a_ticket(calendar="BE+2026-05-15")
        dutch = a_ticket(calendar="AT")
        closed = a_ticket(calendar="NL", status=Status.WITHDRAWN)
        store.apply([filed(ticket) for ticket in (same, other, closed, dutch)])
        found = {t.reference for t in store.stale("BE")}
        assert found == {other.reference, dutch.reference}
        assert len(store.stale("BE", limit=1)) == 1

    def test_final_tickets_past_their_date_can_be_erased(self, store: Store) -> None:
        past = {"status": Status.WITHDRAWN, "retention_until": date(2026, 3, 4)}
        wanted = a_ticket(**past)
        older = a_ticket(**{**past, "retention_until": date(2026, 1, 1)})
        others = [
            a_ticket(**{**past, "retention_until": date(2026, 3, 5)}),
            a_ticket(**past, legal_hold=True),
            a_ticket(**past, erased_at=NOW),
            a_ticket(retention_until=date(2026, 3, 4)),
            a_ticket(status=Status.WITHDRAWN),
        ]
        store.apply([filed(ticket) for ticket in (wanted, older, *others)])
        assert store.erasable(date(2026, 3, 5)) == [older, wanted]
        assert store.erasable(date(2026, 3, 5), limit=1) == [older]

    def test_closed_tickets_are_kept_until_a_day(self, store: Store) -> None:
        closed = {"status": Status.WITHDRAWN, "closed_at": NOW}
        until = date(2026, 3, 4)
        wanted = a_ticket(**closed, retention_until=until)
        held = a_ticket(**closed, retention_until=until, legal_hold=True)
        erased = a_ticket(**closed, retention_until=until, erased_at=NOW)
        store.apply([filed(ticket) for ticket in (wanted, held, erased, a_ticket())])
        assert list(store.kept()) == [(t.reference, NOW, until) for t in (wanted, held)]

    def test_many_threads_lose_and_double_nothing(self, store: Store) -> None:
        tickets = [a_ticket() for _ in range(60)]

        def save(number: int) -> None:
            store.save(f"token{number}", kept(1, a_reply(filed(tickets[number]))), NOW)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(save, range(60)))
        assert {t.reference for t in store.tickets()} == {t.reference for t in tickets}
        assert list(first_wrong(store.register())) == []
        assert store.head()[0] == 60


class TestCodes:
    """One-time codes."""

    EXPIRES = NOW + timedelta(minutes=10)

    @pytest.fixture
    def reference(self, store: Store) -> str:
        """Give the reference of a ticket with a code that was sent."""
        ticket = a_ticket()
        store.apply([filed(ticket)])
        store.keep_code(ticket.reference, PHONE, "271828", NOW, self.EXPIRES)
        return ticket.reference

    def test_the_right_one_proves_its_identifier_once(self, store: Store, reference: str) -> None:
        assert store.try_code(reference, "271828", NOW, 5) == PHONE
        assert store.try_code(reference, "271828", NOW, 5) is None

    def test_after_five_wrong_ones_it_is_void(self, store: Store, reference: str) -> None:
        for _ in range(5):
            assert store.try_code(reference, "000000", NOW, 5) is None
        assert store.try_code(reference, "271828", NOW, 5) is None

    def test_the_fifth_try_may_be_right(self, store: Store, reference: str) -> None:
        for _ in range(4):
            assert store.try_code(reference, "000000", NOW, 5) is None
        assert store.try_code(reference, "271828", NOW, 5) == PHONE

    def test_it_ends_on_time(self, store: Store, reference: str) -> None:
        assert store.try_code(reference, "271828", self.EXPIRES, 5) is None
        assert store.try_code(reference, "271828", NOW, 5) is None

    def test_a_new_one_voids_the_old(self, store: Store, reference: str) -> None:
        store.keep_code(reference, MAIL, "314159", NOW, self.EXPIRES)
        assert store.try_code(reference, "271828", NOW, 5) is None
        assert store.try_code(reference, "314159", NOW, 5) == MAIL

    def test_it_is_of_no_use_for_another_ticket(self, store: Store, reference: str) -> None:
        other = a_ticket()
        store.apply([filed(other)])
        assert store.try_code(other.reference, "271828", NOW, 5) is None
        assert store.try_code("PR-0000-0000", "271828", NOW, 5) is None
        assert store.try_code(reference, "271828", NOW, 5) == PHONE

    def test_it_needs_an_identifier_of_the_ticket(self, store: Store, reference: str) -> None:
        stranger = Contact(ContactKind.EMAIL, "eve@example.com")
        for wanted in (reference, "PR-0000-0000"):
            with pytest.raises(TicketError, match="not_an_identifier"):
                store.keep_code(wanted, stranger, "271828", NOW, self.EXPIRES)

    def test_of_many_at_once_one_gets_it(self, store: Store, reference: str) -> None:
        with ThreadPoolExecutor(8) as pool:
            tries = pool.map(lambda _: store.try_code(reference, "271828", NOW, 5), range(8))
            assert sorted(map(bool, tries)) == [False] * 7 + [True]


class TestSuppressions:
    """The list of who wants no marketing."""

    def test_a_marketing_stop_puts_its_addresses_and_numbers_onto_it(self, store: Store) -> None:
        number = Contact(ContactKind.CUSTOMER_NUMBER, "C12345")
        ticket = a_ticket(stop_by=date(2026, 3, 5), contacts=(MAIL, PHONE, number))
        store.apply([filed(ticket)])
        for contact in (MAIL, PHONE):
            found = store.suppressed(contact)
            assert found is not None
            assert found.reference == ticket.reference
            assert found.since == date(2026, 3, 5)
            assert contact.value not in found.hash
        assert store.suppressed(number) is None
        assert store.suppressed(replace(MAIL, kind=ContactKind.PHONE)) is None
        assert whats(store) == [What.FILED, What.SUPPRESSED]
        (_, event) = [entry.event for entry in store.register(ticket.reference)]
        assert event.codes == {"identifiers": 2, "since": "2026-03-05"}

    def test_it_counts_from_the_day_of_receipt_of_the_first(self, store: Store) -> None:
        first = filed(a_ticket(stop_by=date(2026, 3, 2)))
        codes = {"received_on": "2026-03-01"}
        store.apply([replace(first, event=replace(first.event, codes=codes))])
        store.apply([filed(a_ticket(stop_by=date(2026, 3, 5)))])
        found = store.suppressed(MAIL)
        assert found is not None
        assert found.since == date(2026, 3, 1)
        assert found.reference == first.ticket.reference

    @pytest.mark.parametrize("end", [What.WITHDRAWN, What.NOT_A_REQUEST])
    def test_one_that_no_longer_stands_leaves_it_but_for_another_objection(
        self, store: Store, end: What
    ) -> None:
        ticket = a_ticket(stop_by=date(2026, 3, 5), contacts=(MAIL, PHONE, MAIL))
        other = a_ticket(stop_by=date(2026, 3, 9), contacts=(MAIL,))
        store.apply([filed(ticket), filed(other)])
        store.apply([changed(ticket, end)])
        assert store.suppressed(PHONE) is None
        found = store.suppressed(MAIL)
        assert found is not None
        assert found.reference == other.reference
        *_, last = store.register(ticket.reference)
        assert last.event.what is What.UNSUPPRESSED
        assert last.event.codes == {"identifiers": 2, "kept": 1}
        store.apply([changed(other, end)])
        assert store.suppressed(MAIL) is None
        assert list(first_wrong(store.register())) == []

    def test_opened_again_it_is_back_on_it(self, store: Store) -> None:
        ticket = a_ticket(stop_by=date(2026, 3, 5))
        store.apply([filed(ticket), changed(ticket, What.WITHDRAWN)])
        opened = changed(replace(ticket, version=2), What.BREACH_SIGNALLED)
        again = replace(opened, event=replace(opened.event, codes={"since": "2026-03-20"}))
        store.apply([again])
        found = store.suppressed(MAIL)
        assert found is not None
        assert found.since == date(2026, 3, 20)
        assert whats(store) == [
            *(What.FILED, What.SUPPRESSED, What.WITHDRAWN, What.UNSUPPRESSED),
            *(What.BREACH_SIGNALLED, What.SUPPRESSED),
        ]

    def test_one_that_was_carried_out_stays_and_nothing_is_noted(self, store: Store) -> None:
        ticket = a_ticket(stop_by=date(2026, 3, 5))
        store.apply([filed(ticket), changed(ticket, What.FULFILLED)])
        reopened = changed(replace(ticket, version=2), What.REOPENED)
        once_more = replace(reopened, event=replace(reopened.event, codes={"since": "2026-03-20"}))
        store.apply([once_more, changed(once_more.ticket, What.WITHDRAWN)])
        found = store.suppressed(MAIL)
        assert found is not None
        assert found.since == date(2026, 3, 5)
        assert whats(store).count(What.SUPPRESSED) == 1
        assert What.UNSUPPRESSED not in whats(store)

    def test_a_withdrawal_of_two_at_once_takes_it_off_once(self, store: Store) -> None:
        ticket = a_ticket(stop_by=date(2026, 3, 5))
        store.apply([filed(ticket)])

        def withdraw(_: int) -> bool:
            try:
                store.apply([changed(ticket, What.WITHDRAWN)])
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(withdraw, range(4))) == [False, False, False, True]
        assert whats(store).count(What.UNSUPPRESSED) == 1

    def test_other_requests_and_other_steps_add_nothing(self, store: Store) -> None:
        ticket = a_ticket()
        customer = a_ticket(
            stop_by=date(2026, 3, 5), contacts=(Contact(ContactKind.CUSTOMER_NUMBER, "C1"),)
        )
        store.apply([filed(ticket), changed(ticket, stop_by=date(2026, 3, 5)), filed(customer)])
        assert store.suppressed(MAIL) is None
        assert What.SUPPRESSED not in whats(store)


class TestCounting:
    """Counters against floods."""

    def test_uses_are_summed_within_their_window(self, store: Store) -> None:
        start = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
        assert [store.count("web 1", start, 3600) for _ in range(3)] == [1, 2, 3]
        assert store.count("web 1", start + timedelta(seconds=3599), 3600) == 4
        assert store.count("web 1", start + timedelta(seconds=3600), 3600) == 1

    def test_names_and_windows_are_counted_apart(self, store: Store) -> None:
        assert store.count("web 1", NOW, 3600) == 1
        assert store.count("web 2", NOW, 3600) == 1
        assert store.count("web 1", NOW, 86400) == 1
        assert store.count("web 1", NOW, 3600) == 2

    def test_no_use_is_lost_between_threads(self, store: Store) -> None:
        with ThreadPoolExecutor(8) as pool:
            sums = pool.map(lambda _: store.count("web", NOW, 3600), range(80))
            assert sorted(sums) == list(range(1, 81))


@pytest.mark.parametrize("scheme", STORES)
def test_two_confirmations_at_once_make_one_ticket(
    scheme: str, make_parts: Callable[..., Parts], tmp_path: Path
) -> None:
    assistant = make_parts(f"{scheme}:///{tmp_path}/race.db").assistant
    for turn in range(10):
        # each try counts for its address, and one address may file only so much a day
        token = assistant.answer(assistant.message("stop marketing", "test", "en")).token
        assistant.answer(assistant.message(f"ana{turn}@example.com", "test", "en"), token)
        before = len(list(assistant.store.tickets(limit=1000)))

        def confirm(number: int, token: str = token) -> None:
            message = assistant.message("yes", "test", "en")
            assistant.answer(message, token, f"confirmation {number}")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(confirm, range(4)))
        assert len(list(assistant.store.tickets(limit=1000))) == before + 1


@pytest.mark.parametrize("scheme", STORES)
def test_the_first_message_sent_twice_at_once_begins_one_conversation(
    scheme: str, make_parts: Callable[..., Parts], tmp_path: Path
) -> None:
    assistant = make_parts(f"{scheme}:///{tmp_path}/race.db").assistant
    for turn in range(10):

        def begin(_: int, turn: int = turn) -> Answered:
            message = assistant.message("stop marketing to ana@example.com", "test", "en")
            return assistant.answer(message, message_id=f"{turn:032x}")

        with ThreadPoolExecutor(4) as pool:
            answered = list(pool.map(begin, range(4)))
        assert len({(one.token, one.reply.text) for one in answered}) == 1
        kept = assistant.store.conversation(answered[0].token)
        assert kept is not None
        assert kept.version == 1


class TestSqlite:
    """What only a file can show."""

    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/store.db"

    def test_it_is_safe_against_a_power_cut(self, tmp_path: Path) -> None:
        open_store(self.url(tmp_path), VAULT)
        with sqlite3.connect(tmp_path / "store.db") as db:
            assert db.execute("pragma journal_mode").fetchone() == ("wal",)
        db.close()

    def test_the_file_does_not_hold_the_token(self, tmp_path: Path) -> None:
        open_store(self.url(tmp_path), VAULT).save("a-secret-token", kept(1, a_reply()), NOW)
        written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert b"a-secret-token" not in written

    def test_a_file_that_is_no_database_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "store.db").write_text("not a database " * 100)
        with pytest.raises(StoreError, match="file is not a database"):
            open_store(self.url(tmp_path), VAULT)

    def test_a_folder_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="unable to open"):
            open_store(f"sqlite:///{tmp_path}/nowhere/store.db", VAULT)

    def test_a_newer_version_is_told(self, tmp_path: Path) -> None:
        open_store(self.url(tmp_path), VAULT)
        with sqlite3.connect(tmp_path / "store.db") as db:
            db.execute(
                "insert into _sqlite_migrations (migration_set, name, applied_at)"
                " values ('privacy-assistant', 'm999_from_the_future', '')"
            )
        db.close()
        with pytest.raises(StoreError, match="newer version"):
            open_store(self.url(tmp_path), VAULT)

    def test_a_read_only_file_is_told(self, tmp_path: Path) -> None:
        open_store(self.url(tmp_path), VAULT)
        for path in (tmp_path, *tmp_path.iterdir()):
            path.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
        for parent in tmp_path.parents[:3]:  # one more where tests run side by side
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
        # the super-user may write everywhere, so another user has to try
        child = os.fork() if os.geteuid() == 0 else None
        if child == 0:
            os.setegid(65534)
            os.seteuid(65534)
            try:
                open_store(self.url(tmp_path), VAULT)
            except StoreError as error:
                os._exit(0 if "readonly" in str(error) else 2)
            os._exit(1)
        if child is None:
            with pytest.raises(StoreError, match="readonly"):
                open_store(self.url(tmp_path), VAULT)
        else:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        tmp_path.chmod(stat.S_IRWXU)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system starts processes otherwise")
    def test_a_forked_process_opens_the_file_anew(self, tmp_path: Path) -> None:
        store = open_store(self.url(tmp_path), VAULT)
        here, there = a_ticket(), a_ticket()
        store.apply([filed(here)])
        child = os.fork()
        if child == 0:
            try:
                store.apply([filed(there)])
                os._exit(0 if store.ticket(here.reference) == here else 1)
            except BaseException:  # noqa: BLE001 - a child must not run the parent's tests
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.ticket(there.reference) == there
        store.apply([changed(here)])
        assert list(first_wrong(store.register())) == []

    def test_without_a_way_to_wait_for_the_disk_sqlite_waits_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "GROUPED", False)
        store = SqliteStore.open(self.url(tmp_path), VAULT)
        ticket = a_ticket()
        store.save("token", kept(1, a_reply(filed(ticket))), NOW)
        assert store.ticket(ticket.reference) == ticket
        assert store.conversation("token") is not None
        with store._connections.lent() as db:
            assert db.execute("pragma synchronous").fetchone() == (2,)

    def test_a_disk_that_reports_an_error_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = open_store(self.url(tmp_path), VAULT)

        def fails(_: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        with monkeypatch.context() as broken:
            broken.setattr(os, "fdatasync", fails)
            with pytest.raises(StoreError, match="cannot be used: Input/output error"):
                store.save("token", kept(1, a_reply(filed(a_ticket()))), NOW)
        assert list(first_wrong(store.register())) == []

    def test_a_file_that_can_no_longer_be_written_loses_nothing(self, tmp_path: Path) -> None:
        store = open_store(self.url(tmp_path), VAULT)
        store.save("token", kept(1, a_reply()), NOW)
        with sqlite3.connect(tmp_path / "store.db") as db:
            # no ticket can be written any more, a conversation could
            db.execute("alter table tickets rename to elsewhere")
        db.close()
        with pytest.raises(StoreError, match="no such table"):
            store.save("token", kept(2, a_reply(filed(a_ticket()))), NOW)
        again = store.conversation("token")
        assert again is not None
        assert again.version == 1


def test_an_unknown_kind_of_store_is_told() -> None:
    with pytest.raises(StoreError, match="memory://, sqlite://"):
        open_store("oracle://somewhere", VAULT)


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:store.db"])
def test_a_url_without_a_file_is_told(url: str) -> None:
    with pytest.raises(StoreError, match="names no file"):
        open_store(url, VAULT)


class TestSecret:
    """The key beside the database."""

    def test_it_is_made_once_and_only_the_owner_reads_it(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/store.db"
        with ThreadPoolExecutor(4) as pool:
            keys = {s.follow_key("PR-7F3K-9Q2M") for s in pool.map(kept_secret, [url] * 4)}
        assert len(keys) == 1
        assert stat.S_IMODE((tmp_path / "store.db.secret").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["store.db.secret"]

    def test_a_folder_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="secret key"):
            kept_secret(f"sqlite:///{tmp_path}/nowhere/store.db")

    def test_a_key_opens_its_own_ticket_only(self, tmp_path: Path) -> None:
        secret = kept_secret(f"sqlite:///{tmp_path}/store.db")
        key = secret.follow_key("PR-7F3K-9Q2M")
        assert secret.may_follow("PR-7F3K-9Q2M", key)
        assert not secret.may_follow("PR-7F3K-9Q2N", key)
        assert not secret.may_follow("PR-7F3K-9Q2M", "")
        assert not secret.may_follow("PR-7F3K-9Q2M", "é\udcff")


class TestFigures:
    """Numbers for those who look after the program."""

    def test_open_tickets_are_counted_by_type(self, store: Store) -> None:
        due = date(2026, 4, 7)
        assert store.pending(due) == {}
        store.apply(
            [
                filed(a_ticket()),
                filed(a_ticket(due_on=date(2026, 4, 8))),
                filed(a_ticket(request="erasure", status=Status.IN_PROGRESS)),
                filed(a_ticket(request="erasure", status=Status.FULFILLED)),
            ]
        )
        assert store.pending(due) == {"access": Pending(2, 0), "erasure": Pending(1, 0)}
        after = due + timedelta(days=1)
        assert store.pending(after) == {"access": Pending(2, 1), "erasure": Pending(1, 1)}

    def test_those_filed_since_are_counted_once(self, store: Store) -> None:
        last, counts = store.filed(0)
        assert counts == {}
        store.apply([filed(a_ticket()), filed(a_ticket(channel="letter"))])
        last, counts = store.filed(last)
        assert counts == {("access", "web"): 1, ("access", "letter"): 1}
        store.apply([filed(a_ticket())])
        last, counts = store.filed(last)
        assert counts == {("access", "web"): 1}
        assert store.filed(last) == (last, {})

    def test_it_is_well(self, store: Store) -> None:
        assert store.health().waiting == {}
