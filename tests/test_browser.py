"""The hosted chat in a real Chromium: asked, filed, by keyboard, on a phone, without JavaScript."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.parts import Parts
from browsing import clean, needs_chromium, picture

pytestmark = needs_chromium


def say(page: Page, text: str) -> None:
    """Type a message, send it with Enter, and wait for the reply."""
    replies = page.locator(".message.assistant")
    count = replies.count()
    page.get_by_role("textbox").fill(text)
    page.get_by_role("textbox").press("Enter")
    expect(replies).to_have_count(count + 1)


def test_a_question_is_answered_and_a_ticket_filed(site: tuple[str, Parts], watched: Page) -> None:
    url, parts = site
    watched.goto(f"{url}/chat?lang=en")
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
    watched.get_by_role("link", name=f"{url}/requests/").click()
    expect(watched.get_by_role("heading")).to_contain_text("Stop marketing")
    picture(watched, "request")


def test_nothing_is_stored_before_the_first_message(site: tuple[str, Parts], watched: Page) -> None:
    watched.goto(f"{site[0]}/chat?lang=fr")
    stored = "[document.cookie, localStorage.length, sessionStorage.length]"
    assert watched.evaluate(stored) == ["", 0, 0]
    say(watched, "bonjour")
    assert watched.evaluate(stored) == ["", 0, 1]


def test_a_reload_goes_on_and_forgetting_forgets(site: tuple[str, Parts], watched: Page) -> None:
    url, parts = site
    watched.goto(f"{url}/chat?lang=en")
    say(watched, "stop marketing")
    watched.reload()
    expect(watched.locator(".message")).to_have_count(3)
    say(watched, "ana@example.com")
    expect(watched.get_by_role("button", name="Yes, file it")).to_be_visible()
    watched.get_by_role("button", name="Forget this chat").click()
    expect(watched.locator(".message")).to_have_count(1)
    assert watched.evaluate("sessionStorage.length") == 0
    say(watched, "yes")
    assert list(parts.store.tickets()) == []


def test_the_keyboard_is_enough(site: tuple[str, Parts], watched: Page) -> None:
    url, parts = site
    watched.goto(f"{url}/chat?lang=en")
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
    site: tuple[str, Parts], browser: Browser, width: int, scheme: Any
) -> None:
    url, parts = site
    assistant, token = parts.assistant, None
    for text in ("stop marketing to ana@example.com", "yes"):
        token = assistant.answer(assistant.message(text, "web", "en"), token).token
    [ticket] = parts.store.tickets()
    link = parts.assistant.desk.follow_url(ticket.reference).partition("/requests/")[2]
    watching = browser.new_context(
        viewport={"width": width, "height": 720}, color_scheme=scheme, bypass_csp=True
    ).new_page()
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{url}/requests/{link}&lang=en")
    plain.get_by_text("Withdraw this request").click()
    plain.get_by_role("button", name="Yes, withdraw it").click()
    expect(plain.get_by_role("status")).to_contain_text("is withdrawn")
    expect(plain.get_by_text("Withdraw this request")).to_have_count(0)
    plain.get_by_role("button", name="I still got one").click()
    expect(plain.get_by_role("status")).to_contain_text("sorry about that")
    kept = parts.store.ticket(ticket.reference)
    assert kept is not None
    assert (kept.breach, kept.is_open) == (True, True)
    for language in ("ro", "nl"):
        watching.goto(f"{url}/requests/{link}&lang={language}")
        watching.locator("summary").click()
        clean(watching, f"request-{language}-{width}-{scheme}")
    watching.context.close()
    plain.context.close()


def test_markup_stays_text(site: tuple[str, Parts], watched: Page) -> None:
    watched.goto(f"{site[0]}/chat?lang=en")
    say(watched, "<img src=x onerror=alert(1)> delete my data")
    expect(watched.locator(".message img")).to_have_count(0)
    expect(watched.locator(".message.you")).to_contain_text("<img src=x onerror=alert(1)>")
