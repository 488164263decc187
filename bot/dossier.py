"""One ticket as a document for the authority: Markdown that reads well as plain text too."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.details import OUTCOMES, Details
from bot.exports import counted
from bot.standing import flag_words
from handlers.casework import ASSISTANT, REQUESTER
from handlers.contract import Desk
from handlers.register import Entry, Event, What
from handlers.tickets import ARTICLES, Task, Ticket
from handlers.wording import contact, day, explain, remaining, status
from knowledge.model import Language

COMPLAINT = "law_complaint"
"""The section that tells where a person can complain, if the knowledge base has one."""
AGAIN = frozenset({What.REOPENED, What.BREACH_SIGNALLED})
"""Events that open a closed ticket again."""
MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")
"""What Markdown or HTML would take for markup, in what people wrote."""


@dataclass(frozen=True)
class Dossier:
    """What a dossier is made of."""

    ticket: Ticket
    entries: Sequence[Entry]
    """The ticket's own entries of the register."""
    head: tuple[int, str]
    desk: Desk = field(repr=False)
    language: Language = field(repr=False)
    now: datetime

    def text(self) -> str:
        """Write the document."""
        phrases, ticket = self.language.phrases, self.ticket
        made = phrases.dossier_made.format(
            day=self._on(self.now),
            company=self.desk.knowledge.company,
            seq=self.head[0],
            hash=f"`{self.head[1]}`",
        )
        parts = [
            f"# {phrases.dossier_title.format(reference=ticket.reference)}",
            made,
            *self._chapter(phrases.dossier_request, self._request()),
            *self._chapter(phrases.dossier_identity, self._identity()),
            *self._chapter(phrases.dossier_dates, self._dates()),
            *self._chapter(phrases.dossier_tasks, map(self._task, ticket.tasks)),
            *self._chapter(phrases.dossier_outcome, self._outcome()),
            f"## {phrases.dossier_events}",
            "\n".join(self._table()),
            f"## {phrases.dossier_remedies}",
            *self._remedies(),
        ]
        return "\n\n".join(parts) + "\n"

    def _chapter(self, title: str, lines: Iterator[str]) -> Iterator[str]:
        items = [f"- {line}" for line in lines]
        if items:
            yield f"## {title}"
            yield "\n".join(items)

    def _request(self) -> Iterator[str]:
        phrases, ticket = self.language.phrases, self.ticket
        facts = self.desk.knowledge.requests[ticket.request]
        article = f" ({phrases.law_number.format(number=facts.article)})" if facts.article else ""
        yield f"{phrases.dossier_right}: {self.language.requests[ticket.request].title}{article}"
        yield f"{phrases.page_status}: {status(ticket.status, self.language)}"
        special = flag_words(ticket, self._today, self.language)
        if special:
            yield f"{phrases.page_remarks}: {', '.join(special)}"
        yield f"{phrases.dossier_channel}: {plain(self._details.channel(ticket.channel))}"
        answers_in = self.desk.knowledge.languages.get(ticket.language)
        yield f"{phrases.page_language}: {answers_in.words.name if answers_in else ticket.language}"
        if ticket.details:
            yield f"{phrases.dossier_words}: {plain(ticket.details)}"
        if ticket.erased_at:
            yield phrases.dossier_erased.format(day=self._on(ticket.erased_at))

    def _identity(self) -> Iterator[str]:
        phrases = self.language.phrases
        for place, known in enumerate(self.ticket.contacts, 1):
            # by this number the events below name it
            name = f"({place}) {plain(contact(known, self.language))}"
            if known.verified_at is None or known.check is None:
                yield phrases.dossier_unverified.format(contact=name)
            else:
                how = getattr(phrases, f"check_{known.check}")
                on = self._on(known.verified_at)
                yield phrases.dossier_verified.format(contact=name, day=on, how=how)
        if self.ticket.representative:
            name, authority = (
                plain(self.ticket.representative.name),
                plain(self.ticket.representative.authority),
            )
            yield phrases.dossier_representative.format(name=name, authority=authority)

    def _dates(self) -> Iterator[str]:
        phrases, ticket = self.language.phrases, self.ticket
        yield f"{phrases.page_received}: {self._on(ticket.received_at)}"
        left = f" ({remaining(ticket, self._today, self.language)})" if ticket.is_open else ""
        yield f"{phrases.page_due}: {day(ticket.due_on, self.language)}{left}"
        found = counted(ticket, self.desk.casework.calendar)
        if found.due_on == ticket.due_on:
            yield explain(found, self.language)
        yield phrases.due_aid
        yield f"{phrases.dossier_initial}: {day(ticket.initial_due_on, self.language)}"
        yield f"{phrases.dossier_target}: {day(ticket.target_on, self.language)}"
        if ticket.stop_by:
            yield f"{phrases.page_stop_by}: {day(ticket.stop_by, self.language)}"
        if ticket.extension:
            reason = getattr(phrases, f"extension_{ticket.extension.reason}")
            on = self._on(ticket.extension.decided_at)
            text = f". {plain(ticket.extension.text)}" if ticket.extension.text else ""
            yield phrases.dossier_extension.format(day=on, reason=reason) + text

    def _task(self, task: Task) -> str:
        phrases, system = self.language.phrases, f"({task.id}) {plain(task.system)}"
        if task.done_at is None:
            return phrases.dossier_task_open.format(system=system)
        proof = f". {plain(task.proof)}" if task.proof else ""
        on, owner = self._on(task.done_at), plain(task.owner)
        return phrases.dossier_task_done.format(system=system, day=on, owner=owner) + proof

    def _outcome(self) -> Iterator[str]:
        phrases, outcome = self.language.phrases, self.ticket.outcome
        yield from self._earlier()
        if self.ticket.is_open:
            yield phrases.dossier_none
            return
        yield status(self.ticket.status, self.language)
        if outcome is None:
            return
        yield f"{phrases.dossier_informed}: {day(outcome.informed_on, self.language)}"
        if outcome.ground:
            ground = getattr(phrases, f"ground_{outcome.ground}")
            article = phrases.law_number.format(number=ARTICLES[outcome.ground])
            yield f"{phrases.dossier_ground}: {ground} ({article})"
        if outcome.explanation:
            yield f"{phrases.dossier_explanation}: {plain(outcome.explanation)}"

    def _earlier(self) -> Iterator[str]:
        """Tell how it ended before somebody opened it again; the ticket itself forgets that."""
        ended: Event | None = None
        for entry in self.entries:
            event = entry.event
            if event.what in OUTCOMES.values():
                ended = event
            elif event.what in AGAIN and ended is not None:
                outcome = self._what(ended)
                details = self._details.text(ended)
                yield self.language.phrases.dossier_earlier.format(
                    day=self._on(event.at),
                    outcome=plain(f"{outcome} ({details})" if details else outcome),
                )
                ended = None

    def _what(self, event: Event) -> str:
        return str(getattr(self.language.phrases, f"event_{event.what}"))

    def _table(self) -> Iterator[str]:
        phrases = self.language.phrases
        names = [phrases.dossier_entry, phrases.dossier_when, phrases.dossier_who]
        names += [phrases.dossier_what, phrases.dossier_codes]
        yield f"| {' | '.join(names)} |"
        yield "|---|---|---|---|---|"
        zone = ZoneInfo(self.desk.casework.calendar.timezone)
        actors = {REQUESTER: phrases.actor_requester, ASSISTANT: phrases.actor_assistant}
        for entry in self.entries:
            event = entry.event
            cells = [
                str(entry.seq),
                f"{event.at.astimezone(zone):%Y-%m-%d %H:%M}",
                actors.get(event.actor) or plain(event.actor),
                self._what(event),
                plain(self._details.text(event)),
            ]
            yield f"| {' | '.join(cells)} |"

    def _remedies(self) -> Iterator[str]:
        section = self.language.sections.get(COMPLAINT)
        if section is not None:
            yield section.answer
        yield self.language.phrases.dossier_court

    @property
    def _details(self) -> Details:
        return Details(self.desk.knowledge, self.language)

    @property
    def _today(self) -> date:
        return self.desk.casework.calendar.day_of(self.now)

    def _on(self, moment: datetime) -> str:
        return day(self.desk.casework.calendar.day_of(moment), self.language)


def plain(text: str) -> str:
    """Keep what people wrote from being taken for markup, and in one line."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))
