"""The hosted pages in a real Chromium: the chat on its page, the policy, a request; all of it also
without JavaScript. The chat itself, and on other websites, is in test_widget.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.parts import Parts
from tests.browsing import chat_of, clean, needs_chromium, picture, say, stored
from tests.conftest import NOW, Person

pytestmark = needs_chromium


def test_a_question_is_answered_and_a_ticket_filed(site: tuple[str, Parts], watched: Page) -> None:
    url, parts = site
    watched.goto(f"{url}/chat?lang=en")
    chat_of(watched)
    picture(watched, "chat-start")
    say(watched, "what does personal data mean?")
    source = watched.get_by_role("link", name="3 ").first
    expect(source).to_have_attribute("href", f"{url}/policy/en#personal_data")
    picture(watched, "chat-answer")
    say(watched, "stop marketing")
    say(watched, "ana@example.com")
    watched.get_by_role("button", name="Yes, file it").click()
    card = watched.locator(".ticket .reference")
    expect(card).to_be_visible()
    [ticket] = parts.store.tickets()
    expect(card).to_have_text(ticket.reference)
    expect(watched.locator(".ticket")).to_contain_text("Tuesday, 7 April 2026")
    picture(watched, "chat-filed")
    watched.get_by_role("link", name="Follow this request").click()
    expect(watched.get_by_role("heading")).to_contain_text("Stop marketing")
    picture(watched, "request")


def test_nothing_is_stored_before_the_first_message(site: tuple[str, Parts], watched: Page) -> None:
    watched.goto(f"{site[0]}/chat?lang=fr")
    chat_of(watched)
    assert stored(watched) == ["", 0, 0]
    say(watched, "bonjour")
    assert stored(watched) == ["", 0, 1]


def test_a_reload_goes_on_and_forgetting_forgets(site: tuple[str, Parts], watched: Page) -> None:
    url, parts = site
    watched.goto(f"{url}/chat?lang=en")
    say(watched, "stop marketing")
    watched.reload()
    expect(chat_of(watched).locator(".message")).to_have_count(3)
    say(watched, "ana@example.com")
    expect(watched.get_by_role("button", name="Yes, file it")).to_be_visible()
    watched.get_by_role("button", name="Menu").click()
    watched.get_by_role("button", name="Forget this chat").click()
    expect(watched.locator(".message")).to_have_count(1)
    assert watched.evaluate("sessionStorage.length") == 0
    say(watched, "yes")
    assert list(parts.store.tickets()) == []


def test_the_keyboard_is_enough(site: tuple[str, Parts], watched: Page) -> None:
    url, parts = site
    watched.goto(f"{url}/chat?lang=en")
    chat_of(watched)
    watched.keyboard.press("Tab")
    expect(watched.get_by_role("link", name="Skip")).to_be_focused()
    watched.keyboard.press("Enter")
    expect(watched.get_by_role("textbox")).to_be_focused()
    replies = watched.locator(".message.assistant")
    for count, text in enumerate(("stop marketing", "ana@example.com"), 2):
        watched.keyboard.type(text)
        watched.keyboard.press("Enter")
        expect(replies).to_have_count(count)
        expect(watched.get_by_role("textbox")).to_be_focused()
    # backwards: past Cancel and No, change something
    for _ in range(3):
        watched.keyboard.press("Shift+Tab")
    expect(watched.get_by_role("button", name="Yes, file it")).to_be_focused()
    watched.keyboard.press("Enter")
    expect(watched.locator(".ticket")).to_be_visible()
    assert len(list(parts.store.tickets())) == 1


def test_a_lost_reply_is_asked_for_again_without_a_second_ticket(
    site: tuple[str, Parts], page: Page
) -> None:
    url, parts = site
    page.goto(f"{url}/chat?lang=en")
    say(page, "stop marketing to ana@example.com")
    lost: list[str] = []

    def lose_once(route: Any) -> None:
        route.fetch() if not lost else None
        lost.append(route.request.url)
        route.abort() if len(lost) == 1 else route.continue_()

    page.route("**/api/v1/messages", lose_once)
    page.get_by_role("button", name="Yes, file it").click()
    expect(page.get_by_role("alert")).to_contain_text("did not get through")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator(".ticket")).to_be_visible()
    assert len(list(parts.store.tickets())) == 1
    assert len(lost) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1440])
def test_it_fits_every_screen_and_axe_finds_nothing(
    site: tuple[str, Parts], browser: Browser, width: int, scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 720}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    for language in ("ro", "nl"):
        page.goto(f"{site[0]}/chat?lang={language}")
        chat_of(page)
        clean(page, f"chat-{language}-{width}-{scheme}-start")
        say(page, "stop marketing")
        say(page, "ana@example.com")
        clean(page, f"chat-{language}-{width}-{scheme}")
        page.evaluate("sessionStorage.clear()")
    page.goto(f"{site[0]}/policy/nl#marketing")
    clean(page, f"policy-{width}-{scheme}")
    page.goto(f"{site[0]}/nowhere")
    clean(page, f"error-{width}-{scheme}")
    context.close()


def test_it_works_without_javascript(site: tuple[str, Parts], browser: Browser) -> None:
    url, parts = site
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{url}/chat?lang=en")
    for text in ("stop marketing", "ana@example.com"):
        page.get_by_role("textbox").fill(text)
        page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Yes, file it").click()
    [ticket] = parts.store.tickets()
    expect(page.locator(".ticket .reference")).to_have_text(ticket.reference)
    expect(page.locator(".message.you")).to_have_count(3)
    expect(page.locator("#latest p").first).to_be_in_viewport()
    picture(page, "chat-without-javascript")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_a_request_is_withdrawn_and_signalled_on_its_page_without_javascript(
    site: tuple[str, Parts],
    make_parts: Callable[..., Parts],
    browser: Browser,
    width: int,
    scheme: Any,
) -> None:
    url, parts = site
    # the stop has to be carried out on the day on which it came in
    yesterday = Person(make_parts(now=NOW - timedelta(days=1)))
    ticket = yesterday.says("stop marketing to ana@example.com", "yes").ticket
    assert ticket is not None
    link = parts.assistant.desk.follow_url(ticket.reference).partition("/requests/")[2]
    watching = browser.new_context(
        viewport={"width": width, "height": 720}, color_scheme=scheme, bypass_csp=True
    ).new_page()
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{url}/requests/{link}&lang=en")
    for said in ("sorry about that", "already noted"):
        plain.get_by_role("button", name="I still get marketing messages").click()
        expect(plain.get_by_role("status")).to_contain_text(said)
    expect(plain.locator("main")).to_contain_text("marketing reported after the stop")
    for language in ("ro", "nl"):
        watching.goto(f"{url}/requests/{link}&lang={language}")
        watching.locator("summary").click()
        clean(watching, f"request-{language}-{width}-{scheme}")
    plain.get_by_text("Withdraw this request").click()
    plain.get_by_role("button", name="Yes, withdraw it").click()
    expect(plain.get_by_role("status")).to_contain_text("is withdrawn")
    expect(plain.get_by_text("no longer keeps marketing away")).to_have_count(1)
    expect(plain.get_by_role("button")).to_have_count(0)
    watching.goto(f"{url}/requests/{link}&lang=fr")
    clean(watching, f"request-closed-{width}-{scheme}")
    kept = parts.store.ticket(ticket.reference)
    assert kept is not None
    assert (kept.breach, kept.is_open) == (True, False)
    watching.context.close()
    plain.context.close()


@pytest.mark.parametrize("width", [320, 1440])
def test_a_code_is_typed_on_the_page_without_javascript(
    site: tuple[str, Parts], browser: Browser, width: int
) -> None:
    url, parts = site
    ticket = Person(parts).says("send me a copy of my data, ana@example.com", "yes").ticket
    assert ticket is not None
    link = parts.assistant.desk.follow_url(ticket.reference).partition("/requests/")[2]
    context = browser.new_context(viewport={"width": width, "height": 720}, bypass_csp=True)
    watching = context.new_page()
    for language in ("ro", "fr"):
        watching.goto(f"{url}/requests/{link}&lang={language}")
        clean(watching, f"request-code-{language}-{width}")
    context.close()
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{url}/requests/{link}&lang=en")
    plain.get_by_role("textbox", name="Code from the email").fill("123456")
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("alert")).to_contain_text("That code is not right")
    plain.get_by_role("button", name="Send a new code").click()
    expect(plain.get_by_role("status")).to_contain_text("could not send a code")
    context.close()


def test_markup_stays_text(site: tuple[str, Parts], watched: Page) -> None:
    watched.goto(f"{site[0]}/chat?lang=en")
    say(watched, "<img src=x onerror=alert(1)> delete my data")
    expect(watched.locator(".message img")).to_have_count(0)
    expect(watched.locator(".message.you")).to_contain_text("<img src=x onerror=alert(1)>")
