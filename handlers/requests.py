"""From a wish to a filed ticket: ask what is missing, read back, file on a yes."""

from collections.abc import Callable
from dataclasses import replace

from handlers.contract import Act, Button, Desk, Draft, Kind, Reply, Turn, Wish
from handlers.deadlines import deadline
from handlers.identity import ask_for_code
from handlers.tickets import Contact, Ticket
from handlers.wording import button, contact, day, explain, paragraphs, shown_words
from knowledge.model import Knowledge, Language, Slot

QUESTION = "question"
"""The request type by which a question or a wish to speak with a person reaches the team."""

STATED = 7
"""Words from which on a wish is taken to say what exactly is wanted, not only which right."""
SAYS_MORE = 4
"""Words from which on a reply is worth keeping for the team."""
STORY = 12
"""Words from which on a wish for a person is taken to say also what it is about."""


def missing(draft: Draft, knowledge: Knowledge) -> Slot | None:
    """Tell what is still to be asked, or None where the draft can be read back."""
    for slot in knowledge.requests[draft.request].slots:
        if slot is Slot.DETAILS and not draft.detailed:
            return slot
        if slot is Slot.CONTACT and not draft.contacts:
            return slot
    return None


def request(turn: Turn, desk: Desk) -> Reply:
    """Take a request one step further, whatever the person said to it."""
    step = STEPS.get(turn.act, begin)
    return step(turn, desk)


def begin(turn: Turn, desk: Desk) -> Reply:
    """Start a request from a wish, or from the yes to an offer."""
    language = desk.language(turn)
    kind = turn.request or QUESTION
    before = turn.dialogue.draft
    words = _stated(turn, desk, kind)
    given = merged(before.contacts if before else (), turn.contacts)
    draft = Draft(
        request=kind,
        channel=turn.message.channel,
        started_at=before.started_at if before else turn.message.received_at,
        contacts=given or turn.dialogue.contacts,
        details=words,
        then=_waiting(turn, before, kind),
        detailed=_tells(words, kind),
        source=before.source if before else turn.message.source,
    )
    phrases = language.phrases
    opening = phrases.request_begin.format(title=language.requests[kind].title)
    if kind == QUESTION:
        opening = phrases.human_begin
    aside = language.sections[turn.aside].answer if turn.aside else None
    reply = proceed(turn, desk, draft, paragraphs(aside, opening))
    shown = (*desk.knowledge.requests[kind].sections, *([turn.aside] if turn.aside else ()))
    return replace(reply, sections=tuple(dict.fromkeys(shown)))


def supply(turn: Turn, desk: Desk) -> Reply:
    """Take in what was asked for, or a correction: an address, a number, or the details."""
    draft = replace(_draft(turn), declined=False)
    slot = missing(draft, desk.knowledge)
    if slot is Slot.DETAILS:
        draft = replace(noted(draft, turn.message.text), detailed=True)
        given = merged(draft.contacts, turn.contacts)
    elif slot is Slot.CONTACT:
        given = merged(draft.contacts, turn.contacts)
    else:
        new = {contact.kind for contact in turn.contacts}
        given = merged(tuple(c for c in draft.contacts if c.kind not in new), turn.contacts)
    if slot is not Slot.DETAILS and _worth_noting(turn):
        draft = noted(draft, turn.message.text)
    return proceed(turn, desk, replace(draft, contacts=given), None)


def add(turn: Turn, desk: Desk) -> Reply:
    """Take in something more: another address, another word, or another wish for afterwards."""
    draft = replace(_draft(turn), declined=False)
    draft = replace(draft, then=_waiting(turn, draft, draft.request))
    if says_more(turn.message.text) and not turn.then and not turn.bare:
        draft = noted(draft, turn.message.text)
    contacts = merged(draft.contacts, turn.contacts)
    return proceed(turn, desk, replace(draft, contacts=contacts), None)


def _waiting(turn: Turn, before: Draft | None, kind: str) -> tuple[Wish, ...]:
    """Give what waits for a request: what waited before, and what this message wants besides."""
    wishes = {wish.request: wish for wish in (before.then if before else ())}
    wishes.update({request: Wish(request, turn.message.text) for request in turn.then})
    return tuple(wish for wish in wishes.values() if wish.request != kind)


def _worth_noting(turn: Turn) -> bool:
    return not turn.contacts or (says_more(turn.message.text) and not turn.bare)


def says_more(text: str) -> bool:
    """Tell whether a reply says something for the team besides an address or number."""
    return len(text.split()) >= SAYS_MORE


def noted(draft: Draft, text: str) -> Draft:
    """Keep the person's words with what they said before."""
    return replace(draft, details=f"{draft.details}\n{text}" if draft.details else text)


def agree(turn: Turn, desk: Desk) -> Reply:
    """File a complete draft; start what was offered; or ask for what is missing."""
    draft = turn.dialogue.draft
    if draft is None or turn.request not in {None, draft.request}:
        return begin(turn, desk)
    if missing(draft, desk.knowledge) is not None or draft.declined:
        return proceed(turn, desk, replace(draft, declined=False), None)
    return file(turn, desk, draft)


def decline(turn: Turn, desk: Desk) -> Reply:
    """File nothing yet and ask what to change."""
    language = desk.language(turn)
    return _reply(turn, desk, replace(_draft(turn), declined=True), language.phrases.declined)


def skip(turn: Turn, desk: Desk) -> Reply:
    """Go on without the details; an address or number is needed, and the reply says why."""
    draft, phrases = _draft(turn), desk.language(turn).phrases
    match missing(draft, desk.knowledge):
        case Slot.DETAILS:
            return proceed(turn, desk, replace(draft, detailed=True), None)
        case Slot.CONTACT:
            reply = _reply(turn, desk, draft, phrases.contact_needed)
            return replace(reply, buttons=(button(phrases.talk_to_person), *reply.buttons))
        case _:
            return proceed(turn, desk, draft, None)


def remove(turn: Turn, desk: Desk) -> Reply:
    """Take back an address or number; where several could be meant, ask which."""
    draft, language = replace(_draft(turn), declined=False), desk.language(turn)
    phrases = language.phrases
    if not turn.contacts:
        reply = _reply(turn, desk, draft, phrases.remove_which)
        labels = [phrases.remove_one.format(value=known.value) for known in draft.contacts]
        return replace(reply, buttons=tuple(button(text) for text in (*labels, phrases.cancel)))
    left = tuple(known for known in draft.contacts if known not in turn.contacts)
    opening = phrases.removed.format(contacts=_contacts(turn.contacts, language))
    return proceed(turn, desk, replace(draft, contacts=left), opening)


def cancel(turn: Turn, desk: Desk) -> Reply:
    """Drop the draft."""
    language = desk.language(turn)
    reply = _reply(turn, desk, _draft(turn), language.phrases.cancelled)
    return replace(reply, dialogue=replace(reply.dialogue, draft=None), buttons=())


def why(turn: Turn, desk: Desk) -> Reply:
    """Say what the asked-for is needed for, and ask again."""
    draft = _draft(turn)
    return proceed(turn, desk, draft, desk.language(turn).requests[draft.request].needed)


def alone(turn: Turn, desk: Desk) -> Reply:
    """Drop the wishes that wait, or all but one of them where it is named."""
    draft = replace(_draft(turn), declined=False)
    wish = next((wish for wish in draft.then if wish.request == turn.request), None)
    if wish is not None:
        detailed = _tells(wish.words, wish.request)
        draft = replace(draft, request=wish.request, details=wish.words, detailed=detailed)
    return proceed(turn, desk, replace(draft, then=()), None)


def unclear(turn: Turn, desk: Desk) -> Reply:
    """Say how an address or number is written, or read back again; what was said is kept."""
    draft = _draft(turn)
    if missing(draft, desk.knowledge) is None:
        return proceed(turn, desk, replace(draft, declined=False), None)
    if says_more(turn.message.text) and "?" not in turn.message.text:
        draft = noted(draft, turn.message.text)
    return _reply(turn, desk, draft, desk.language(turn).phrases.contact_unclear)


def repeat(turn: Turn, desk: Desk) -> Reply:
    """Ask again what is open, in the language that the person now wants."""
    return proceed(turn, desk, _draft(turn), None)


def proceed(turn: Turn, desk: Desk, draft: Draft, opening: str | None) -> Reply:
    """Ask for what is missing, or read back what will be filed."""
    language = desk.language(turn)
    text = paragraphs(opening, pending(draft, desk.knowledge, language))
    return _reply(turn, desk, draft, text)


def pending(draft: Draft, knowledge: Knowledge, language: Language) -> str:
    """Write the question that the draft waits for."""
    phrases, wording = language.phrases, language.requests[draft.request]
    match missing(draft, knowledge):
        case Slot.DETAILS:
            return wording.ask_details or ""
        case Slot.CONTACT:
            return f"{wording.ask_contact} {phrases.ask_email}"
        case _:
            return paragraphs(
                phrases.read_back.format(wish=wording.wish),
                phrases.read_back_contact.format(contacts=_contacts(draft.contacts, language)),
                phrases.read_back_words.format(words=shown_words(draft.details))
                if draft.details
                else None,
                _then(draft, language),
                phrases.read_back_ask,
            )


def resume(reply: Reply, draft: Draft, desk: Desk) -> Reply:
    """Come back, once, to the draft that waits behind a side question."""
    language = desk.knowledge.languages[reply.language]
    back = language.phrases.resume.format(title=language.requests[draft.request].title)
    return replace(
        reply,
        text=paragraphs(reply.text, back, pending(draft, desk.knowledge, language)),
        suggestions=(),
        buttons=_buttons(draft, desk.knowledge, language),
    )


def file(turn: Turn, desk: Desk, draft: Draft) -> Reply:
    """Make the ticket; the caller writes it down before anybody sees the text."""
    language = desk.language(turn)
    phrases, facts = language.phrases, desk.knowledge.requests[draft.request]
    calendar = desk.casework.calendar
    step = desk.casework.file(
        reference=desk.new_reference(),
        request=draft.request,
        language=turn.language,
        channel=draft.channel,
        received_at=draft.started_at,
        now=turn.message.received_at,
        contacts=draft.contacts,
        details=draft.details,
        source=source_of(draft.source, draft.request),
    )
    ticket = step.ticket
    due, stop_by = deadline(calendar.day_of(draft.started_at), calendar), ticket.stop_by
    text = paragraphs(
        phrases.filed.format(reference=ticket.reference),
        _before(turn, desk, ticket),
        phrases.filed_stop.format(stop_by=day(stop_by, language)) if stop_by else None,
        phrases.filed_due.format(due=day(due.due_on, language), explanation=explain(due, language)),
        language.requests[draft.request].what_happens,
        phrases.filed_link.format(url=desk.follow_url(ticket.reference)),
    )
    reply = _reply(turn, desk, draft, text)
    filed = (*turn.dialogue.filed, ticket.reference)
    reply = replace(
        reply,
        sections=facts.sections,
        ticket=ticket,
        steps=(step,),
        dialogue=replace(reply.dialogue, draft=None, filed=filed, contacts=draft.contacts),
        buttons=(),
    )
    return _next_begun(ask_for_code(reply, desk), draft, desk)


def source_of(event: str | None, request: str) -> str | None:
    """Name what a ticket was filed of: one message may state several wishes, a ticket each."""
    return f"{event}:{request}" if event else None


def _next_begun(reply: Reply, filed: Draft, desk: Desk) -> Reply:
    """Go on with the next of the wishes that waited; it needs a yes of its own."""
    if not filed.then:
        return reply
    language = desk.knowledge.languages[reply.language]
    wish, *others = filed.then
    draft = replace(
        filed,
        request=wish.request,
        details=wish.words,
        detailed=_tells(wish.words, wish.request),
        then=tuple(others),
    )
    opening = language.phrases.next_wish.format(title=language.requests[wish.request].title)
    return replace(
        reply,
        text=paragraphs(reply.text, opening, pending(draft, desk.knowledge, language)),
        dialogue=replace(reply.dialogue, draft=draft),
        buttons=_buttons(draft, desk.knowledge, language),
    )


def merged(old: tuple[Contact, ...], new: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """Keep every address and number once, in the order in which they were given."""
    return tuple(dict.fromkeys((*old, *new)))


def _reply(turn: Turn, desk: Desk, draft: Draft, text: str) -> Reply:
    language = desk.language(turn)
    question = draft.request == QUESTION
    return Reply(
        Kind.HUMAN if question else Kind.REQUEST,
        turn.language,
        text,
        replace(
            turn.dialogue,
            language=turn.language,
            draft=draft,
            offer=None,
            withdraw=None,
            question=None,
            choices=(),
            last=None,
        ),
        request=None if question else draft.request,
        buttons=_buttons(draft, desk.knowledge, language),
    )


def _buttons(draft: Draft, knowledge: Knowledge, language: Language) -> tuple[Button, ...]:
    phrases = language.phrases
    complete = missing(draft, knowledge) is None
    labels = [phrases.yes_file, phrases.no_change] if complete else []
    if missing(draft, knowledge) is Slot.DETAILS:
        labels.append(phrases.skip)
    return tuple(button(text) for text in (*labels, phrases.cancel))


def _stated(turn: Turn, desk: Desk, kind: str) -> str | None:
    """Give the words that say what is wanted, or None where they have to be asked for."""
    before = turn.dialogue.draft
    if kind == QUESTION and before is not None:
        # a person takes over: what was said so far goes along, nothing is asked twice
        title = desk.language(turn).requests[before.request].title
        return ": ".join(part for part in (title, before.details) if part)
    if turn.act is Act.AGREE:
        return turn.dialogue.question
    if kind == QUESTION and len(turn.message.text.split()) < STORY:
        # the wish for a person alone says nothing of what it is about
        return None
    return turn.message.text


def _tells(words: str | None, kind: str) -> bool:
    """Tell whether a wish says what exactly is wanted, so that it need not be asked."""
    return words is not None and (kind == QUESTION or len(words.split()) >= STATED)


def _before(turn: Turn, desk: Desk, ticket: Ticket) -> str | None:
    """Name the ticket of this conversation in which the same was asked for; of no other one."""
    own = (desk.tickets.ticket(reference) for reference in turn.dialogue.filed)
    same = [
        known.reference
        for known in own
        if known is not None and known.is_open and same_wish(known, ticket)
    ]
    if not same:
        return None
    return desk.language(turn).phrases.filed_before.format(reference=same[-1])


def same_wish(one: Ticket, other: Ticket) -> bool:
    """Tell whether two tickets ask for the same right under the same address or number."""
    return one.request == other.request and bool(set(one.contacts) & set(other.contacts))


def _then(draft: Draft, language: Language) -> str | None:
    titles = (language.requests[wish.request].title for wish in draft.then)
    return paragraphs(*(language.phrases.read_back_then.format(title=title) for title in titles))


def _draft(turn: Turn) -> Draft:
    if turn.dialogue.draft is None:
        raise ValueError(f"{turn.act} needs a request under way")
    return turn.dialogue.draft


def _contacts(contacts: tuple[Contact, ...], language: Language) -> str:
    return ", ".join(contact(value, language) for value in contacts)


STEPS: dict[Act, Callable[[Turn, Desk], Reply]] = {
    Act.SAY: begin,
    Act.SUPPLY: supply,
    Act.ADD: add,
    Act.AGREE: agree,
    Act.DECLINE: decline,
    Act.CANCEL: cancel,
    Act.WHY: why,
    Act.UNCLEAR: unclear,
    Act.REPEAT: repeat,
    Act.SKIP: skip,
    Act.REMOVE: remove,
    Act.ALONE: alone,
}
"""What each act does to a request under way."""
