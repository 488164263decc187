"""The values that travel through the assistant, and the one signature of a handler.

``payload -> Message -> Turn -> handler(turn, desk) -> Reply -> payload``; all frozen, so that any
thread may hold them. What a person wrote is kept out of ``repr``, and so out of logs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from handlers.casework import Casework, Step
from handlers.tickets import Contact, Ticket, TicketReader
from knowledge.model import Knowledge, Language


class Kind(StrEnum):
    """What a reply is, and so which handler writes it."""

    ANSWER = "answer"
    NO_ANSWER = "no_answer"
    OUT_OF_SCOPE = "out_of_scope"
    REQUEST = "request"
    HUMAN = "human"
    STATUS = "status"
    CHITCHAT = "chitchat"
    CLARIFY = "clarify"


class Act(StrEnum):
    """What a message does in the conversation that it belongs to."""

    SAY = "say"
    """Starts something: a question, a wish, a greeting."""
    SUPPLY = "supply"
    """Gives what the assistant asked for, or gives it anew."""
    ADD = "add"
    """Gives something more, and changes nothing that was given."""
    AGREE = "agree"
    DECLINE = "decline"
    CANCEL = "cancel"
    RESTART = "restart"
    WHY = "why"
    """Asks why something has to be given."""
    UNCLEAR = "unclear"
    """Was meant to give what was asked for, and does not."""
    MORE = "more"
    """Wants the whole section after its short answer."""
    REPEAT = "repeat"
    """Wants what was said last again, in another language."""
    SKIP = "skip"
    """Wants to go on without giving what was asked for."""
    ALONE = "alone"
    """Wants one of several wishes, and none of the others."""
    REMOVE = "remove"
    """Takes back an address or number that was given."""
    CODE = "code"
    """Types the one-time code that was mailed."""
    NEW_CODE = "new_code"
    """Wants another one-time code."""


@dataclass(frozen=True)
class Message:
    """One message of a person, as it came in from a channel."""

    text: str = field(repr=False)
    channel: str
    received_at: datetime
    language: str | None = None
    """Code of the language that the person or the page chose, if any."""
    masked: bool = False
    """Whether a card or national number was masked in it."""
    source: str | None = None
    """Id of the event by which it came in, where the channel can tell of it later on."""


@dataclass(frozen=True)
class Choice:
    """One reading of a message, offered in a clarification or as a button."""

    kind: Kind
    request: str | None = None
    sections: tuple[str, ...] = ()
    theme: str | None = None


@dataclass(frozen=True)
class Wish:
    """Another request that a person asked for, which waits for the one under way."""

    request: str
    words: str | None = field(default=None, repr=False)
    """The message in which it was asked for."""


@dataclass(frozen=True)
class Draft:
    """A request that is being prepared; what is missing is still to be asked."""

    request: str
    channel: str
    started_at: datetime
    """When the wish was first stated: the request counts from its receipt, not from the yes."""
    contacts: tuple[Contact, ...] = field(default=(), repr=False)
    details: str | None = field(default=None, repr=False)
    """What the person said that the team needs to know, in their words."""
    detailed: bool = False
    """Whether what exactly is wanted has been said, or was asked and answered."""
    declined: bool = False
    """Whether the last read-back got a no: then a yes is read back again before it files."""
    then: tuple[Wish, ...] = ()
    """What the person wants besides; each takes its turn once this one is filed."""
    source: str | None = None
    """Id of the event by which the wish came in."""


@dataclass(frozen=True)
class Dialogue:
    """What the assistant remembers of a conversation: what is open, and no transcript."""

    language: str | None = None
    draft: Draft | None = None
    offer: Choice | None = None
    """What a plain yes would start."""
    withdraw: str | None = None
    """Reference of the ticket that a plain yes would withdraw."""
    question: str | None = field(default=None, repr=False)
    """The question without an answer that a plain yes would pass on."""
    choices: tuple[Choice, ...] = ()
    """What the last clarification offered."""
    filed: tuple[str, ...] = ()
    """References of the tickets filed in this conversation, oldest first."""
    contacts: tuple[Contact, ...] = field(default=(), repr=False)
    """Addresses and numbers of the last ticket, so that nobody has to give them twice."""
    last: Choice | None = None
    """What the latest question or wish was taken to mean."""
    code_for: str | None = None
    """Reference of the ticket for which a one-time code may be typed."""
    unconfirmed: tuple[str, ...] = ()
    """References of the tickets filed of an abandoned draft, neither confirmed nor withdrawn."""
    told: bool = True
    """Whether the person knows of those tickets."""


@dataclass(frozen=True)
class Turn:
    """One message, understood: what its writer wants, in view of the conversation so far."""

    message: Message
    dialogue: Dialogue
    language: str
    kind: Kind
    act: Act = Act.SAY
    request: str | None = None
    sections: tuple[str, ...] = ()
    """Ids of the sections that answer, best first."""
    theme: str | None = None
    choices: tuple[Choice, ...] = ()
    contacts: tuple[Contact, ...] = field(default=(), repr=False)
    bare: bool = False
    """Whether the message gives addresses or numbers and says nothing else."""
    then: tuple[str, ...] = ()
    """Other requests that the person wants besides, in the order in which to act on them."""
    aside: str | None = None
    """Id of the section that answers a question which was asked along with a wish."""
    code: str | None = field(default=None, repr=False)
    """The digits typed as a one-time code."""
    proved: Contact | None = field(default=None, repr=False)
    """The address that this code proved to be the requester's; the store tells, once."""
    score: float = 0.0
    """How sure the reading is, from 0 to 1."""


@dataclass(frozen=True)
class Button:
    """A shortcut for the person: what it shows, and the message that it stands for."""

    label: str
    value: str


@dataclass(frozen=True)
class Reply:
    """What the assistant says, what it remembers from here on, and what it has to write down."""

    kind: Kind
    language: str
    text: str = field(repr=False)
    dialogue: Dialogue
    request: str | None = None
    sections: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    suggestions: tuple[Button, ...] = ()
    """Questions that may come next; unlike buttons, nothing waits for one of them."""
    choices: tuple[Choice, ...] = ()
    ticket: Ticket | None = None
    """The ticket that the text speaks of."""
    steps: tuple[Step, ...] = ()
    """What was done to tickets, which must be on disk before the text is shown."""
    code_to: Contact | None = field(default=None, repr=False)
    """Where a one-time code for the ticket goes as soon as all this is on disk."""


@dataclass(frozen=True)
class Desk:
    """What a handler may use: the knowledge base, filed tickets, the rules of their work, keys."""

    knowledge: Knowledge
    tickets: TicketReader
    casework: Casework
    new_reference: Callable[[], str]
    follow_url: Callable[[str], str]
    """Link under which a requester follows the ticket with this reference."""
    may_follow: Callable[[str, str], bool] = lambda _reference, _key: False
    """Tells whether a key, as in that link, belongs to a reference."""
    mails_codes: bool = False
    """Whether one-time codes can be mailed; without that, staff check identity another way."""

    def language(self, turn: Turn) -> Language:
        """Give the wording of the turn's language."""
        return self.knowledge.languages[turn.language]


Handler = Callable[[Turn, Desk], Reply]
