"""The demonstration and the policy in a real Chromium: searched, printed, on every screen."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from bot.parts import Parts
from tests.browsing import clean, needs_chromium, picture

pytestmark = needs_chromium

ASSISTANT = "window.asked = []; window.PrivacyAssistant = { ask: (text) => asked.push(text) };"
"""Stands in for the script of the assistant, which has tests of its own: notes what it is asked."""


def without_assistant(route: Route) -> None:
    """Give a script that does nothing, as before the real one has come."""
    route.fulfill(body="", content_type="text/javascript")


def with_assistant(route: Route) -> None:
    """Give the script that notes what it is asked."""
    route.fulfill(body=ASSISTANT, content_type="text/javascript")


@pytest.fixture
def quiet(watched: Page) -> Page:
    """Give a page without the assistant, on which any error fails the test."""
    watched.route("**/widget.js", without_assistant)
    return watched


def visit(browser: Browser, **options: Any) -> BrowserContext:
    """Open a window of its own, without the assistant."""
    context = browser.new_context(bypass_csp=True, **options)
    context.route("**/widget.js", without_assistant)
    return context


@pytest.fixture
def scriptless(browser: Browser) -> Iterator[Page]:
    """Give a page without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def shown(page: Page) -> int:
    """Count the sections that are seen."""
    return page.locator("article section:visible").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1440])
def test_they_fit_every_screen_and_axe_finds_nothing(
    site: tuple[str, Parts], browser: Browser, width: int, scheme: Any
) -> None:
    context = visit(browser, viewport={"width": width, "height": 720}, color_scheme=scheme)
    page = context.new_page()
    for language in ("fr", "ro"):
        page.goto(f"{site[0]}/?lang={language}")
        clean(page, f"demo-{language}-{width}-{scheme}")
    page.goto(f"{site[0]}/policy/fr#law_access")
    clean(page, f"policy-fr-{width}-{scheme}")
    for query in ("publicite", "pizza"):
        page.goto(f"{site[0]}/policy/fr?q={query}")
        clean(page, f"policy-{query}-{width}-{scheme}")
    if width < 1024:
        page.goto(f"{site[0]}/policy/nl")
        page.locator("summary").click()
        clean(page, f"policy-contents-{width}-{scheme}")
    context.close()


def test_text_may_be_spaced_and_enlarged(site: tuple[str, Parts], browser: Browser) -> None:
    context = visit(browser, viewport={"width": 320, "height": 720})
    page = context.new_page()
    for path in ("/?lang=fr", "/policy/fr", "/chat?lang=fr"):
        page.goto(f"{site[0]}{path}")
        # WCAG 1.4.12
        page.add_style_tag(
            content="* { line-height: 1.5 !important; letter-spacing: .12em !important;"
            " word-spacing: .16em !important } p { margin-bottom: 2em !important }"
        )
        clean(page, f"spaced{path.split('?')[0].replace('/', '-')}")
    context.close()


@pytest.mark.parametrize("path", ["/?lang=nl", "/policy/nl", "/chat?lang=nl"])
def test_what_can_be_pressed_is_big_enough(site: tuple[str, Parts], quiet: Page, path: str) -> None:
    quiet.set_viewport_size({"width": 320, "height": 720})
    quiet.goto(f"{site[0]}{path}")
    # links within a text may be smaller (WCAG 2.5.8)
    pressed = "button, summary, input:not([type=hidden]), nav a, .anchor"
    small = f"""[...document.querySelectorAll("{pressed}")]
        .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
        .map((e) => e.outerHTML)"""
    assert quiet.evaluate(small) == []


def test_the_search_goes_along_with_typing(site: tuple[str, Parts], quiet: Page) -> None:
    quiet.goto(f"{site[0]}/policy/ro")
    assert shown(quiet) == 31
    field = quiet.get_by_role("searchbox")
    field.press_sequentially("confidential")
    expect(quiet.locator("mark").first).to_have_text("confidențial")
    count = shown(quiet)
    assert 0 < count < 31
    expect(quiet.get_by_role("status")).to_have_text(f"Secțiuni găsite: {count} din 31")
    assert quiet.locator(".wide li:visible").count() == count
    assert quiet.url.endswith("/policy/ro?q=confidential")
    picture(quiet, "policy-search")
    quiet.reload()
    assert shown(quiet) == count
    quiet.get_by_role("link", name="Afișați tot").click()
    expect(field).to_be_focused()
    assert (shown(quiet), quiet.locator("mark").count()) == (31, 0)
    assert quiet.url.endswith("/policy/ro")


@pytest.mark.parametrize(
    "query", ["publicite", "DONNÉES personnelles", "coup d'oeil", "art. 21", "e"]
)
def test_the_search_finds_the_same_with_and_without_javascript(
    site: tuple[str, Parts], quiet: Page, scriptless: Page, query: str
) -> None:
    found = []
    scriptless.goto(f"{site[0]}/policy/fr")
    scriptless.get_by_role("searchbox").fill(query)
    scriptless.get_by_role("button", name="Rechercher").click()
    quiet.goto(f"{site[0]}/policy/fr")
    quiet.get_by_role("searchbox").fill(query)
    for page in (scriptless, quiet):
        ids = [
            section.get_attribute("id") for section in page.locator("article section:visible").all()
        ]
        found.append((ids, page.locator("article section:visible mark").all_text_contents()))
    assert found[0] == found[1]
    assert found[0][0]


def test_a_search_without_a_hit_asks_the_assistant(site: tuple[str, Parts], watched: Page) -> None:
    watched.route("**/widget.js", with_assistant)
    watched.goto(f"{site[0]}/policy/en")
    watched.get_by_role("searchbox").fill("pizza")
    expect(watched.get_by_role("status")).to_contain_text("Nothing found for “pizza”")
    watched.locator(".result").get_by_role("button", name="Ask the assistant").click()
    assert watched.evaluate("asked") == ["pizza"]


def test_a_section_has_a_link_and_keeps_its_place_in_another_language(
    site: tuple[str, Parts], quiet: Page
) -> None:
    quiet.goto(f"{site[0]}/policy/en")
    quiet.locator("#marketing").hover()
    quiet.get_by_role("link", name="Link to this section: Offers and product news").click()
    assert quiet.url.endswith("#marketing")
    current = quiet.locator(".wide [aria-current=location]")
    expect(current).to_have_text("Offers and product news")
    expect(current).to_be_in_viewport()
    quiet.get_by_role("link", name="Nederlands").click()
    assert quiet.url.endswith("/policy/nl#marketing")
    expect(quiet.locator("#marketing")).to_be_in_viewport()


def test_a_link_to_a_section_shows_it_whatever_was_looked_for(
    site: tuple[str, Parts], quiet: Page
) -> None:
    quiet.goto(f"{site[0]}/policy/en?q=fraud#identity")
    expect(quiet.locator("#identity")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_policy_is_printed_without_what_is_only_for_the_screen(
    site: tuple[str, Parts], browser: Browser, scheme: Any
) -> None:
    context = visit(browser, viewport={"width": 640, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(f"{site[0]}/policy/en#marketing")
    for hidden in (".top", ".guide", ".bottom", ".anchor >> nth=0", "#print-page"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.get_by_text("Retrieved on Thursday, 5 March 2026").first).to_be_visible()
    expect(page.get_by_text("Version 2026-11-23").first).to_be_visible()
    expect(page.locator("#marketing .which")).to_have_text("Section 4")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    clean(page, f"policy-print-{scheme}")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    context.close()


def test_forced_colours_keep_what_is_marked(site: tuple[str, Parts], browser: Browser) -> None:
    context = visit(browser, forced_colors="active", viewport={"width": 1000, "height": 800})
    page = context.new_page()
    for path, name in (("/?lang=en", "demo"), ("/policy/en?q=offers#marketing", "policy")):
        page.goto(f"{site[0]}{path}")
        clean(page, f"{name}-forced-colours")
    context.close()


def test_the_demonstration_opens_the_assistant(site: tuple[str, Parts], watched: Page) -> None:
    watched.route("**/widget.js", with_assistant)
    watched.goto(f"{site[0]}/?lang=en")
    watched.get_by_role("button", name="Delete my data").click()
    field = watched.get_by_label("Your question or request")
    field.fill("where do you keep my data?")
    field.press("Enter")
    expect(field).to_have_value("")
    assert watched.evaluate("asked") == ["Delete my data", "where do you keep my data?"]
    assert watched.url == f"{site[0]}/?lang=en"


@pytest.mark.parametrize("script", [True, False])
def test_where_the_assistant_is_not_there_the_chat_page_answers(
    site: tuple[str, Parts], browser: Browser, script: bool
) -> None:
    context = visit(browser, java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{site[0]}/?lang=en")
    page.get_by_label("Your question or request").fill("what does personal data mean?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#latest")).to_contain_text("Personal data means any information")
    context.close()


def test_the_line_for_other_sites_can_be_copied(site: tuple[str, Parts], browser: Browser) -> None:
    context = visit(browser, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site[0]}/?lang=nl")
    page.get_by_role("button", name="Kopiëren").click()
    expect(page.get_by_role("status")).to_have_text("Gekopieerd")
    line = f'<script src="{site[0]}/widget.js" data-lang="nl" async></script>'
    assert page.evaluate("navigator.clipboard.readText()") == line
    context.close()
