"""What is to be done for something that Slack delivered, as it waits in the inbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import TypeAdapter

from bot.channels.slack.places import Place


class Work(StrEnum):
    """What is to be done; :data:`bot.channels.slack.work.WORK` says by what."""

    SAY = "say"
    """Answer what a person wrote, or what a button stands for."""
    RATE = "rate"
    """Keep what somebody thinks of an answer."""
    NOTE = "note"
    """Note on a ticket that the message by which it came was edited or deleted."""
    PROMPT = "prompt"
    """Suggest what to ask, as somebody opens the direct message."""
    FILE = "file"
    """File what an employee passed on in the form."""


@dataclass(frozen=True)
class Job:
    """One thing to be done; it holds what is needed for that, and no more of what came in."""

    work: Work
    place: Place
    ids: tuple[str, ...]
    """By which a repeated delivery is known; the first is the message's id for the assistant."""
    text: str = field(default="", repr=False)
    """What was said, as Slack wrote it; of a button, the words that it stands for."""
    moment: str = ""
    """Slack's time stamp of the message, by which it is also known."""
    bot: str | None = None
    """Id of the assistant's own user there."""
    pressed: bool = False
    """Whether a button said it, which Slack does not show as the person's words."""
    respond: str | None = field(default=None, repr=False)
    """Address for replies that only that person sees."""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What a button or a form carries besides."""


JOB = TypeAdapter(Job)
