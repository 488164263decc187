"""What the assistant makes of one message standing alone, in the shape that programs read."""

from pydantic import BaseModel

from bot.assistant import Assistant, BadMessageError
from handlers.contract import Choice


class ChoiceOut(BaseModel):
    """One reading that a clarification offers."""

    kind: str
    request: str | None
    sections: list[str]

    @classmethod
    def of(cls, choice: Choice) -> "ChoiceOut":
        """Take over what counts of a choice."""
        return cls(kind=choice.kind, request=choice.request, sections=list(choice.sections))


class Prediction(BaseModel):
    """The reading of one message (``ask --jsonl``)."""

    id: str | int | None
    language: str | None
    kind: str
    request: str | None = None
    sections: list[str] = []
    choices: list[ChoiceOut] = []
    scores: list[float] = []


def predict(assistant: Assistant, name: str | int | None, text: str) -> Prediction:
    """Read one message; one without any text is out of scope."""
    try:
        turn = assistant.read(assistant.message(text, "cli"))
    except BadMessageError:
        return Prediction(id=name, language=None, kind="out_of_scope")
    return Prediction(
        id=name,
        language=turn.language,
        kind=turn.kind,
        request=turn.request if turn.kind == "request" else None,
        sections=list(turn.sections),
        choices=[ChoiceOut.of(choice) for choice in turn.choices],
        scores=[round(turn.score, 4)],
    )
