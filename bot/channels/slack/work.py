"""WORK: which kind of job is done by what."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.channels.slack.jobs import Job, Work
from bot.channels.slack.talk import Talk

WORK: Mapping[Work, Callable[[Talk, Job, bool], None]] = MappingProxyType(
    {
        Work.SAY: Talk.say,
        Work.RATE: Talk.rate,
        Work.NOTE: Talk.note,
        Work.PROMPT: Talk.prompt,
        Work.FILE: Talk.file,
    }
)
"""The last argument tells whether this is the last try, so that the person hears of a failure."""
