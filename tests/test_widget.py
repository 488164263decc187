"""The chat on other websites, in a real Chromium: on a page of another origin that forbids much."""

import gzip
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from werkzeug.wrappers import Request, Response

from bot.app import create_app
from bot.parts import Parts
from knowledge.model import Knowledge
from tests.browsing import clean, needs_chromium, picture, say, serving, stored
from tests.test_dialogues import hold

pytestmark = needs_chromium

STATIC = Path(__file__).parents[1] / "bot" / "static"
ENOUGH = 20 * 1024
"""Bytes, compressed, of everything that the chat is made of."""

HOSTILE = """
*{letter-spacing:5px!important;text-transform:uppercase!important;line-height:3!important;
font-family:monospace!important;color:red!important;opacity:.4!important;transition:none}
div,section,button,form,ol,li,dialog{display:none!important}
privacy-assistant{display:none!important;visibility:hidden!important;position:static!important}
:root{font-size:40px;--brand:#f0f;--paper:#f0f}
html,body{display:block!important}
"""
RESETS = """
*,::before,::after{box-sizing:border-box;border:0 solid #e5e7eb;margin:0;padding:0}
button,input,textarea{font:inherit;color:inherit;background:transparent;appearance:none;border-radius:0}
ol,ul{list-style:none}svg,img{display:block;max-width:100%}
.message{display:none}.frame{height:1px!important}.icon{font-size:0}.top{float:right}.field{color:#fff}
h2{font-size:2.5rem;font-weight:300}a{color:#0d6efd;text-decoration:none}button{text-transform:none}
html{font-size:62.5%}body{display:grid;gap:4rem;font-size:3rem;line-height:1}
"""
LOOKS = """() => [...document.querySelectorAll("html, body, body > *, main *")]
    .filter((e) => !e.matches("privacy-assistant, script")).map((e) => {
        const s = getComputedStyle(e);
        return [e.tagName, ...[...s].map((name) => `${name}:${s.getPropertyValue(name)}`)]; })"""
DESIGNED = """(name) => { const root = document.querySelector("privacy-assistant").shadowRoot;
    const s = getComputedStyle(root.querySelector(name));
    return [s.display, s.letterSpacing, s.fontSize, s.textTransform, s.color, s.opacity]; }"""
WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective));
document.addEventListener("privacy-assistant:ready", (e) => { window.api = e.detail; });
"""


class Shop:
    """A website of another origin that shows the chat."""

    def __init__(self, host: str, url: str) -> None:
        self.host = host
        self.url = url
        self.head = self.attributes = self.css = ""
        self.html = '<html lang="en">'
        self.times = 1
        self.policy = (
            f"default-src 'none'; script-src {host}; style-src 'self'; connect-src {host}; "
            "img-src data:"
        )

    def page(self, bare: bool) -> str:
        """Give the page, with the chat's script or without it."""
        script = f'<script src="{self.host}/widget.js" async {self.attributes}></script>'
        return (
            f'<!doctype html>{self.html}<head><meta charset="utf-8"><title>Shop</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="icon" href="data:,"><link rel="stylesheet" href="/shop.css">{self.head}'
            '</head><body><main><h1>A shop</h1><p>Buy <a href="/other">this</a>.</p>'
            f"<button>Buy</button></main>{'' if bare else script * self.times}</body></html>"
        )

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer as a WSGI application."""
        request = Request(environ)
        if request.path == "/shop.css":
            response = Response(self.css, content_type="text/css")
        else:
            response = Response(self.page("bare" in request.args), content_type="text/html")
            response.headers["Content-Security-Policy"] = self.policy
        return response(environ, start_response)


@pytest.fixture
def make_shop(make_parts: Callable[..., Parts]) -> Iterator[Callable[..., tuple[Shop, Parts]]]:
    """Give a maker of a website and of the assistant that it may show."""
    with serving() as server, serving() as shop_server:

        def make(**settings: str) -> tuple[Shop, Parts]:
            parts = make_parts(
                PRIVACY_ASSISTANT_PUBLIC_URL=server.url,
                PRIVACY_ASSISTANT_ALLOWED_ORIGINS=shop_server.url,
                **settings,
            )
            server.app = create_app(parts)
            shop_server.app = shop = Shop(server.url, shop_server.url)
            return shop, parts

        yield make


@pytest.fixture
def shop(make_shop: Callable[..., tuple[Shop, Parts]]) -> tuple[Shop, Parts]:
    """Give a website and the assistant that it shows."""
    return make_shop()


@pytest.fixture
def visitor(watched: Page) -> Page:
    """Give a page that notes what a content security policy refused."""
    watched.add_init_script(WATCH)
    return watched


def opened(page: Page, url: str) -> Locator:
    """Go to a page and open the chat; give its window."""
    page.goto(url)
    page.get_by_role("button", name="Open the privacy chat").click()
    frame = page.locator(".frame")
    expect(frame).to_be_visible()
    return frame


def kept(page: Page) -> Any:
    """Give what the tab keeps of the chat."""
    return json.loads(page.evaluate("sessionStorage.getItem('privacy-assistant')"))


@pytest.mark.parametrize("css", [HOSTILE, RESETS, ""], ids=["hostile", "resets", "bare"])
def test_it_is_at_home_on_any_page(shop: tuple[Shop, Parts], visitor: Page, css: str) -> None:
    site, _ = shop
    site.css = css
    visitor.emulate_media(reduced_motion="reduce")  # what moves in has no looks yet
    visitor.goto(f"{site.url}/?bare")
    before = visitor.evaluate(LOOKS)
    opened(visitor, site.url)
    say(visitor, "what does personal data mean?")
    assert visitor.evaluate(LOOKS) == before
    assert visitor.evaluate("violations") == []
    ink = "rgb(23, 33, 31)"
    plain = ["normal", "15px", "none", ink, "1"]
    assert visitor.evaluate(DESIGNED, ".frame") == ["flex", *plain]
    assert visitor.evaluate(DESIGNED, ".assistant:last-child .bubble") == ["block", *plain]
    assert visitor.evaluate(DESIGNED, "textarea")[2] == "16px"
    host = "getComputedStyle(document.querySelector('privacy-assistant'))"
    assert visitor.evaluate(f"[{host}.display, {host}.position]") == ["block", "fixed"]
    box = visitor.locator(".launcher").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (60, 60)
    picture(visitor, f"widget-on-{'hostile' if css == HOSTILE else 'resets' if css else 'bare'}")


def test_nothing_leaves_and_nothing_is_kept_before_the_first_message(
    shop: tuple[Shop, Parts], visitor: Page
) -> None:
    site, parts = shop
    asked: list[str] = []
    visitor.on("request", lambda r: asked.append(r.url))
    visitor.goto(site.url)
    expect(visitor.locator(".launcher")).to_be_visible()
    own = [url for url in asked if url.startswith(site.host)]
    assert own == [f"{site.host}/widget.js"]
    visitor.locator(".launcher").click()
    expect(visitor.get_by_role("textbox")).to_be_focused()
    paths = {url.removeprefix(site.host) for url in asked if url.startswith(site.host)}
    files = {f"/static/widget/{path.name}" for path in (STATIC / "widget").iterdir()}
    assert paths == {"/widget.js", "/api/v1/texts/en", *files}
    visitor.get_by_role("button", name="What is kept").click()
    visitor.get_by_role("button", name="Back to the chat").click()
    assert stored(visitor) == ["", 0, 0]
    say(visitor, "stop marketing to ana@example.com")
    assert stored(visitor) == ["", 0, 1]
    token = kept(visitor)["conversation"]
    assert parts.store.conversation(token) is not None
    visitor.get_by_role("button", name="Menu").click()
    visitor.get_by_role("button", name="Forget this chat").click()
    expect(visitor.get_by_text("This chat has been forgotten")).to_be_visible()
    assert stored(visitor) == ["", 0, 0]
    assert parts.store.conversation(token) is None
    assert visitor.context.cookies() == []


def test_privacy_signals_keep_the_words_out_of_the_browser(
    shop: tuple[Shop, Parts], visitor: Page
) -> None:
    visitor.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"
    )
    frame = opened(visitor, shop[0].url)
    say(visitor, "what does personal data mean?")
    assert kept(visitor)["turns"] == []
    assert kept(visitor)["conversation"]
    frame.get_by_role("button", name="What is kept").first.click()
    expect(frame.get_by_text("asks websites not to track you")).to_be_visible()


def test_included_twice_it_is_there_once(shop: tuple[Shop, Parts], visitor: Page) -> None:
    shop[0].times = 3
    visitor.goto(shop[0].url)
    expect(visitor.locator(".launcher")).to_have_count(1)


def test_it_survives_a_site_that_swaps_its_pages(shop: tuple[Shop, Parts], visitor: Page) -> None:
    opened(visitor, shop[0].url)
    say(visitor, "what does personal data mean?")
    swap = """() => { const body = document.createElement("body");
        body.append(document.createElement("h1")); document.body.replaceWith(body); }"""
    for change in (swap, "document.body.replaceChildren()", swap):
        visitor.evaluate(change)
        expect(visitor.locator("privacy-assistant")).to_have_count(1)
    expect(visitor.locator(".launcher")).to_be_visible()
    expect(visitor.locator(".message.you")).to_have_count(1)


def test_the_site_can_steer_it(shop: tuple[Shop, Parts], visitor: Page) -> None:
    site, _ = shop
    site.attributes = 'data-lang="nl" data-greeting="Dag!" data-position="left" data-z-index="7"'
    visitor.goto(site.url)
    launcher = visitor.get_by_role("button", name="Open de privacychat")
    expect(launcher).to_be_visible()
    assert visitor.evaluate("api === PrivacyAssistant && typeof api.open") == "function"
    box = launcher.bounding_box()
    assert box is not None
    assert box["x"] < 100
    layer = "getComputedStyle(document.querySelector('privacy-assistant')).zIndex"
    assert visitor.evaluate(layer) == "7"
    visitor.evaluate("PrivacyAssistant.open()")
    expect(visitor.get_by_text("Dag!")).to_be_visible()
    visitor.evaluate("PrivacyAssistant.setLanguage('fr')")
    expect(visitor.get_by_role("log", name="Conversation")).to_be_visible()
    expect(visitor.get_by_role("button", name="Parler à une personne")).to_be_visible()
    visitor.evaluate("PrivacyAssistant.ask('Quelles données avez-vous sur moi ?')")
    expect(visitor.locator(".message.assistant")).to_have_count(2)
    visitor.evaluate("PrivacyAssistant.close()")
    expect(visitor.locator(".frame")).to_be_hidden()
    visitor.evaluate("PrivacyAssistant.destroy()")
    expect(visitor.locator("privacy-assistant")).to_have_count(0)
    visitor.evaluate("document.body.replaceChildren()")
    visitor.wait_for_timeout(100)
    assert visitor.evaluate("[typeof PrivacyAssistant, document.body.children.length]") == [
        "undefined",
        0,
    ]


def test_it_opens_by_itself_where_the_site_says_so(shop: tuple[Shop, Parts], visitor: Page) -> None:
    shop[0].attributes = "data-open"
    visitor.goto(shop[0].url)
    expect(visitor.locator(".frame")).to_be_visible()
    assert visitor.evaluate("document.activeElement === document.body")


def test_it_stands_at_the_end_of_the_line_and_reads_its_own_way(
    shop: tuple[Shop, Parts], visitor: Page
) -> None:
    shop[0].html = '<html lang="ar" dir="rtl">'
    opened(visitor, shop[0].url)
    box = visitor.locator(".frame").bounding_box()
    assert box is not None
    assert box["x"] < 100
    direction = "getComputedStyle(document.querySelector('privacy-assistant').shadowRoot"
    assert visitor.evaluate(f"{direction}.querySelector('.frame')).direction") == "ltr"


@pytest.mark.parametrize("code", ["ro", "en", "nl", "fr"])
def test_every_part_has_a_name_in_every_language(
    shop: tuple[Shop, Parts], visitor: Page, code: str, knowledge: Knowledge
) -> None:
    shop[0].html = f'<html lang="{code}">'
    phrases = knowledge.languages[code].phrases
    visitor.goto(shop[0].url)
    visitor.get_by_role("button", name=phrases.widget_open).click()
    title = phrases.page_title.format(company=knowledge.company)
    dialog = visitor.get_by_role("dialog", name=title)
    expect(dialog.get_by_role("log", name=phrases.page_log)).to_be_visible()
    expect(dialog.get_by_role("textbox", name=phrases.page_input)).to_be_focused()
    names = ("page_send", "widget_menu", "widget_close", "talk_to_person", "widget_about")
    for name in names:
        button = dialog.get_by_role("button", name=getattr(phrases, name), exact=True)
        expect(button).to_be_visible()
    small = visitor.evaluate(
        """() => [...document.querySelector("privacy-assistant").shadowRoot
            .querySelectorAll("button")].map((b) => b.getBoundingClientRect())
            .filter((box) => box.width && Math.min(box.width, box.height) < 43.9)
            .map((box) => [box.width, box.height])"""
    )
    assert small == []
    picture(visitor, f"widget-{code}")


def states(page: Page, name: str, check: Callable[[Page, str], None]) -> None:
    """Bring an open chat into every state that it can be in, and check each."""
    frame = page.locator(".frame")

    def seen(state: str) -> None:
        check(page, f"widget-{name}-{state}")

    seen("open")
    page.route("**/api/v1/messages", lambda route: None)
    frame.get_by_role("textbox").fill("what does personal data mean?")
    frame.get_by_role("textbox").press("Enter")
    expect(frame.get_by_role("status").filter(has_text="looking this up")).to_be_visible()
    seen("typing")
    page.unroute("**/api/v1/messages")
    page.reload()
    if not frame.is_visible():
        page.get_by_role("button", name="Open the privacy chat").click()
    expect(frame.locator(".message.assistant")).to_have_count(2)
    seen("answer")
    frame.get_by_text("Show the whole section").first.click()
    expect(frame.locator(".whole").first).to_contain_text("identifier")
    seen("section")
    frame.get_by_role("button", name="No, this did not help").click()
    seen("feedback")
    frame.get_by_role("radio", name="It is not correct").check()
    frame.get_by_role("button", name="Send the rating").click()
    expect(frame.locator(".thumbs").get_by_text("Thank you")).to_be_visible()
    say(page, "data people")
    expect(frame.get_by_role("button", name="None of these")).to_be_visible()
    seen("clarification")
    say(page, "stop marketing to ana@example.com")
    seen("check")
    frame.get_by_role("button", name="Yes, file it").click()
    expect(frame.locator(".ticket")).to_be_visible()
    seen("card")
    frame.get_by_role("textbox").fill("my card is 4111 1111 1111 1111")
    seen("warning")
    frame.get_by_role("textbox").fill("")
    page.route("**/api/v1/messages", lambda route: route.abort())
    frame.get_by_role("textbox").fill("hello")
    frame.get_by_role("textbox").press("Enter")
    expect(frame.get_by_role("alert")).to_contain_text("did not get through")
    seen("error")
    frame.get_by_role("button", name="Menu").click()
    seen("menu")
    frame.get_by_role("button", name="What is kept").last.click()
    seen("kept")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(320, 640), (360, 640), (768, 900), (1440, 900)])
def test_axe_finds_nothing_in_any_state(
    shop: tuple[Shop, Parts], browser: Browser, width: int, height: int, scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(shop[0].url)
    expect(page.locator(".launcher")).to_be_visible()
    clean(page, f"widget-{width}-{scheme}-launcher")
    opened(page, shop[0].url)
    states(page, f"{width}-{scheme}", clean)
    context.close()


def test_forced_colours_and_large_spacing_hide_nothing(
    shop: tuple[Shop, Parts], browser: Browser
) -> None:
    context = browser.new_context(forced_colors="active", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    opened(page, shop[0].url)
    say(page, "stop marketing to ana@example.com")
    picture(page, "widget-forced-colours")
    spaced = """() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(`* { line-height: 1.5
        !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
        p { margin-bottom: 2em !important; }`);
        document.querySelector("privacy-assistant").shadowRoot.adoptedStyleSheets.push(sheet); }"""
    page.evaluate(spaced)
    cut = """() => [...document.querySelector("privacy-assistant").shadowRoot
        .querySelectorAll("button, p, dd, h2")]
        .filter((e) => !e.closest(".sr") && e.scrollWidth > e.clientWidth + 1
            && getComputedStyle(e).display !== "inline").map((e) => e.outerHTML)"""
    assert page.evaluate(cut) == []
    picture(page, "widget-spaced")
    context.close()


def test_the_keyboard_is_enough(shop: tuple[Shop, Parts], visitor: Page) -> None:
    site, parts = shop
    visitor.goto(site.url)
    keyboard = visitor.keyboard
    launcher = visitor.locator(".launcher")
    expect(launcher).to_be_visible()
    launcher.focus()
    keyboard.press("Enter")
    field = visitor.get_by_role("textbox")
    expect(field).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "true")
    replies = visitor.locator(".message.assistant")
    keyboard.type("two")
    keyboard.press("Shift+Enter")
    keyboard.type("lines")
    expect(field).to_have_value("two\nlines")
    field.fill("")
    for count, text in enumerate(("stop marketing", "ana@example.com"), 2):
        keyboard.type(text)
        keyboard.press("Enter")
        expect(replies).to_have_count(count)
        expect(field).to_be_focused()
    for _ in range(3):  # back past Cancel and No, change something
        keyboard.press("Shift+Tab")
    expect(visitor.get_by_role("button", name="Yes, file it")).to_be_focused()
    keyboard.press("Enter")
    expect(visitor.locator(".ticket")).to_be_visible()
    expect(field).to_be_focused()
    assert len(list(parts.store.tickets())) == 1
    keyboard.press("Tab")
    keyboard.press("Tab")
    expect(visitor.get_by_role("button", name="Talk to a person")).to_be_focused()
    visitor.get_by_role("button", name="Menu").focus()
    keyboard.press("Enter")
    expect(visitor.locator(".menu")).to_be_visible()
    keyboard.press("Escape")
    expect(visitor.locator(".menu")).to_be_hidden()
    expect(visitor.get_by_role("button", name="Menu")).to_be_focused()
    keyboard.press("Escape")
    expect(visitor.locator(".frame")).to_be_hidden()
    expect(launcher).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "false")


def test_an_unfinished_word_is_not_sent(shop: tuple[Shop, Parts], visitor: Page) -> None:
    opened(visitor, shop[0].url)
    visitor.get_by_role("textbox").fill("日本")
    visitor.get_by_role("textbox").dispatch_event(
        "keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True}
    )
    expect(visitor.locator(".message.you")).to_have_count(0)


def test_a_reply_is_announced_once_and_moves_no_focus(
    shop: tuple[Shop, Parts], visitor: Page
) -> None:
    opened(visitor, shop[0].url)
    visitor.evaluate(
        """() => { const root = document.querySelector("privacy-assistant").shadowRoot;
            window.added = [];
            new MutationObserver((changes) => { for (const change of changes)
                added.push(...[...change.addedNodes].map((n) => n.className || n.nodeName)); })
                .observe(root.querySelector("[role=log]"), { childList: true, subtree: true }); }"""
    )
    field = visitor.get_by_role("textbox")
    field.fill("what does personal data mean?")
    visitor.get_by_role("button", name="Send", exact=True).click()
    visitor.get_by_role("button", name="Menu").focus()
    expect(visitor.locator(".message.assistant")).to_have_count(2)
    expect(visitor.get_by_role("button", name="Menu")).to_be_focused()
    assert visitor.evaluate("added") == ["message you", "message assistant"]
    said = visitor.locator(".message")
    for language in said.evaluate_all("all => all.map((e) => e.lang)"):
        assert language == "en"
    expect(said.nth(1)).to_have_text("You: what does personal data mean?")
    visitor.reload()
    opened(visitor, shop[0].url)
    expect(said).to_have_count(3)
    expect(visitor.get_by_role("log")).to_have_attribute("aria-live", "off")
    expect(visitor.get_by_role("log")).not_to_have_attribute("aria-live", "off")


def test_a_pressed_suggestion_stays_readable_until_the_reply(
    shop: tuple[Shop, Parts], visitor: Page
) -> None:
    opened(visitor, shop[0].url)
    held: list[Route] = []
    visitor.route("**/api/v1/messages", lambda route: held.extend([route]))
    pressed = visitor.get_by_role("button", name="I want a copy of my data")
    pressed.click()
    expect(visitor.get_by_role("textbox")).to_be_focused()
    expect(pressed).to_have_attribute("aria-disabled", "true")
    expect(pressed).to_be_visible()
    held[0].continue_()
    expect(visitor.locator(".message.assistant")).to_have_count(2)
    expect(visitor.locator(".suggestion.chosen")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 360])
def test_on_a_phone_it_takes_the_whole_screen(
    shop: tuple[Shop, Parts], browser: Browser, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 640},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    frame = opened(page, shop[0].url)
    assert frame.bounding_box() == pytest.approx({"x": 0, "y": 0, "width": width, "height": 640})
    assert frame.evaluate("(e) => e.matches(':modal')")
    # without a keyboard over what is to be read
    expect(page.locator(".scroll")).to_be_focused()
    picture(page, f"widget-phone-{width}")
    page.set_viewport_size({"width": width, "height": 330})  # what a soft keyboard leaves
    expect(page.get_by_role("textbox")).to_be_in_viewport(ratio=1)
    page.get_by_role("textbox").tap()
    for _ in range(12):
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.querySelector('privacy-assistant')"
        assert page.evaluate(f"{inside} || document.activeElement === document.body")
    page.set_viewport_size({"width": 900, "height": 800})
    expect(frame).to_be_visible()
    assert not frame.evaluate("(e) => e.matches(':modal')")
    page.set_viewport_size({"width": width, "height": 640})
    frame.get_by_role("button", name="Close the chat").tap()
    expect(page.locator(".launcher")).to_be_focused()
    context.close()


def test_a_lost_reply_makes_no_second_ticket(shop: tuple[Shop, Parts], page: Page) -> None:
    site, parts = shop
    frame = opened(page, site.url)
    say(page, "stop marketing to ana@example.com")
    sent: list[Any] = []

    def lose_once(route: Route) -> None:
        sent.append(route.request.post_data_json)
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/messages", lose_once)
    frame.get_by_role("button", name="Yes, file it").click()
    expect(frame.get_by_role("alert")).to_contain_text("did not get through")
    # whatever is written now waits until that is cleared up
    frame.get_by_role("textbox").fill("hello")
    frame.get_by_role("textbox").press("Enter")
    expect(frame.locator(".ticket")).to_be_visible()
    expect(frame.get_by_role("textbox")).to_have_value("hello")
    assert len(list(parts.store.tickets())) == 1
    assert sent[0] == sent[1]


def test_what_was_written_offline_goes_when_the_connection_is_back(
    shop: tuple[Shop, Parts], page: Page, context: BrowserContext
) -> None:
    frame = opened(page, shop[0].url)
    context.set_offline(True)
    expect(frame.get_by_role("status").filter(has_text="no internet connection")).to_be_visible()
    frame.get_by_role("textbox").fill("what does personal data mean?")
    frame.get_by_role("textbox").press("Enter")
    expect(frame.get_by_role("alert")).to_contain_text("did not get through")
    picture(page, "widget-offline")
    context.set_offline(False)
    expect(frame.locator(".message.assistant")).to_have_count(2)
    expect(frame.get_by_role("alert")).to_be_empty()


def test_a_reload_in_the_middle_of_a_request_goes_on(shop: tuple[Shop, Parts], page: Page) -> None:
    site, parts = shop
    frame = opened(page, site.url)
    say(page, "stop marketing to ana@example.com")
    page.route("**/api/v1/messages", lambda route: (route.fetch(), route.abort()))
    frame.get_by_role("button", name="Yes, file it").click()
    expect(frame.get_by_role("alert")).to_contain_text("did not get through")
    page.unroute("**/api/v1/messages")
    opened(page, site.url)
    expect(frame.locator(".ticket")).to_be_visible()
    assert len(list(parts.store.tickets())) == 1


def test_too_many_messages_are_told_politely_and_the_words_kept(
    make_shop: Callable[..., tuple[Shop, Parts]], page: Page
) -> None:
    site, _ = make_shop(PRIVACY_ASSISTANT_MESSAGES_PER_MINUTE="1")
    frame = opened(page, site.url)
    say(page, "hello")
    frame.get_by_role("textbox").fill("what does personal data mean?")
    frame.get_by_role("textbox").press("Enter")
    expect(frame.get_by_role("alert")).to_contain_text("wait 60 seconds")
    expect(frame.get_by_role("textbox")).to_have_value("what does personal data mean?")
    expect(frame.locator(".message.you")).to_have_count(1)
    assert len(kept(page)["turns"]) == 2


def test_two_tabs_are_two_conversations_and_back_comes_back(
    shop: tuple[Shop, Parts], context: BrowserContext
) -> None:
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        opened(page, shop[0].url)
        say(page, "stop marketing")
    assert kept(first)["conversation"] != kept(second)["conversation"]
    first.locator("h1 + p a").evaluate("(a) => a.click()")
    first.wait_for_url("**/other")
    first.go_back()
    if not first.locator(".frame").is_visible():
        first.get_by_role("button", name="Open the privacy chat").click()
    expect(first.locator(".message")).to_have_count(3)
    say(first, "ana@example.com")
    expect(first.get_by_role("button", name="Yes, file it")).to_be_visible()
    expect(second.get_by_role("button", name="Yes, file it")).to_have_count(0)


def test_markup_stays_text(shop: tuple[Shop, Parts], visitor: Page) -> None:
    site, _ = shop
    site.attributes = 'data-greeting="&lt;img src=x onerror=alert(1)&gt;"'
    frame = opened(visitor, site.url)
    say(visitor, "<img src=x onerror=alert(1)> delete my data")
    expect(frame.locator("img")).to_have_count(0)
    expect(frame.locator(".message.you")).to_contain_text("<img src=x onerror=alert(1)>")
    link = """() => import(%s).then(({ link }) => ["javascript:alert(1)", "data:text/html,x", "//x"]
        .map((url) => link(url, "x", null).localName))"""
    module = json.dumps(f"{site.host}/static/widget/view.js")
    assert visitor.evaluate(link % module) == ["span", "span", "span"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "colour", ["yellow", "white", "black", "#777", "rgb(255 120 0)", "nonsense"]
)
def test_any_brand_colour_can_be_read(
    shop: tuple[Shop, Parts], browser: Browser, colour: str, scheme: Any
) -> None:
    shop[0].attributes = f'data-color="{colour}"'
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    frame = opened(page, shop[0].url)
    say(page, "stop marketing to ana@example.com")
    frame.get_by_role("button", name="Yes, file it").click()
    expect(frame.locator(".ticket")).to_be_visible()
    clean(page, f"widget-{re.sub('[^a-z0-9]', '', colour)}-{scheme}")
    ratio = """() => { const root = document.querySelector("privacy-assistant").shadowRoot;
        const light = (text) => { const [r, g, b] = text.match(/[\\d.]+/g).map((n) => n / 255)
            .map((s) => s <= .04045 ? s / 12.92 : ((s + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b + .05; };
        const contrast = (a, b) => Math.max(light(a), light(b)) / Math.min(light(a), light(b));
        const style = (name) => getComputedStyle(root.querySelector(name));
        return [...[".launcher", ".send", ".follow", ".you .bubble"].map((name) =>
                contrast(style(name).backgroundColor, style(name).color)),
            contrast(style(".sources a").color, style(".ticket + p").color) && 5,
            contrast(style(".sources a").color, style(".top").backgroundColor),
            1.5 * contrast(style(".send").borderTopColor, style(".composer").backgroundColor)]; }"""
    assert min(page.evaluate(ratio)) >= 4.5
    context.close()


def test_nothing_moves_where_people_ask_for_that(
    shop: tuple[Shop, Parts], browser: Browser
) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    frame = opened(page, shop[0].url)
    say(page, "hello")
    moving = """(e) => [...e.getRootNode().querySelectorAll("*")].map((e) => getComputedStyle(e))
        .filter((s) => s.animationName !== "none" || parseFloat(s.transitionDuration)).length"""
    assert frame.evaluate(moving) == 0
    context.close()


def test_what_nobody_should_type_is_masked_before_it_leaves(
    shop: tuple[Shop, Parts], visitor: Page
) -> None:
    frame = opened(visitor, shop[0].url)
    sent: list[str] = []
    visitor.on("request", lambda r: sent.append(r.post_data or ""))
    field = frame.get_by_role("textbox")
    warning = frame.get_by_role("status").filter(has_text="blotted out")
    for secret in (
        "4111 1111 1111 1111",
        "85.07.30-033.28",
        "1800101221144",
        "RO49 AAAA 1B31 0075 9384 0000",
        "BE68539007547034",
    ):
        field.fill(f"I am {secret} and more")
        expect(warning).to_be_visible()
    for harmless in (
        "+32 470 12 34 56",
        "customer number 12345678",
        "on 2026-03-05",
        "PR-7F3K-9Q2M",
    ):
        field.fill(harmless)
        expect(warning).to_have_count(0)
    say(visitor, "stop marketing, my card is 4111 1111 1111 1111")
    expect(frame.locator(".message.you")).to_contain_text("•••• •••• •••• ••••")
    assert "4111" not in json.dumps(kept(visitor)) + "".join(sent)


def test_thumbs_send_a_question_only_where_the_box_is_ticked(
    shop: tuple[Shop, Parts], visitor: Page
) -> None:
    site, parts = shop
    frame = opened(visitor, site.url)
    question = "what does personal data mean?"
    for _ in range(3):
        say(visitor, question)
    groups = frame.get_by_role("group", name="Did this help you?")
    up, down, along = groups.nth(0), groups.nth(1), groups.nth(2)
    up.get_by_role("button", name="Yes").click()
    expect(up).to_contain_text("Thank you")
    down.get_by_role("button", name="No").click()
    expect(down.get_by_role("checkbox")).not_to_be_checked()
    down.get_by_role("button", name="Send the rating").click()
    expect(down).to_contain_text("Thank you")
    expect(down.get_by_role("button", name="No")).to_be_focused()
    along.get_by_role("button", name="No").click()
    along.get_by_role("radio", name="Something is missing").check()
    along.get_by_role("checkbox").check()
    along.get_by_role("button", name="Send the rating").click()
    expect(along).to_contain_text("Thank you")
    ratings = [(r.helpful, r.reason, r.question) for r in parts.store.ratings()]
    assert sorted(ratings, key=str) == sorted(
        [(True, None, None), (False, None, None), (False, "incomplete", question)], key=str
    )
    opened(visitor, site.url)  # rated once, it is not asked again
    expect(groups).to_have_count(0)


def test_a_whole_section_opens_in_place(shop: tuple[Shop, Parts], visitor: Page) -> None:
    frame = opened(visitor, shop[0].url)
    say(visitor, "what does personal data mean?")
    frame.get_by_text("Show the whole section").click()
    whole = frame.locator(".whole")
    expect(whole).to_contain_text("an online identifier")
    expect(whole.get_by_role("listitem")).not_to_have_count(0)
    expect(whole).to_have_attribute("aria-live", "off")
    frame.get_by_text("Show the whole section").click()
    expect(whole).to_be_hidden()


def test_the_language_is_changed_in_the_menu_and_by_writing(
    shop: tuple[Shop, Parts], visitor: Page
) -> None:
    frame = opened(visitor, shop[0].url)
    say(visitor, "stop marketing")
    frame.get_by_role("button", name="Menu").click()
    frame.get_by_role("button", name="Nederlands").click()
    expect(frame.locator(".message.assistant").last).to_have_attribute("lang", "nl")
    expect(frame.get_by_role("textbox", name="Uw bericht")).to_be_focused()
    expect(frame.get_by_role("log", name="Gesprek")).to_be_visible()
    say(visitor, "ana@example.com")
    expect(frame.get_by_role("button", name="Ja, dien het in")).to_be_visible()
    say(visitor, "Je voudrais savoir combien de temps vous gardez mes données personnelles")
    expect(frame.get_by_role("button", name="Parler à une personne")).to_be_visible()


def test_without_its_files_it_leads_to_the_hosted_page(
    shop: tuple[Shop, Parts], page: Page
) -> None:
    page.route("**/static/widget/widget.css", lambda route: route.abort())
    page.goto(shop[0].url)
    page.get_by_role("button", name="Open the privacy chat").click()
    link = page.get_by_role("alert").get_by_role("link", name="Open the privacy chat")
    expect(link).to_have_attribute("href", f"{shop[0].host}/chat?lang=en")
    page.unroute("**/static/widget/widget.css")
    page.get_by_role("button", name="Open the privacy chat").click()
    expect(page.locator(".frame")).to_be_visible()
    expect(link).to_have_count(0)


DIALOGUES = [
    dialogue
    for dialogue in tomllib.loads(
        (Path(__file__).parent / "dialogues" / "offers.toml").read_text(encoding="utf-8")
    )["dialogue"]
    if dialogue["language"] == "en"
]


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue["name"])
def test_a_dialogue_of_the_tables(
    dialogue: dict[str, Any], shop: tuple[Shop, Parts], page: Page
) -> None:
    site, parts = shop
    frame = opened(page, site.url)

    def spoken(text: str) -> dict[str, Any]:
        with page.expect_response("**/api/v1/messages") as response:
            say(page, text)
        reply: dict[str, Any] = response.value.json()["reply"]
        shown = frame.locator(".message.assistant").last
        expect(shown).to_contain_text(reply["text"].split("\n\n")[0])
        labels = [choice["label"] for choice in reply["choices"] + reply["suggestions"]]
        expect(frame.locator(".suggestion")).to_have_text(labels)
        return reply

    hold(dialogue, spoken, parts)


def test_it_stays_small() -> None:
    files = [STATIC / "widget.js", *(STATIC / "widget").iterdir()]
    sizes = {path.name: len(gzip.compress(path.read_bytes(), mtime=0)) for path in files}
    assert sum(sizes.values()) < ENOUGH, sizes
