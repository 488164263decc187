"""A local stand-in for Slack's Web API, for tests: it records, answers, and checks what it gets.

It knows no workspace; each method answers ``{"ok": true, ...}`` unless a test scripts something
else. Messages with blocks that the real one would refuse are refused here too, and are noted in
``problems``, which a test run must leave empty.
"""

import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

POSTS = frozenset({"chat.postMessage", "chat.postEphemeral", "chat.update"})
WHOLE_MESSAGE = 13_200
"""Characters of all blocks of a message; more is ``msg_blocks_too_long`` (bolt-js #2509)."""
LIMITS = {
    "section": 3000,
    "header": 150,
    "button": 75,
    "markdown": 12_000,
}
LIVE = re.compile(r"<[!@#]|<(?:https?|mailto|tel):|[*~`]")
"""What Slack reads as markup in a text that is not plain."""


@dataclass(frozen=True)
class Call:
    """One call of a method."""

    method: str
    body: dict[str, Any]
    token: str | None
    at: float


@dataclass(frozen=True)
class Scripted:
    """An answer that a test wants instead of the usual one."""

    body: Mapping[str, Any] = field(default_factory=lambda: {"ok": True})
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def refused(code: str) -> Scripted:
    """Make an answer that says no."""
    return Scripted({"ok": False, "error": code})


def too_many(seconds: int = 1) -> Scripted:
    """Make the answer to too many calls."""
    headers = {"Retry-After": str(seconds)}
    return Scripted({"ok": False, "error": "ratelimited"}, 429, headers)


class SlackApi:
    """The stand-in, listening on a port of its own."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.problems: list[str] = []
        self.locales: dict[str, str] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.members: dict[str, list[str]] = {}
        self.socket_url = ""
        self._scripts: dict[str, deque[Scripted]] = defaultdict(deque)
        self._changed = threading.Condition()
        self._held: dict[str, threading.Event] = {}
        self._moments = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length).decode()
                if "json" in self.headers.get("Content-Type", ""):
                    body = json.loads(raw)
                else:
                    body = dict(parse_qsl(raw, keep_blank_values=True))
                self._answer(body)

            def do_GET(self) -> None:
                self._answer(dict(parse_qsl(self.path.partition("?")[2])))

            def _answer(self, body: dict[str, Any]) -> None:
                method = self.path.partition("?")[0].removeprefix("/api/").strip("/")
                scheme, _, token = self.headers.get("Authorization", "").partition(" ")
                answer = api.called(method, body, token if scheme == "Bearer" else None)
                content = json.dumps(dict(answer.body)).encode()
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """Keep quiet when a program is killed while it waits for an answer."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    # for the program

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """What to give as the address of Slack's API."""
        return f"{self.origin}/api/"

    @property
    def hook(self) -> str:
        """Give an address for replies that only one person sees."""
        return f"{self.origin}/api/hook"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # for tests

    def script(self, method: str, *answers: Scripted) -> None:
        """Give these answers to the next calls of a method."""
        self._scripts[method].extend(answers)

    def called_with(self, method: str) -> list[dict[str, Any]]:
        """Give what a method was called with, in order."""
        return [call.body for call in tuple(self.calls) if call.method == method]

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """Give what everybody in a channel can read."""
        return [m for m in self.called_with("posted") if m["channel"] == channel]

    def whispers(self) -> list[dict[str, Any]]:
        """Give what one person only saw, by whichever way it came."""
        return self.called_with("whispered")

    def wait_for(self, condition: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Wait until something holds after some call, and give it."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not (found := condition()):
                left = deadline - time.monotonic()
                assert left > 0, f"it did not happen; called: {[c.method for c in self.calls]}"
                self._changed.wait(min(left, 0.2))
        return found

    @contextmanager
    def held(self, method: str) -> Iterator[None]:
        """Let calls of a method wait until this is over."""
        self._held[method] = threading.Event()
        try:
            yield
        finally:
            self._held.pop(method).set()

    # for the server's threads

    def called(self, method: str, body: dict[str, Any], token: str | None) -> Scripted:
        """Record a call and answer it."""
        body = {name: _parsed(value) for name, value in body.items()}
        with self._changed:
            self.calls.append(Call(method, body, token, time.monotonic()))
            script = self._scripts[method]
            answer = script.popleft() if script else self._usual(method, body)
            self._changed.notify_all()
        if held := self._held.get(method):
            held.wait()
        return answer

    def _usual(self, method: str, body: dict[str, Any]) -> Scripted:
        found: dict[str, Any] = {}
        match method:
            case "chat.postMessage" | "chat.postEphemeral" | "chat.update" | "hook":
                problem = message_problem(body)
                if problem:
                    self.problems.append(f"{method}: {problem}")
                    return refused("invalid_blocks")
                private = method in {"chat.postEphemeral", "hook"}
                self._moments += 1
                found["ts"] = f"1800000000.{self._moments:06d}"
                kept = {**body, "ts": found["ts"]}
                self.calls.append(Call("whispered" if private else "posted", kept, None, 0.0))
                found["channel"] = body.get("channel")
            case "views.open" | "views.publish" | "views.update":
                self.problems += [f"{method}: {p}" for p in view_problems(body["view"])]
                found["view"] = {"id": f"V{len(self.calls)}", **body["view"]}
            case "users.info":
                user = body["user"]
                known = {"id": user, "locale": self.locales.get(user, "en-US")}
                found["user"] = {**known, **self.users.get(user, {})}
            case "conversations.open":
                found["channel"] = {"id": direct_channel(body["users"])}
            case "conversations.members":
                found["members"] = self.members.get(body["channel"], [])
            case "auth.test":
                found.update(user_id="UBOT", team_id="T1", bot_id="BBOT", team="One", user="bot")
            case "apps.connections.open":
                found["url"] = self.socket_url
            case "assistant.threads.setSuggestedPrompts":
                if len(body["prompts"]) > 4 or "thread_ts" in body:
                    self.problems.append(f"{method}: {body}")
            case _:
                pass
        return Scripted({"ok": True, **found})


def direct_channel(user: str) -> str:
    """Give the channel of the direct messages with a user."""
    return f"D{user}"


def message_problem(body: Mapping[str, Any]) -> str | None:
    """Tell what is wrong with a message, if anything is."""
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        return "no text beside the blocks"
    if len(text) > 4000:
        return "the text is too long"
    if live := LIVE.search(text):
        return f"live markup in the text: {live.group()!r}"
    found = list(block_problems(body.get("blocks") or [], most=50))
    size = sum(len(part) for part in texts(body.get("blocks") or []))
    if size > WHOLE_MESSAGE:
        found.append(f"{size} characters in all")
    return "; ".join(found) or None


def view_problems(view: Mapping[str, Any]) -> Iterator[str]:
    """Tell what is wrong with a modal or a home tab."""
    for name in ("title", "submit", "close"):
        if name in view and len(view[name]["text"]) > 24:
            yield f"{name} is too long: {view[name]['text']}"
    if len(view.get("private_metadata", "")) > 3000:
        yield "private_metadata is too long"
    yield from block_problems(view["blocks"], most=100)


def block_problems(blocks: list[dict[str, Any]], most: int) -> Iterator[str]:
    """Tell where blocks are beyond the limits of Block Kit, or hold live markup."""
    if len(blocks) > most:
        yield f"{len(blocks)} blocks"
    for block in blocks:
        kind, elements = block["type"], block.get("elements", [])
        most_elements = {"actions": 25, "context": 10, "context_actions": 5}.get(kind)
        if most_elements and not 0 < len(elements) <= most_elements:
            yield f"{kind} has {len(elements)} elements"
        if len(block.get("fields", [])) > 10:
            yield "more than 10 fields"
        if len(block.get("block_id", "")) > 255:
            yield "block_id is too long"
        if kind == "actions" and len({e["action_id"] for e in elements}) < len(elements):
            yield "an action_id stands twice"
        yield from _deep_problems(block, LIMITS.get(kind, 3000))


def _deep_problems(node: Any, length: int) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _deep_problems(one, length)
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    length = LIMITS.get(str(kind), length)
    if kind in {"plain_text", "mrkdwn", "text"} and not 0 < len(node["text"]) <= length:
        yield f"{kind} of {len(node['text'])} characters, at most {length}"
    if kind == "mrkdwn" and (live := LIVE.search(node["text"])):
        yield f"live markup: {live.group()!r}"
    if str(kind).startswith("rich_text") and not node["elements"]:
        yield f"an empty {kind}"
    for name, most in (("value", 2000), ("action_id", 255), ("accessibility_label", 75)):
        if len(str(node.get(name, ""))) > most:
            yield f"{name} is too long"
    for value in node.values():
        yield from _deep_problems(value, length)


def texts(node: Any) -> Iterator[str]:
    """Give every text that blocks show."""
    if isinstance(node, list):
        for one in node:
            yield from texts(one)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from texts(value)


def shown(message: Mapping[str, Any]) -> str:
    """Give all that a message shows, its text and its blocks."""
    return " ".join((message["text"], *texts(message.get("blocks", []))))


def buttons(message: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give a message's buttons by what they show."""
    return {
        element["text"]["text"]: element
        for block in message.get("blocks", [])
        if block["type"] == "actions"
        for element in block["elements"]
    }


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
