"""What can be done to a ticket, against the GDPR's articles and the table of statuses."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.casework import ASSISTANT, REQUESTER, Casework, Step
from handlers.deadlines import Calendar, deadline, target
from handlers.register import GENESIS, Entry, chained, first_wrong
from handlers.tickets import (
    FLOW,
    OPEN,
    Check,
    Contact,
    ContactKind,
    ExtensionReason,
    Ground,
    Status,
    Ticket,
    TicketError,
)
from knowledge.model import Knowledge

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
"""A Thursday; one month later is Easter Sunday, so the answer is due on Tuesday 7 April."""
BELGIUM = Calendar("BE", "Europe/Brussels")
MAIL = Contact(ContactKind.EMAIL, "ana@example.com")
PHONE = Contact(ContactKind.PHONE, "+32470123456")
LATER = NOW + timedelta(days=3)


@pytest.fixture(scope="session")
def casework(knowledge: Knowledge) -> Casework:
    """Give the rules for the built-in request types in Belgium."""
    return Casework(BELGIUM, knowledge.requests)


def filed(casework: Casework, request: str = "access", **changes: object) -> Ticket:
    """File a request and change what is given."""
    ticket = casework.file(
        reference="PR-7F3K-9Q2M",
        request=request,
        language="nl",
        channel="web",
        received_at=NOW,
        now=NOW,
        contacts=(MAIL, PHONE),
        details="words",
    ).ticket
    return replace(ticket, **changes)  # type: ignore[arg-type]


Action = Callable[[Casework, Ticket, datetime], Step]

MOVES: dict[Status, Action] = {
    Status.AWAITING_IDENTITY: lambda c, t, at: c.ask_identity(
        t, "eva", at, asked=Check.CALLED_BACK
    ),
    Status.AWAITING_CLARIFICATION: lambda c, t, at: c.ask_clarification(t, "eva", at),
    Status.IN_PROGRESS: lambda c, t, at: c.resume(t, "eva", at),
    Status.FULFILLED: lambda c, t, at: c.fulfil(t, "eva", at, informed_on=BELGIUM.day_of(at)),
    Status.REFUSED: lambda c, t, at: c.refuse(
        *(t, "eva", at),
        ground=Ground.EXCESSIVE,
        explanation="because",
        informed_on=BELGIUM.day_of(at),
    ),
    Status.WITHDRAWN: lambda c, t, at: c.withdraw(t, at),
    Status.NOT_A_REQUEST: lambda c, t, at: c.not_a_request(t, "eva", at, reason="spam"),
    Status.RECEIVED: lambda c, t, at: c.reopen(t, "eva", at),
}
"""Status -> the action that leads to it; a duplicate needs another ticket and has its own tests."""


@pytest.mark.parametrize(("before", "after"), list(product(Status, MOVES)))
def test_each_move_of_the_table_works_and_no_other_does(
    before: Status, after: Status, casework: Casework
) -> None:
    ticket = filed(casework, status=before)
    if after in FLOW[before]:
        step = MOVES[after](casework, ticket, LATER)
        assert step.ticket.status is after
        assert step.ticket.version == ticket.version + 1
        assert (step.ticket.closed_at is None) is (after in OPEN)
    else:
        with pytest.raises(TicketError):
            MOVES[after](casework, ticket, LATER)


def test_every_status_leads_somewhere_and_is_reached() -> None:
    assert set(FLOW) == set(Status)
    assert set().union(*FLOW.values()) == set(Status)


def test_filing_keeps_every_date(casework: Casework) -> None:
    ticket = filed(casework)
    assert (ticket.due_on, ticket.initial_due_on) == (date(2026, 4, 7), date(2026, 4, 7))
    assert ticket.target_on == date(2026, 3, 19)
    assert ticket.stop_by is None
    assert not ticket.unconfirmed


def test_a_marketing_objection_stops_on_the_same_working_day(casework: Casework) -> None:
    assert filed(casework, "marketing_opt_out").stop_by == date(2026, 3, 5)
    sunday = NOW + timedelta(days=3)
    step = casework.file(
        reference="PR-7F3K-9Q2M",
        request="marketing_opt_out",
        language="ro",
        channel="web",
        received_at=sunday,
        now=sunday,
        contacts=(MAIL,),
        details=None,
    )
    assert step.ticket.stop_by == date(2026, 3, 9)


def test_nothing_is_received_in_the_future(casework: Casework) -> None:
    with pytest.raises(TicketError, match="received_in_future"):
        casework.correct_receipt(filed(casework), "eva", NOW, received_at=LATER)


class TestExtension:
    """Once, with a reason, inside month one (article 12(3))."""

    def extend(self, casework: Casework, ticket: Ticket, at: datetime, text: str = "why") -> Step:
        return casework.extend(ticket, "eva", at, reason=ExtensionReason.COMPLEX, text=text)

    def test_it_gives_two_months_and_keeps_the_first_date(self, casework: Casework) -> None:
        ticket = self.extend(casework, filed(casework), LATER).ticket
        assert ticket.due_on == date(2026, 6, 5)
        assert ticket.initial_due_on == date(2026, 4, 7)

    def test_of_the_two_readings_the_earlier_one_holds(self, casework: Casework) -> None:
        end_of_january = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
        ticket = casework.correct_receipt(
            filed(casework), "eva", NOW, received_at=end_of_january
        ).ticket
        on_time = datetime(2026, 2, 2, tzinfo=UTC)
        assert self.extend(casework, ticket, on_time).ticket.due_on == date(2026, 4, 28)

    def test_a_second_one_is_refused(self, casework: Casework) -> None:
        ticket = self.extend(casework, filed(casework), LATER).ticket
        with pytest.raises(TicketError, match=r"12\(3\)"):
            self.extend(casework, ticket, LATER)

    def test_the_last_day_is_in_time_and_the_next_is_not(self, casework: Casework) -> None:
        last = datetime(2026, 4, 7, 21, 59, tzinfo=UTC)  # 23:59 in Brussels
        assert self.extend(casework, filed(casework), last).ticket.extended
        with pytest.raises(TicketError, match="first_month_over"):
            self.extend(casework, filed(casework), last + timedelta(minutes=2))

    def test_it_needs_a_text(self, casework: Casework) -> None:
        with pytest.raises(TicketError, match="reason_missing"):
            self.extend(casework, filed(casework), LATER, text="  ")

    def test_taken_back_it_restores_the_first_date(self, casework: Casework) -> None:
        ticket = self.extend(casework, filed(casework), LATER).ticket
        step = casework.remove_extension(ticket, "eva", LATER)
        assert (step.ticket.due_on, step.ticket.extended) == (date(2026, 4, 7), False)
        assert step.event.codes["before"] == "2026-06-05"


class TestRefusal:
    """With ground and explanation, judged on month one (article 12(4))."""

    def refuse(
        self, casework: Casework, ticket: Ticket, informed_on: date, **changes: object
    ) -> Step:
        at = datetime(2026, 7, 1, tzinfo=UTC)
        values = {"ground": Ground.EXCESSIVE, "explanation": "because", **changes}
        return casework.refuse(ticket, "eva", at, informed_on=informed_on, **values)  # type: ignore[arg-type]

    def test_a_marketing_objection_cannot_be_refused(self, casework: Casework) -> None:
        with pytest.raises(TicketError, match=r"21\(3\)"):
            self.refuse(casework, filed(casework, "marketing_opt_out"), date(2026, 3, 6))

    def test_it_needs_an_explanation(self, casework: Casework) -> None:
        with pytest.raises(TicketError, match=r"12\(4\)"):
            self.refuse(casework, filed(casework), date(2026, 3, 6), explanation=" ")

    def test_it_is_late_after_month_one_even_if_extended(self, casework: Casework) -> None:
        extended = casework.extend(
            filed(casework), "eva", LATER, reason=ExtensionReason.COMPLEX, text="why"
        ).ticket
        assert self.refuse(casework, extended, date(2026, 4, 8)).ticket.late
        assert not self.refuse(casework, extended, date(2026, 4, 7)).ticket.late
        fulfilled = casework.fulfil(
            extended, "eva", datetime(2026, 7, 1, tzinfo=UTC), informed_on=date(2026, 6, 5)
        )
        assert not fulfilled.ticket.late

    def test_a_part_refused_is_fulfilled_in_part(self, casework: Casework) -> None:
        ticket = self.refuse(casework, filed(casework), date(2026, 3, 6), partial=True).ticket
        assert (ticket.status, ticket.partial) == (Status.FULFILLED, True)

    def test_nobody_is_told_in_the_future_or_before_asking(self, casework: Casework) -> None:
        for day in (date(2026, 7, 2), date(2026, 3, 4)):
            with pytest.raises(TicketError, match="informed_"):
                self.refuse(casework, filed(casework), day)


class TestIdentity:
    """Only in doubt, only where the right needs it (article 12(6))."""

    def test_a_marketing_objection_never_asks_for_it(self, casework: Casework) -> None:
        with pytest.raises(TicketError, match=r"12\(6\)"):
            casework.ask_identity(
                filed(casework, "marketing_opt_out"), "eva", LATER, asked=Check.DOCUMENT_SEEN
            )

    def test_it_is_noted_for_each_identifier(self, casework: Casework) -> None:
        asked = casework.ask_identity(filed(casework), "eva", LATER, asked=Check.CALLED_BACK)
        checked = casework.identity_checked(
            asked.ticket, "eva", LATER, how=Check.CALLED_BACK, contact=PHONE
        )
        mail, phone = checked.ticket.contacts
        assert (mail.verified_at, phone.verified_at) == (None, LATER)
        assert checked.event.codes["identifier"] == 2  # counted as people count
        assert checked.ticket.status is Status.IN_PROGRESS

    def test_the_same_check_is_noted_once_unless_it_is_waited_for(self, casework: Casework) -> None:
        def check(ticket: Ticket, how: Check) -> Ticket:
            return casework.identity_checked(ticket, "eva", LATER, how=how, contact=MAIL).ticket

        checked = check(filed(casework), Check.CALLED_BACK)
        with pytest.raises(TicketError, match="checked_before"):
            check(checked, Check.CALLED_BACK)
        assert check(checked, Check.DOCUMENT_SEEN).contacts[0].check is Check.DOCUMENT_SEEN
        asked = casework.ask_identity(checked, "eva", LATER, asked=Check.CALLED_BACK).ticket
        assert check(asked, Check.CALLED_BACK).status is Status.IN_PROGRESS

    def test_only_what_was_given_can_be_checked(self, casework: Casework) -> None:
        stranger = Contact(ContactKind.EMAIL, "eve@example.com")
        with pytest.raises(TicketError, match="not_an_identifier"):
            casework.identity_checked(
                filed(casework), "eva", LATER, how=Check.EMAIL_CODE, contact=stranger
            )


class TestDuplicate:
    """A person decides, and only for the same right of the same verified person."""

    def pair(self, casework: Casework, **changes: object) -> tuple[Ticket, Ticket]:
        proved = (replace(MAIL, verified_at=NOW), PHONE)
        first = filed(casework, contacts=proved)
        return first, filed(casework, reference="PR-0000-0000", contacts=proved, **changes)

    def test_it_points_to_the_open_one_and_can_be_undone(self, casework: Casework) -> None:
        first, second = self.pair(casework)
        closed = casework.mark_duplicate(second, "eva", LATER, of=first).ticket
        assert (closed.status, closed.duplicate_of) == (Status.DUPLICATE, first.reference)
        again = casework.reopen(closed, "eva", LATER).ticket
        assert (again.status, again.duplicate_of) == (Status.RECEIVED, None)
        assert again.received_at == second.received_at

    def test_an_unverified_address_closes_nothing(self, casework: Casework) -> None:
        first, second = self.pair(casework)
        for one, other in ((replace(first, contacts=(MAIL,)), second), (first, filed(casework))):
            with pytest.raises(TicketError):
                casework.mark_duplicate(other, "eva", LATER, of=one)

    def test_another_right_a_closed_one_or_itself_is_none(self, casework: Casework) -> None:
        first, second = self.pair(casework)
        done = casework.withdraw(first, LATER).ticket
        other = replace(first, request="erasure")
        for of, rule in ((other, "another_right"), (done, "of_closed"), (second, "of_itself")):
            with pytest.raises(TicketError, match=rule):
                casework.mark_duplicate(second, "eva", LATER, of=of)

    def test_a_breach_is_never_closed_as_one(self, casework: Casework) -> None:
        first, second = self.pair(casework, breach=True)
        with pytest.raises(TicketError, match=r"21\(3\)"):
            casework.mark_duplicate(second, "eva", LATER, of=first)


def test_a_mail_after_the_stop_opens_the_ticket_again(casework: Casework) -> None:
    done = casework.fulfil(
        filed(casework, "marketing_opt_out"), "eva", LATER, informed_on=BELGIUM.day_of(LATER)
    ).ticket
    step = casework.signal_breach(done, LATER)
    assert (step.ticket.status, step.ticket.breach) == (Status.RECEIVED, True)
    with pytest.raises(TicketError, match="no_marketing_stop"):
        casework.signal_breach(filed(casework, "access"), LATER)


class TestObjectionOpenedAgain:
    """From which day it counts that did not stand for a while."""

    WEEK = LATER + timedelta(days=7)

    def test_one_that_was_withdrawn_counts_anew(self, casework: Casework) -> None:
        withdrawn = casework.withdraw(filed(casework, "marketing_opt_out"), LATER).ticket
        for step in (
            casework.reopen(withdrawn, "eva", self.WEEK),
            casework.signal_breach(withdrawn, self.WEEK),
        ):
            assert step.event.codes["since"] == str(BELGIUM.day_of(self.WEEK))

    def test_one_that_staff_took_for_none_stood_all_the_time(self, casework: Casework) -> None:
        ticket = filed(casework, "marketing_opt_out")
        spam = casework.not_a_request(ticket, "eva", LATER, reason="spam").ticket
        step = casework.reopen(spam, "eva", self.WEEK)
        assert step.event.codes["since"] == str(BELGIUM.day_of(ticket.received_at))

    def test_any_other_end_leaves_it_as_it_was(self, casework: Casework) -> None:
        on = BELGIUM.day_of(LATER)
        stop = filed(casework, "marketing_opt_out")
        done = casework.fulfil(stop, "eva", LATER, informed_on=on).ticket
        copy = casework.withdraw(filed(casework, "access"), LATER).ticket
        for ticket in (done, copy):
            assert "since" not in casework.reopen(ticket, "eva", self.WEEK).event.codes


def test_only_staff_may_find_that_nothing_was_asked(casework: Casework) -> None:
    for actor in (ASSISTANT, REQUESTER):
        with pytest.raises(TicketError, match="only_staff"):
            casework.not_a_request(filed(casework), actor, LATER, reason="spam")


class TestRecomputing:
    """Every date follows the receipt and the calendar, and the old ones are on record."""

    def test_a_corrected_receipt_moves_every_date(self, casework: Casework) -> None:
        new_year = datetime(2025, 12, 31, 9, 0, tzinfo=UTC)
        step = casework.correct_receipt(filed(casework), "eva", NOW, received_at=new_year)
        assert step.ticket.due_on == date(2026, 2, 2)  # 31 January is a Saturday
        assert step.event.codes["before"] == "2026-04-07"

    def test_a_new_day_off_moves_open_tickets_only(self, casework: Casework) -> None:
        bridge = replace(BELGIUM, extra_days=frozenset({date(2026, 4, 7)}))
        changed = replace(casework, calendar=bridge)
        step = changed.recompute(filed(casework), LATER)
        assert step is not None
        assert step.ticket.due_on == date(2026, 4, 8)
        assert changed.recompute(step.ticket, LATER) is None
        assert changed.recompute(casework.withdraw(filed(casework), LATER).ticket, LATER) is None

    def test_an_extension_is_worked_out_anew_too(self, casework: Casework) -> None:
        extended = casework.extend(
            filed(casework), "eva", LATER, reason=ExtensionReason.COMPLEX, text="why"
        ).ticket
        day_before = NOW - timedelta(days=1)
        moved = casework.correct_receipt(extended, "eva", LATER, received_at=day_before).ticket
        assert moved.due_on == date(2026, 6, 4)
        assert moved.initial_due_on == date(2026, 4, 7)  # 4 April is the Saturday before Easter


class TestErasing:
    """Final tickets past their date, and nothing else."""

    def test_a_stub_holds_codes_and_dates_only(self, casework: Casework) -> None:
        refused = MOVES[Status.REFUSED](casework, filed(casework), LATER).ticket
        stub = casework.erase(refused, ASSISTANT, LATER).ticket
        assert stub.contacts == ()
        assert stub.details is None
        assert stub.outcome is not None
        assert stub.outcome.explanation is None
        assert (stub.outcome.ground, stub.due_on) == (Ground.EXCESSIVE, refused.due_on)
        with pytest.raises(TicketError, match="erased"):
            casework.reopen(stub, "eva", LATER)

    def test_nothing_more_is_done_to_a_stub(self, casework: Casework) -> None:
        stub = casework.erase(casework.withdraw(filed(casework), LATER).ticket, "eva", LATER).ticket
        for action in (
            lambda: casework.erase(stub, "eva", LATER),
            lambda: casework.hold(stub, "eva", LATER),
            lambda: casework.release(stub, "eva", LATER),
            lambda: casework.take(stub, "eva", LATER),
            lambda: casework.confirm(stub, LATER),
            lambda: casework.identity_checked(
                stub, "eva", LATER, how=Check.CALLED_BACK, contact=PHONE
            ),
            lambda: casework.ask_identity(stub, "eva", LATER, asked=Check.CALLED_BACK),
            lambda: casework.fulfil(stub, "eva", LATER, informed_on=BELGIUM.day_of(LATER)),
            lambda: casework.withdraw(stub, LATER),
            lambda: casework.remove_extension(stub, "eva", LATER),
            lambda: casework.add_task(stub, "eva", LATER, system="backup"),
            lambda: casework.finish_task(stub, "eva", LATER, task=1),
            lambda: casework.correct_receipt(stub, "eva", LATER, received_at=NOW),
            lambda: casework.reopen(stub, "eva", LATER),
        ):
            with pytest.raises(TicketError, match="erased"):
                action()

    def test_an_open_or_held_one_stays(self, casework: Casework) -> None:
        closed = casework.withdraw(filed(casework), LATER).ticket
        held = casework.hold(closed, "eva", LATER).ticket
        for ticket in (filed(casework), held):
            with pytest.raises(TicketError):
                casework.erase(ticket, ASSISTANT, LATER)
        released = casework.release(held, "eva", LATER).ticket
        assert casework.erase(released, ASSISTANT, LATER).ticket.erased_at == LATER

    def test_its_date_is_counted_from_the_close(self, casework: Casework) -> None:
        closed = casework.withdraw(filed(casework), LATER).ticket
        last = date(2026, 3, 8) + timedelta(days=casework.retention_days)
        assert not casework.may_be_erased(closed, last)
        assert casework.may_be_erased(closed, last + timedelta(days=1))
        assert not casework.may_be_erased(filed(casework), date.max)


class TestKeeping:
    """The date counts from the close and the setting, whatever is held in between."""

    def test_a_hold_and_its_release_are_noted_once(self, casework: Casework) -> None:
        with pytest.raises(TicketError, match="not_held"):
            casework.release(filed(casework), "eva", LATER)
        held = casework.hold(filed(casework), "eva", LATER).ticket
        with pytest.raises(TicketError, match="held_before"):
            casework.hold(held, "jan", LATER)
        assert not casework.release(held, "eva", LATER).ticket.legal_hold

    def test_a_change_of_the_setting_moves_closed_tickets_only(self, casework: Casework) -> None:
        closed = casework.withdraw(filed(casework), LATER).ticket
        shorter = replace(casework, retention_days=30)
        assert casework.redate(closed, LATER) is None
        step = shorter.redate(closed, LATER)
        assert step is not None
        assert step.ticket.retention_until == date(2026, 4, 7)  # 30 days after 8 March
        assert step.event.codes == {"kept_before": "2028-03-07", "kept_until": "2026-04-07"}
        assert shorter.redate(step.ticket, LATER) is None
        assert shorter.redate(filed(casework), LATER) is None
        assert shorter.redate(casework.erase(closed, "eva", LATER).ticket, LATER) is None

    def test_a_release_goes_by_the_setting_in_force(self, casework: Casework) -> None:
        closed = casework.withdraw(filed(casework), LATER).ticket
        held = casework.hold(closed, "eva", LATER).ticket
        released = replace(casework, retention_days=30).release(held, "eva", LATER).ticket
        assert released.retention_until == date(2026, 4, 7)


def test_overdue_begins_the_day_after(casework: Casework) -> None:
    ticket = filed(casework)
    assert not ticket.overdue(date(2026, 4, 7))
    assert ticket.overdue(date(2026, 4, 8))
    assert not casework.withdraw(ticket, LATER).ticket.overdue(date(2027, 1, 1))


def test_tasks_are_counted_and_done(casework: Casework) -> None:
    ticket = casework.add_task(filed(casework), "eva", LATER, system="mailing tool").ticket
    done = casework.finish_task(ticket, "jan", LATER, task=1, proof="list of 5 March").ticket
    assert (done.tasks[0].done_at, done.tasks[0].owner) == (LATER, "jan")
    with pytest.raises(TicketError, match="no_such_task"):
        casework.finish_task(ticket, "jan", LATER, task=2)
    with pytest.raises(TicketError, match="task_done_before"):
        casework.finish_task(done, "jan", LATER, task=1)


def test_on_a_closed_ticket_a_task_can_be_done_and_none_added(casework: Casework) -> None:
    ticket = casework.add_task(filed(casework), "eva", LATER, system="backup").ticket
    closed = casework.fulfil(ticket, "eva", LATER, informed_on=BELGIUM.day_of(LATER)).ticket
    with pytest.raises(TicketError, match="closed"):
        casework.add_task(closed, "eva", LATER, system="mail")
    assert casework.finish_task(closed, "eva", LATER, task=1).ticket.tasks[0].done_at == LATER


def test_what_is_so_already_is_not_noted_again(casework: Casework) -> None:
    ticket = casework.take(filed(casework), "eva", LATER).ticket
    with pytest.raises(TicketError, match="taken_before"):
        casework.take(ticket, "eva", LATER)
    assert casework.take(ticket, "jan", LATER).ticket.assignee == "jan"
    withdrawn = casework.withdraw(ticket, LATER).ticket
    again = casework.reopen(withdrawn, "eva", LATER).ticket
    assert casework.take(again, "eva", LATER).ticket.status is Status.IN_PROGRESS
    with pytest.raises(TicketError, match="received_then"):
        casework.correct_receipt(ticket, "eva", LATER, received_at=NOW)


def test_the_receipt_never_comes_after_the_answer(casework: Casework) -> None:
    closed = casework.fulfil(filed(casework), "eva", LATER, informed_on=BELGIUM.day_of(NOW)).ticket
    with pytest.raises(TicketError, match="informed_before_receipt"):
        casework.correct_receipt(closed, "eva", LATER, received_at=NOW + timedelta(days=1))


@given(st.dates(date(2024, 1, 1), date(2035, 12, 31)), st.integers(1, 60))
def test_the_internal_target_never_comes_after_the_legal_date(day: date, days: int) -> None:
    calendar = replace(BELGIUM, target_days=days)
    found = target(day, calendar)
    assert day <= found
    assert found <= deadline(day, calendar).due_on


@given(st.lists(st.sampled_from([*MOVES]), max_size=12), st.integers(0, 200))
def test_whatever_is_tried_the_rules_hold(
    knowledge: Knowledge, tries: list[Status], days: int
) -> None:
    casework = Casework(BELGIUM, knowledge.requests)
    ticket, at = filed(casework), NOW
    entries: list[Entry] = []
    for wanted in tries:
        at += timedelta(days=days / 10)
        before = ticket
        try:
            step = MOVES[wanted](casework, ticket, at)
        except TicketError:
            assert wanted not in FLOW[before.status]
            continue
        ticket = step.ticket
        assert ticket.status in FLOW[before.status]
        assert ticket.received_at == before.received_at
        assert ticket.initial_due_on == before.initial_due_on
        assert ticket.is_open is (ticket.closed_at is None)
        previous = entries[-1].hash if entries else GENESIS
        entries.append(chained(step.event, len(entries) + 1, previous))
        assert not set(personal(ticket)) & set(str(step.event).split())
    assert list(first_wrong(entries)) == []


def personal(ticket: Ticket) -> Iterator[str]:
    """Give the personal values of a ticket."""
    yield from (contact.value for contact in ticket.contacts)
    if ticket.details:
        yield ticket.details
