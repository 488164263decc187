"""What the chat on other websites needs: its script, its texts, whole sections, thumbs."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from apiflask import APIBlueprint, APIFlask, HTTPError
from flask import Response
from flask_cors import CORS
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from bot.assistant import MAX_TEXT
from bot.channels.errors import described
from bot.channels.payload import place_of, section_blocks
from bot.parts import Parts
from bot.sensitive import masked
from handlers.contract import Kind
from handlers.feedback import Feedback, Reason
from knowledge.model import Language
from knowledge.text import clean

STATIC = Path(__file__).parents[1] / "static"
LAUNCHER = "__LAUNCHER__"
"""Where the script takes the few words that it shows before it is opened."""
SCRIPT_SECONDS = 3600
"""How long a browser may keep the script; a new version is seen after that at the latest."""
SHARED = (
    "/api/v1/messages",
    "/api/v1/texts/*",
    "/api/v1/sections/*",
    "/api/v1/feedback",
    "/api/v1/conversations/*",
)
"""What scripts on the allowed websites may call."""
OPEN_FILES = (r"/widget\.js", r"/static/widget/.*")
"""What any website may load: files that are the same for everybody."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]


class TextsOut(BaseModel):
    """What the chat says by itself, in one language."""

    language: str
    locale: str
    company: str
    texts: dict[str, str]
    suggestions: list[str] = Field(description="Questions to begin with.")
    languages: dict[str, str] = Field(description="Code of each language -> its own name.")
    policy_url: str


class BlockOut(BaseModel):
    """A paragraph, or the items of a list."""

    kind: Literal["text", "list"]
    text: str | None = None
    items: list[str] = []


class WholeSectionOut(BaseModel):
    """A section with its whole text."""

    id: str
    number: str | None
    title: str
    blocks: list[BlockOut]
    url: str
    policy: str
    version: str


class FeedbackIn(BaseModel):
    """What somebody thinks of an answer. It names no conversation."""

    model_config = ConfigDict(extra="forbid", strict=True)

    language: str
    kind: Literal["answer", "no_answer", "out_of_scope", "status", "chitchat"] = Field(
        description="Kind of the reply."
    )
    section: str | None = Field(default=None, description="Id of the first section of the reply.")
    helpful: bool
    reason: Literal["wrong", "unclear", "incomplete", "not_my_question"] | None = None
    question: Text | None = Field(
        default=None, description="What was asked; only where the person agreed to send it along."
    )


def attach(app: APIFlask, parts: Parts) -> None:
    """Add the script and its calls to the application, and let the allowed websites use them."""
    app.register_blueprint(_script(parts))
    app.register_blueprint(_calls(parts))
    allowed = {"origins": parts.settings.origins, "max_age": SCRIPT_SECONDS}
    CORS(
        app,
        resources={
            **{path: {"origins": "*", "send_wildcard": True} for path in OPEN_FILES},
            **dict.fromkeys(SHARED, allowed),
        },
        methods=["GET", "POST", "DELETE"],
        allow_headers=["Content-Type", "Accept-Language"],
        expose_headers=["Retry-After"],
        supports_credentials=False,
    )


def _script(parts: Parts) -> APIBlueprint:
    pages = APIBlueprint("widget", __name__, enable_openapi=False)
    labels = {
        code: {
            "open": _filled(language.phrases.widget_open, parts),
            "close": _filled(language.phrases.widget_close, parts),
            "name": language.words.name,
        }
        for code, language in parts.knowledge.languages.items()
    }

    @pages.get("/widget.js")
    def script() -> Response:
        text = (STATIC / "widget.js").read_text(encoding="utf-8")
        # in ASCII: the host page may say nothing of its encoding
        made = text.replace(LAUNCHER, json.dumps(labels))
        response = Response(made, content_type="text/javascript; charset=utf-8")
        response.headers["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return pages


def _calls(parts: Parts) -> APIBlueprint:
    api = APIBlueprint("widget_api", __name__, url_prefix="/api/v1", tag="Chat")
    languages = parts.knowledge.languages
    not_found = described({404: "There is no such language or section."})

    def spoken(code: str) -> Language:
        if code not in languages:
            raise HTTPError(404)
        return languages[code]

    @api.get("/texts/<code>")
    @api.output(TextsOut)
    @api.doc(summary="Give what the chat says by itself", responses=not_found)
    def texts(code: str) -> TextsOut:
        return texts_of(spoken(code), parts)

    @api.get("/sections/<code>/<section_id>")
    @api.output(WholeSectionOut)
    @api.doc(summary="Give a whole section", responses=not_found)
    def section(code: str, section_id: str) -> WholeSectionOut:
        if section_id not in spoken(code).sections:
            raise HTTPError(404)
        place = place_of(section_id, code, parts)
        blocks = [BlockOut(**block) for block in section_blocks(section_id, code, parts)]
        return WholeSectionOut(blocks=blocks, **place)

    @api.post("/feedback")
    @api.input(feedback_in(languages))
    @api.output({}, status_code=204)
    @api.doc(
        summary="Tell what somebody thinks of an answer",
        responses=described(
            {
                400: "The body is not JSON.",
                415: "The content type is not application/json.",
                422: "A field is missing, unknown or of the wrong type.",
                429: "Too many calls came from this address; Retry-After says when to try again.",
                503: "It could not be saved.",
            }
        ),
    )
    def feedback(json_data: FeedbackIn) -> str:
        parts.store.rate(_rating(json_data, parts))
        return ""

    return api


def feedback_in(languages: Any) -> type[FeedbackIn]:
    """Give the rating's shape with the languages that there are."""
    codes: Any = Literal[tuple(languages)]  # known only when the program starts
    return create_model("FeedbackIn", __base__=FeedbackIn, language=(codes, ...))


def texts_of(language: Language, parts: Parts) -> TextsOut:
    """Give what the chat says by itself in one language, with the company's name filled in."""
    fill = partial(_filled, parts=parts)
    phrases = language.phrases.model_dump()
    shown = {name: text for name, text in phrases.items() if name.startswith(("widget_", "page_"))}
    shown["talk_to_person"] = language.phrases.talk_to_person
    base = parts.settings.public_url.rstrip("/")
    return TextsOut(
        language=language.code,
        locale=language.words.locale.replace("_", "-"),
        company=parts.knowledge.company,
        texts={name: fill(text) for name, text in shown.items()},
        suggestions=[text for name, text in phrases.items() if name.startswith("page_suggestion_")],
        languages={code: other.words.name for code, other in parts.knowledge.languages.items()},
        policy_url=f"{base}/policy/{language.code}",
    )


def _filled(text: str, parts: Parts) -> str:
    return text.replace("{company}", parts.knowledge.company)


def _rating(given: FeedbackIn, parts: Parts) -> Feedback:
    language = parts.knowledge.languages[given.language]
    section = language.sections.get(given.section or "")
    document = language.documents[section.document] if section else None
    return Feedback(
        at=parts.assistant.now(),
        language=given.language,
        kind=Kind(given.kind),
        section=given.section if section else None,
        version=document.version if document else None,
        helpful=given.helpful,
        reason=Reason(given.reason) if given.reason else None,
        question=masked(clean(given.question)) if given.question else None,
    )
