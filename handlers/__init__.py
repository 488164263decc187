"""What to do with each kind of message: no HTTP, no Slack, no SQL, no wording."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers.answers import answer, clarify, no_answer
from handlers.contract import Handler, Kind
from handlers.requests import request
from handlers.smalltalk import chitchat, out_of_scope
from handlers.status import status

HANDLERS: Mapping[Kind, Handler] = MappingProxyType(
    {
        Kind.ANSWER: answer,
        Kind.NO_ANSWER: no_answer,
        Kind.CLARIFY: clarify,
        Kind.REQUEST: request,
        Kind.HUMAN: request,
        Kind.STATUS: status,
        Kind.CHITCHAT: chitchat,
        Kind.OUT_OF_SCOPE: out_of_scope,
    }
)
"""The one list of handlers."""

__all__ = ["HANDLERS"]
