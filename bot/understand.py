"""From a message and what is open in its conversation to a turn: what its writer wants.

Pure: it reads and writes nothing. What steers the conversation is looked at first, then what was
asked for, then what the message means by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.contacts import ContactFinder
from bot.drafting import Drafting
from bot.follow_ups import FollowUps
from bot.language import LanguageModel
from bot.reading import CLEAR, Meant, Reader, little_said, meant
from bot.steering import Steering
from bot.turns import about, changed
from bot.wishes import Clause, Wishes
from handlers.answers import quoted
from handlers.contract import Act, Choice, Dialogue, Draft, Kind, Message, Turn
from handlers.references import named, named_key, names_reference, without_references
from handlers.requests import QUESTION, missing
from handlers.smalltalk import OTHER_LANGUAGE
from handlers.status import CONFIRM, WITHDRAW, marketing_stop
from handlers.tickets import ContactKind
from handlers.wording import BREACH
from knowledge.meanings import Group
from knowledge.model import FollowUp, Knowledge, Section
from knowledge.search import Index
from knowledge.text import plain

CODE_REPLIES = {
    Act.SKIP: Act.SKIP,
    Act.DECLINE: Act.SKIP,
    Act.CANCEL: Act.SKIP,
    Act.WHY: Act.WHY,
}
"""What short replies do where nothing but a one-time code is asked for."""


@dataclass(frozen=True)
class Understanding:
    """All that is needed to understand messages."""

    knowledge: Knowledge
    languages: LanguageModel
    reader: Reader
    finder: ContactFinder
    steering: Steering
    drafting: Drafting
    follow_ups: FollowUps
    wishes: Wishes
    titles: Mapping[str, Mapping[str, Section]]
    """By language: the titles of sections, which are suggested after an answer."""

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
            contacts=self.finder.named(message.text, language),
        )
        return (
            self._switched(base)
            or self._keyed(base)
            or self._coded(base)
            or self._chosen(base)
            or self._titled(base)
            or self._steered(base)
            or self._followed(base)
            or (self.drafting.supplied(base, draft) if (draft := dialogue.draft) else None)
            or self._contact_alone(base)
            or self._meant(base)
        )

    def _switched(self, turn: Turn) -> Turn | None:
        """Say it again when the person asks for another language."""
        if plain(turn.message.text) not in self.languages.switches:
            return None
        if turn.dialogue.draft is not None:
            return changed(turn, kind=Kind.REQUEST, act=Act.REPEAT)
        if (last := turn.dialogue.last) is not None and last.kind in {Kind.ANSWER, Kind.NO_ANSWER}:
            return changed(turn, kind=last.kind, sections=last.sections)
        return changed(turn, act=Act.REPEAT)

    def _keyed(self, turn: Turn) -> Turn | None:
        """Take a follow link, or a reference with its key, wherever it is pasted."""
        text = turn.message.text
        if not named(text) or named_key(text) is None:
            return None
        return changed(turn, kind=Kind.STATUS, theme=self._about_ticket(turn), score=1.0)

    def _about_ticket(self, turn: Turn) -> str | None:
        """Tell what a message wants with the ticket that it names, besides seeing it."""
        said = without_references(turn.message.text)
        if not plain(said):
            return None
        if self.steering.withdraws(said):
            return WITHDRAW
        best = self.reader.best(said, turn.language)
        asked = best.meaning.group is Group.STATUS and best.share >= CLEAR
        return best.meaning.id if asked else None

    def _coded(self, turn: Turn) -> Turn | None:
        """Take digits for the one-time code that was mailed; a request may ask for a number."""
        draft, text = turn.dialogue.draft, turn.message.text
        if turn.dialogue.code_for is None:
            return None
        act = self.steering.act(text)
        if act is Act.NEW_CODE:
            return changed(turn, kind=Kind.STATUS, act=act)
        if act in CODE_REPLIES and _nothing_else_open(turn.dialogue):
            return changed(turn, kind=Kind.STATUS, act=CODE_REPLIES[act])
        code = self.steering.code(
            text, turn.language, alone=_awaits_no_number(draft, self.knowledge)
        )
        return changed(turn, kind=Kind.STATUS, act=Act.CODE, code=code) if code else None

    def _chosen(self, turn: Turn) -> Turn | None:
        """Take the reading that the person picked from a clarification."""
        if not turn.dialogue.choices:
            return None
        asked_in = self.knowledge.languages[turn.dialogue.language or turn.language]
        choice = self.steering.choice(turn.message.text, turn.dialogue, asked_in)
        if choice is None:
            return None
        if isinstance(choice, Act):
            return changed(turn, act=choice)
        return changed(turn, choice, act=Act.AGREE)

    def _titled(self, turn: Turn) -> Turn | None:
        """Take a section's title, which is suggested after an answer, for that section."""
        section = self.titles[turn.language].get(plain(turn.message.text))
        return changed(turn, about(section)) if section is not None else None

    def _steered(self, turn: Turn) -> Turn | None:
        """Take a yes, no, cancel and the like for what is open."""
        text, dialogue = turn.message.text, turn.dialogue
        if self.steering.wants_person(text):
            return changed(turn, kind=Kind.HUMAN, request=QUESTION, act=Act.AGREE)
        act = self.steering.act(text)
        if act is Act.RESTART:
            return changed(turn, act=act)
        if dialogue.withdraw is not None:
            again = Act.AGREE if self.steering.withdraws(text) else None
            return self._offered(turn, again or act or self.steering.longer_act_of(turn))
        if dialogue.draft is not None:
            return self.drafting.steered(turn, dialogue.draft, act)
        if dialogue.offer is not None:
            return self._offered(turn, act or self.steering.longer_act_of(turn))
        return self._after_filing(turn, act)

    def _after_filing(self, turn: Turn, act: Act | None) -> Turn | None:
        """Take a short reply where nothing is asked: for what was filed, or for nothing."""
        dialogue = turn.dialogue
        if dialogue.unconfirmed and (theme := self._settles(turn, act)):
            return changed(turn, kind=Kind.STATUS, theme=theme)
        if dialogue.filed and self.steering.withdraws(turn.message.text):
            return changed(turn, kind=Kind.STATUS, theme=WITHDRAW)
        best = self.reader.best(turn.message.text, turn.language) if act is Act.CANCEL else None
        if best is not None and best.meaning.group is not Group.REQUEST:
            # a mere "stop" is a request; "cancel" cancels nothing here
            return changed(turn, act=act)
        return changed(turn, act=act) if act in {Act.AGREE, Act.DECLINE} else None

    def _settles(self, turn: Turn, act: Act | None) -> str | None:
        """Tell whether a reply confirms what was filed of an abandoned draft, or takes it back."""
        text = turn.message.text
        act = act or self.steering.longer_act_of(turn)
        if self.steering.regrets(text) or self.steering.withdraws(text):
            return WITHDRAW
        return {Act.AGREE: CONFIRM, Act.DECLINE: WITHDRAW, Act.CANCEL: WITHDRAW}.get(act or Act.SAY)

    def _offered(self, turn: Turn, act: Act | None) -> Turn | None:
        """Take a yes or no for what was offered last; anything else stands by itself."""
        if act in {Act.DECLINE, Act.CANCEL}:
            return changed(turn, act=Act.DECLINE)
        if act is not Act.AGREE:
            return None
        if turn.dialogue.offer is not None:
            return changed(turn, turn.dialogue.offer, act=act)
        return changed(turn, kind=Kind.STATUS, theme=WITHDRAW, act=act)

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
            return changed(turn, dialogue.last, act=Act.MORE)
        if follow_up is not None:
            return changed(turn, about(sections[follow_up.section(last)]))
        position = self.steering.position(text)
        shown = quoted(last)
        if position is not None and position < len(shown):
            return changed(turn, about(sections[shown[position]]))
        return None

    def _about_request(self, turn: Turn, follow_up: FollowUp) -> Turn | None:
        """Take a short question for the request under way, or for the one filed last."""
        dialogue = turn.dialogue
        if dialogue.draft is None and dialogue.filed and follow_up.ticket:
            return changed(turn, kind=Kind.STATUS)
        if follow_up.request is None or not (dialogue.draft or dialogue.filed):
            return None
        return changed(
            turn, about(self.knowledge.languages[turn.language].sections[follow_up.request])
        )

    def _contact_alone(self, turn: Turn) -> Turn | None:
        """Take an address or number without more for a yes to what was offered."""
        text = turn.message.text
        if not turn.contacts or not little_said(text):
            return None
        if plain(text) and self.reader.best(text, turn.language).share >= CLEAR:
            return None
        if turn.dialogue.offer is not None:
            return changed(turn, turn.dialogue.offer, act=Act.AGREE)
        return changed(turn, act=Act.SUPPLY)

    def _meant(self, turn: Turn) -> Turn:
        """Read the message by itself."""
        text = turn.message.text
        if names_reference(text):
            return changed(turn, kind=Kind.STATUS, theme=self._about_ticket(turn), score=1.0)
        written = self.reader.written_in(text, turn.language)
        if self.reader.foreign(text, written):
            return changed(turn, kind=Kind.OUT_OF_SCOPE, theme=OTHER_LANGUAGE)
        # never twice in a row, never amid a request
        may_ask = not turn.dialogue.choices and turn.dialogue.draft is None
        index = self.reader.indexes[written]
        read = meant(text, index, may_ask=may_ask)
        if not turn.dialogue.filed:
            read = self._before_filing(read)
        wished = self._wished(turn, read, index, written)
        return wished or changed(turn, read.choice, choices=read.choices, score=read.score)

    def _wished(self, turn: Turn, read: Meant, index: Index, written: str) -> Turn | None:
        """Find several wishes in a message, or a wish beside a question."""
        likeliest = read.choices[0] if read.choices else read.choice
        clauses = tuple(self.wishes.clauses(turn.message.text, index, written))
        aside = self._aside(clauses, written)
        if likeliest.request is not None:
            wished, *then = self.wishes.ordered(likeliest.request, read.readings, clauses)
            if then or (aside and any(clause.wish == wished for clause in clauses)):
                choice = Choice(Kind.REQUEST, wished)
                return changed(turn, choice, then=tuple(then), aside=aside, score=read.score)
        elif (read.choice.sections or read.choices) and (aside or turn.contacts):
            # a question with an address beside a wish is more than a question
            wishes = [c.wish for c in clauses if c.wish and (aside or not c.asked)]
            if wishes:
                aside = aside or next(iter(read.choice.sections), None)
                return changed(turn, Choice(Kind.REQUEST, wishes[0]), aside=aside, score=read.score)
        return None

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


def _awaits_no_number(draft: Draft | None, knowledge: Knowledge) -> bool:
    """Tell whether digits alone can be nothing but a code: no number is asked for or corrected."""
    if draft is None:
        return True
    numbered = any(known.kind is ContactKind.CUSTOMER_NUMBER for known in draft.contacts)
    return missing(draft, knowledge) is None and not numbered


def _nothing_else_open(dialogue: Dialogue) -> bool:
    """Tell whether the one-time code is what was asked for last."""
    return not (dialogue.draft or dialogue.offer or dialogue.withdraw or dialogue.last)


def understanding(
    knowledge: Knowledge, indexes: Mapping[str, Index], languages: LanguageModel, country: str
) -> Understanding:
    """Put together what understanding needs."""
    reader = Reader(indexes, languages)
    finder, steering = ContactFinder.of(knowledge, country), Steering.of(knowledge)
    return Understanding(
        knowledge=knowledge,
        languages=languages,
        reader=reader,
        finder=finder,
        steering=steering,
        drafting=Drafting(knowledge, steering, finder, reader),
        follow_ups=FollowUps.of(knowledge),
        wishes=Wishes.of(knowledge),
        titles={
            code: {plain(section.title): section for section in language.sections.values()}
            for code, language in knowledge.languages.items()
        },
    )
