"""From a message and what is open in its conversation to a turn: what its writer wants.

Pure: it reads and writes nothing. What steers the conversation is looked at first, then what was
asked for, then what the message means by itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot import contacts
from bot.follow_ups import FollowUps
from bot.language import LEAD, RUN, WORDS, LanguageModel
from bot.reading import CLEAR, Meant, meant
from bot.steering import Steering
from bot.wishes import Clause, Wishes
from handlers.answers import quoted
from handlers.contract import Act, Choice, Dialogue, Draft, Kind, Message, Turn
from handlers.references import named, named_key, names_reference
from handlers.requests import QUESTION, missing, says_more
from handlers.smalltalk import OTHER_LANGUAGE
from handlers.status import CONFIRM, WITHDRAW, marketing_stop
from handlers.tickets import Contact, ContactKind
from handlers.wording import BREACH
from knowledge.meanings import Group, Reading, outcome_share
from knowledge.model import FollowUp, Knowledge, Role, Section, Slot
from knowledge.search import Index
from knowledge.text import NUMBER, plain

LITTLE = 3
"""Words beside an address that still say no more than ``it is`` or ``my number:``."""
OTHER_WISH = 0.7
"""Share from which another request takes the place of the one under way; it is read back again."""
OTHER_WISH_INSTEAD = 0.5
"""The same, where the message itself says that something else is wanted instead."""
ASKED = 0.4
"""Share from which a question amid a request is answered before the request goes on."""
FOREIGN = 0.55
"""Share of known words below which a message may be in another language."""
FOREIGN_MENDED = 0.7
"""The same, with slips of the keyboard mended: our languages have 0.8 and more."""
CODE_REPLIES = {
    Act.SKIP: Act.SKIP,
    Act.DECLINE: Act.SKIP,
    Act.CANCEL: Act.SKIP,
    Act.WHY: Act.WHY,
}
"""What short replies do where nothing but a one-time code is asked for."""
QUESTIONS = frozenset({Group.SECTION, Group.SILENT, Group.STATUS, Group.OUT_OF_SCOPE})
"""What a question in the middle of a request can be about."""


@dataclass(frozen=True)
class Understanding:
    """All that is needed to understand messages."""

    knowledge: Knowledge
    indexes: Mapping[str, Index]
    languages: LanguageModel
    steering: Steering
    follow_ups: FollowUps
    wishes: Wishes
    country: str
    titles: Mapping[str, Mapping[str, Section]]
    """By language: the titles of sections, which are suggested after an answer."""
    refusing: re.Pattern[str]
    """An address or number that a message says is the wrong one."""

    def turn(self, message: Message, dialogue: Dialogue) -> Turn:
        """Understand a message in its conversation."""
        current = dialogue.language or message.language
        language = self.languages.decide(message.text, current=current)
        if current is not None and self.steering.act(message.text) is not None:
            language = current
        base = Turn(
            message,
            dialogue,
            language,
            Kind.CHITCHAT,
            contacts=self._named(message.text, language),
        )
        return (
            self._switched(base)
            or self._keyed(base)
            or self._coded(base)
            or self._chosen(base)
            or self._titled(base)
            or self._steered(base)
            or self._followed(base)
            or self._supplied(base)
            or self._contact_alone(base)
            or self._meant(base)
        )

    def _named(self, text: str, language: str) -> tuple[Contact, ...]:
        """Give the addresses and numbers of a message, without those that it calls wrong."""
        countries = self._countries(language)
        meant = contacts.find(
            contacts.without_refused(text, self.refusing), self.knowledge, countries
        )
        # where none is left, the message is about the one that it refuses
        return meant or contacts.find(text, self.knowledge, countries)

    def _countries(self, language: str) -> tuple[str, ...]:
        """Give the countries of telephone numbers without a country code, the likeliest first."""
        return (self.country, *self.knowledge.languages[language].words.countries)

    def _switched(self, turn: Turn) -> Turn | None:
        """Say it again when the person asks for another language."""
        if plain(turn.message.text) not in self.languages.switches:
            return None
        if turn.dialogue.draft is not None:
            return _with(turn, kind=Kind.REQUEST, act=Act.REPEAT)
        if (last := turn.dialogue.last) is not None and last.kind in {Kind.ANSWER, Kind.NO_ANSWER}:
            return _with(turn, kind=last.kind, sections=last.sections)
        return _with(turn, act=Act.REPEAT)

    def _keyed(self, turn: Turn) -> Turn | None:
        """Take a follow link, or a reference with its key, wherever it is pasted."""
        text = turn.message.text
        if not named(text) or named_key(text) is None:
            return None
        return _with(turn, kind=Kind.STATUS, score=1.0)

    def _coded(self, turn: Turn) -> Turn | None:
        """Take digits for the one-time code that was mailed; a request may ask for a number."""
        draft, text = turn.dialogue.draft, turn.message.text
        if turn.dialogue.code_for is None:
            return None
        act = self.steering.act(text)
        if act is Act.NEW_CODE:
            return _with(turn, kind=Kind.STATUS, act=act)
        if act in CODE_REPLIES and _nothing_else_open(turn.dialogue):
            return _with(turn, kind=Kind.STATUS, act=CODE_REPLIES[act])
        code = self.steering.code(
            text, turn.language, alone=_awaits_no_number(draft, self.knowledge)
        )
        return _with(turn, kind=Kind.STATUS, act=Act.CODE, code=code) if code else None

    def _chosen(self, turn: Turn) -> Turn | None:
        """Take the reading that the person picked from a clarification."""
        if not turn.dialogue.choices:
            return None
        asked_in = self.knowledge.languages[turn.dialogue.language or turn.language]
        choice = self.steering.choice(turn.message.text, turn.dialogue, asked_in)
        if choice is None:
            return None
        if isinstance(choice, Act):
            return _with(turn, act=choice)
        return _with(turn, choice, act=Act.AGREE)

    def _titled(self, turn: Turn) -> Turn | None:
        """Take a section's title, which is suggested after an answer, for that section."""
        section = self.titles[turn.language].get(plain(turn.message.text))
        return _with(turn, _about(section)) if section is not None else None

    def _steered(self, turn: Turn) -> Turn | None:
        """Take a yes, no, cancel and the like for what is open."""
        text, dialogue = turn.message.text, turn.dialogue
        if self.steering.wants_person(text):
            return _with(turn, kind=Kind.HUMAN, request=QUESTION, act=Act.AGREE)
        act = self.steering.act(text)
        if act is Act.RESTART:
            return _with(turn, act=act)
        if dialogue.withdraw is not None:
            again = Act.AGREE if self.steering.withdraws(text) else None
            return self._offered(turn, again or act or self._longer_act(turn))
        if dialogue.draft is not None:
            return self._drafted(turn, dialogue.draft, act)
        if dialogue.offer is not None:
            return self._offered(turn, act or self._longer_act(turn))
        return self._after_filing(turn, act)

    def _drafted(self, turn: Turn, draft: Draft, act: Act | None) -> Turn | None:
        """Take a short reply for the request under way."""
        if (removed := self._removed(turn, draft)) is not None:
            return _with(
                turn, kind=Kind.REQUEST, request=draft.request, act=Act.REMOVE, contacts=removed
            )
        act = self._act_on_draft(turn, act)
        if act is None and turn.contacts and self._refuses_another(turn):
            act = Act.DECLINE
        return _with(turn, kind=Kind.REQUEST, request=draft.request, act=act) if act else None

    def _refuses_another(self, turn: Turn) -> bool:
        """Tell whether a message refuses an address that nobody gave; ``no, b@b.com`` corrects."""
        text, language = turn.message.text, turn.language
        corrects = self.steering.opens(text, Act.DECLINE, language) or contacts.find(
            contacts.without_refused(text, self.refusing),
            self.knowledge,
            self._countries(language),
        )
        return not corrects and self.steering.only_removes(text, language)

    def _after_filing(self, turn: Turn, act: Act | None) -> Turn | None:
        """Take a short reply where nothing is asked: for what was filed, or for nothing."""
        dialogue = turn.dialogue
        if dialogue.unconfirmed and (theme := self._settles(turn, act)):
            return _with(turn, kind=Kind.STATUS, theme=theme)
        if dialogue.filed and self.steering.withdraws(turn.message.text):
            return _with(turn, kind=Kind.STATUS, theme=WITHDRAW)
        if act is Act.CANCEL and self._reading_of(turn).meaning.group is not Group.REQUEST:
            return _with(turn, act=act)  # a mere "stop" is a request; "cancel" cancels nothing here
        return _with(turn, act=act) if act in {Act.AGREE, Act.DECLINE} else None

    def _reading_of(self, turn: Turn) -> Reading:
        text = turn.message.text
        return self.index_for(text, turn.language).read(text)[0]

    def _settles(self, turn: Turn, act: Act | None) -> str | None:
        """Tell whether a reply confirms what was filed of an abandoned draft, or takes it back."""
        text = turn.message.text
        act = act or self._longer_act(turn)
        if self.steering.regrets(text) or self.steering.withdraws(text):
            return WITHDRAW
        return {Act.AGREE: CONFIRM, Act.DECLINE: WITHDRAW, Act.CANCEL: WITHDRAW}.get(act or Act.SAY)

    def _removed(self, turn: Turn, draft: Draft) -> tuple[Contact, ...] | None:
        """Tell what is taken back: ``remove the phone number``; a plain no or yes is no such."""
        text = turn.message.text
        if self.steering.act(text) or self._longer_act(turn) not in {None, Act.CANCEL}:
            return None
        return self.steering.removed(text, turn.contacts, draft.contacts, turn.language)

    def _act_on_draft(self, turn: Turn, act: Act | None) -> Act | None:
        """Tell what a short reply does to a request under way."""
        act = act or self._longer_act(turn)
        if act is Act.NEW_CODE:
            return None
        if act is Act.AGREE and "?" in turn.message.text:
            return Act.UNCLEAR  # "yes?" asks, and files nothing
        if turn.contacts or NUMBER.search(turn.message.text):
            return None  # "no, 88132" corrects
        return act

    def _longer_act(self, turn: Turn) -> Act | None:
        # a no with an address in it is a correction
        return None if turn.contacts else self.steering.longer_act(turn.message.text, turn.language)

    def _offered(self, turn: Turn, act: Act | None) -> Turn | None:
        """Take a yes or no for what was offered last; anything else stands by itself."""
        if act in {Act.DECLINE, Act.CANCEL}:
            return _with(turn, act=Act.DECLINE)
        if act is not Act.AGREE:
            return None
        if turn.dialogue.offer is not None:
            return _with(turn, turn.dialogue.offer, act=act)
        return _with(turn, kind=Kind.STATUS, theme=WITHDRAW, act=act)

    def _followed(self, turn: Turn) -> Turn | None:
        """Take a short question in view of the answer before it."""
        dialogue, text = turn.dialogue, turn.message.text
        name = self.follow_ups.question(text, turn.language)
        follow_up = self.knowledge.follow_ups[name] if name else None
        if dialogue.draft is not None or dialogue.last is None:
            return self._about_request(turn, follow_up) if follow_up else None
        sections = self.knowledge.languages[turn.language].sections
        last = sections[dialogue.last.sections[0]]
        if self.follow_ups.wants_more(text, turn.language):
            return _with(turn, dialogue.last, act=Act.MORE)
        if follow_up is not None:
            return _with(turn, _about(sections[follow_up.section(last)]))
        position = self.steering.position(text)
        shown = quoted(last)
        if position is not None and position < len(shown):
            return _with(turn, _about(sections[shown[position]]))
        return None

    def _about_request(self, turn: Turn, follow_up: FollowUp) -> Turn | None:
        """Take a short question for the request under way, or for the one filed last."""
        dialogue = turn.dialogue
        if dialogue.draft is None and dialogue.filed and follow_up.ticket:
            return _with(turn, kind=Kind.STATUS)
        if follow_up.request is None or not (dialogue.draft or dialogue.filed):
            return None
        return _with(
            turn, _about(self.knowledge.languages[turn.language].sections[follow_up.request])
        )

    def _supplied(self, turn: Turn) -> Turn | None:
        """Take what was asked for, unless the message is clearly about something else."""
        draft = turn.dialogue.draft
        if draft is None:
            return None
        text = turn.message.text
        slot = missing(draft, self.knowledge)
        given = self._given(turn, draft, slot)
        supplies = _with(
            turn,
            kind=Kind.REQUEST,
            request=draft.request,
            act=Act.SUPPLY,
            contacts=given,
            bare=self.steering.only_corrects(contacts.without(text), turn.language),
        )
        if given:
            adding = slot is None and self.steering.adds(text, turn.language)
            return _with(supplies, act=Act.ADD) if adding else supplies
        if slot is None and self.steering.about_contact(text, turn.language):
            return _with(supplies, act=Act.DECLINE)  # "the address is wrong": which one is right?
        # where details matter, people tell their story, which may sound like another wish
        story = slot is not None and Slot.DETAILS in self.knowledge.requests[draft.request].slots
        refuses = self.steering.opens(text, Act.DECLINE, turn.language)
        asks_about_it = slot is Slot.CONTACT and "?" in text
        may_switch = refuses or not (story or asks_about_it)
        other = self._other_wish(turn, draft) if may_switch else None
        if other is not None:
            return self._wished(supplies, other)
        if self._asks(turn, slot):
            return None
        told = slot is Slot.DETAILS or (slot is None and says_more(text))
        return supplies if told else _with(supplies, act=Act.UNCLEAR)

    def _wished(self, turn: Turn, other: str) -> Turn | None:
        """Keep another wish for afterwards where it was added; else it takes the place of this."""
        text = turn.message.text
        if self.steering.replaces(text, turn.language):
            return None
        adding = self.steering.adds(text, turn.language)
        if adding or self.steering.opens(text, Act.AGREE, turn.language):
            return _with(turn, act=Act.ADD, then=(other,))
        return None

    def _given(self, turn: Turn, draft: Draft, slot: Slot | None) -> tuple[Contact, ...]:
        """Give the addresses and numbers in a reply, also a bare one that corrects another."""
        if slot is Slot.CONTACT:
            countries = self._countries(turn.language)
            return turn.contacts or contacts.find_asked(
                turn.message.text, self.knowledge, countries
            )
        if slot is None and not turn.contacts:
            return contacts.find_corrected(turn.message.text, draft.contacts)
        return turn.contacts

    def _asks(self, turn: Turn, slot: Slot | None) -> bool:
        """Tell whether a message, while something is asked for, is a question of its own."""
        text = turn.message.text
        best = self._reading_of(turn)
        if "?" in text:
            return best.meaning.group in QUESTIONS and best.share >= ASKED
        if slot is Slot.DETAILS:
            return False
        if best.meaning.id == BREACH and not turn.dialogue.filed:
            return False  # "they called me again" goes with the request, it stops none filed before
        return best.meaning.group is not Group.REQUEST and best.share >= CLEAR and says_more(text)

    def _other_wish(self, turn: Turn, draft: Draft) -> str | None:
        """Give the request type that a message wants instead of, or after, the one under way."""
        text = turn.message.text
        readings = self.index_for(text, turn.language).read(text)
        best = readings[0]
        if best.meaning.group is not Group.REQUEST or best.meaning.id == draft.request:
            return None
        instead = self.steering.replaces(text, turn.language)
        share = OTHER_WISH_INSTEAD if instead else OTHER_WISH
        sure = outcome_share(best, readings) >= share and not _little_said(text)
        return best.meaning.id if sure else None

    def _contact_alone(self, turn: Turn) -> Turn | None:
        """Take an address or number without more for a yes to what was offered."""
        text = turn.message.text
        if not turn.contacts or not _little_said(text):
            return None
        if plain(text) and self.index_for(text, turn.language).read(text)[0].share >= CLEAR:
            return None
        if turn.dialogue.offer is not None:
            return _with(turn, turn.dialogue.offer, act=Act.AGREE)
        return _with(turn, act=Act.SUPPLY)

    def _meant(self, turn: Turn) -> Turn:
        """Read the message by itself."""
        text = turn.message.text
        if names_reference(text):
            return _with(turn, kind=Kind.STATUS, score=1.0)
        written = self._written_in(text, turn.language)
        if self._foreign(text, written):
            return _with(turn, kind=Kind.OUT_OF_SCOPE, theme=OTHER_LANGUAGE)
        # never twice in a row, never amid a request
        may_ask = not turn.dialogue.choices and turn.dialogue.draft is None
        index = self.indexes[written]
        read = meant(text, index, may_ask=may_ask)
        if not turn.dialogue.filed:
            read = self._before_filing(read)
        likeliest = read.choices[0] if read.choices else read.choice
        clauses = tuple(self.wishes.clauses(text, index, written))
        aside = self._aside(clauses, written)
        if likeliest.request is not None:
            wished, *then = self.wishes.ordered(likeliest.request, read.readings, clauses)
            if then or (aside and any(clause.wish == wished for clause in clauses)):
                choice = Choice(Kind.REQUEST, wished)
                return _with(turn, choice, then=tuple(then), aside=aside, score=read.score)
        elif (read.choice.sections or read.choices) and (aside or turn.contacts):
            # a question with an address beside a wish is more than a question
            wishes = [c.wish for c in clauses if c.wish and (aside or not c.asked)]
            if wishes:
                aside = aside or next(iter(read.choice.sections), None)
                return _with(turn, Choice(Kind.REQUEST, wishes[0]), aside=aside, score=read.score)
        return _with(turn, read.choice, choices=read.choices, score=read.score)

    def _aside(self, clauses: Sequence[Clause], language: str) -> str | None:
        """Give the section that answers a short question asked along with a wish."""
        names = (self.follow_ups.question(clause.text, language) for clause in clauses)
        found = (self.knowledge.follow_ups[name].request for name in names if name is not None)
        return next((section for section in found if section is not None), None)

    def _before_filing(self, read: Meant) -> Meant:
        """Take a breach signal for a stop: whoever still gets advertising wants it stopped."""
        stop = Choice(Kind.REQUEST, marketing_stop(self.knowledge))
        choices = tuple(dict.fromkeys(stop if c.theme == BREACH else c for c in read.choices))
        if read.choice.theme == BREACH or (read.choices and len(choices) == 1):
            return Meant(stop, read.score, readings=read.readings)
        return replace(read, choices=choices)

    def _foreign(self, text: str, likeliest: str) -> bool:
        """Tell whether a message is in none of the languages: hardly a word of it is known."""
        if len(RUN.findall(text)) < WORDS:
            return False
        # nearly every message is in the likeliest language, so the others are seldom looked at
        indexes = [self.indexes[likeliest], *self.indexes.values()]
        if any(index.known(text, mended=False) >= FOREIGN for index in indexes):
            return False
        return all(index.known(text) < FOREIGN_MENDED for index in indexes)

    def index_for(self, text: str, language: str) -> Index:
        """Give the index of the language that a message is in."""
        return self.indexes[self._written_in(text, language)]

    def _written_in(self, text: str, language: str) -> str:
        """Give the language that a message is in, in a conversation in ``language``.

        It may be another than that of the reply: two words do not change a conversation's language.
        """
        written, lead = self.languages.rank(text)
        return written if lead >= LEAD else language


def _about(section: Section) -> Choice:
    """Make the section itself what is meant."""
    silent = section.role is Role.SILENT
    return Choice(Kind.NO_ANSWER if silent else Kind.ANSWER, sections=(section.id,))


def _awaits_no_number(draft: Draft | None, knowledge: Knowledge) -> bool:
    """Tell whether digits alone can be nothing but a code: no number is asked for or corrected."""
    if draft is None:
        return True
    numbered = any(known.kind is ContactKind.CUSTOMER_NUMBER for known in draft.contacts)
    return missing(draft, knowledge) is None and not numbered


def _nothing_else_open(dialogue: Dialogue) -> bool:
    """Tell whether the one-time code is what was asked for last."""
    return not (dialogue.draft or dialogue.offer or dialogue.withdraw or dialogue.last)


def _little_said(text: str) -> bool:
    """Tell whether a message says hardly anything besides an address or number."""
    return len(plain(text).split()) <= LITTLE


def _with(turn: Turn, choice: Choice | None = None, **changes: object) -> Turn:
    if choice is not None:
        changes = {
            "kind": choice.kind,
            "request": choice.request,
            "sections": choice.sections,
            "theme": choice.theme,
            **changes,
        }
    return replace(turn, **changes)  # type: ignore[arg-type]


def understanding(
    knowledge: Knowledge, indexes: Mapping[str, Index], languages: LanguageModel, country: str
) -> Understanding:
    """Put together what understanding needs."""
    return Understanding(
        knowledge,
        indexes,
        languages,
        Steering.of(knowledge),
        FollowUps.of(knowledge),
        Wishes.of(knowledge),
        country,
        {
            code: {plain(section.title): section for section in language.sections.values()}
            for code, language in knowledge.languages.items()
        },
        contacts.refusing(knowledge),
    )
