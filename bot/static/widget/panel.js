// The chat's window: puts the parts together, and decides where the focus goes.

import { Api, asksForPrivacy, Chat, Refused } from "./chat.js";
import { paint } from "./colours.js";
import { masked } from "./sensitive.js";
import {
  button, feedback, icon, iconButton, link, make, message, ownMessage, replyMessage, suggestions,
} from "./view.js";

// the room of a phone: the chat takes all of it, and the page behind is out of reach
const SMALL = matchMedia("(max-width: 667px), (max-height: 480px)");
const DARK = matchMedia("(prefers-color-scheme: dark)");
const TOUCH = matchMedia("(pointer: coarse)");
const LOOKING_UP = 500; // milliseconds; a reply that comes sooner needs no such word
const LONGEST = 4000; // characters, as on the server

export function mount(element, given) {
  return new Panel(element, given);
}

class Panel {
  #element;
  #given;
  #words;
  #api;
  #chat;
  #labels = []; // what says which text, so that the language can change
  #parts = {};
  #brand = null;
  #typing = null;
  #sending = null;
  #lost = false; // whether the last message, or its reply, got lost
  #listening = new AbortController();

  constructor(element, given) {
    this.#element = element;
    this.#given = given;
    this.#words = given.words;
    this.#api = new Api(given.base);
    this.#chat = new Chat(this.#api);
    this.#build();
    this.#listen();
    this.#relabel();
    this.#resume();
    element.shadowRoot.append(this.#parts.frame);
    if (this.#isPage) this.#takeOver();
  }

  get isOpen() {
    return this.#isPage || this.#parts.frame.open;
  }

  get #isPage() {
    return this.#element.isPage;
  }

  get #context() {
    const { texts } = this.#words;
    return {
      words: this.#words,
      newTab: this.#isPage ? null : texts.widget_new_tab,
      tell: (text) => this.#tell(text),
      section: (code, id) => this.#api.section(code, id),
      rate: (reply, opinion) => this.#chat.rate(reply, opinion),
      question: (reply) => this.#chat.questionBefore(reply),
    };
  }

  show(byPerson = true) {
    if (!this.isOpen) {
      this.#parts.frame.classList.toggle("left", this.#element.onLeft);
      this.#unfold();
      this.#given.toggled(true);
      this.#scrollToLatest();
    }
    if (byPerson) this.#focus();
    else if (!SMALL.matches) this.#element.shadowRoot.activeElement?.blur();
  }

  hide() {
    const { frame } = this.#parts;
    if (this.#isPage || !frame.open) return;
    // whoever is busy elsewhere on the page stays there
    const here = [this.#element, document.body, null].includes(document.activeElement);
    frame.close();
    this.#showMenu(false);
    this.#showKept(false);
    this.#given.toggled(false);
    if (here) this.#given.launcher.focus();
  }

  ask(text) {
    if (!this.#say(text)) this.#parts.field.value = text;
  }

  async setLanguage(code) {
    if (code === this.#words.language) return;
    try {
      this.#words = await this.#api.texts(code);
    } catch {
      this.#tell(this.#words.texts.widget_failed);
      return;
    }
    this.#relabel();
  }

  paint(brand) {
    this.#brand = brand;
    if (brand) paint(this.#parts.frame, brand, this.#given.colours);
  }

  unmount() {
    this.#listening.abort();
    clearTimeout(this.#typing);
  }

  #worded(key, node, attribute = "textContent") {
    this.#labels.push({ key, node, attribute });
    return node;
  }

  #named(key, node) {
    if (node.type) this.#worded(key, node, "title");
    return this.#worded(key, node, "ariaLabel");
  }

  #relabel() {
    const { texts, language } = this.#words;
    const { frame, intro } = this.#parts;
    frame.lang = intro.lang = language;
    intro.firstChild.textContent = `${texts.page_assistant}: `;
    for (const { key, node, attribute } of this.#labels) node[attribute] = texts[key];
    if (!this.#chat.begun) this.#suggestStart();
  }

  #build() {
    const parts = this.#parts;
    const [tag, className] = this.#isPage ? ["section", "frame page"] : ["dialog", "frame"];
    parts.frame = make(tag, { className, id: "window", "aria-labelledby": "title" });
    parts.title = this.#worded("page_title", make("h2", { id: "title" }));
    parts.menu = make("div", { className: "menu", id: "menu", hidden: true });
    const opens = { className: "toggle", "aria-expanded": "false", "aria-controls": "menu" };
    parts.toggle = this.#named("widget_menu", iconButton("menu", opens));
    parts.close = this.#named("widget_close", iconButton("close"));
    parts.kept = make("section", { className: "kept", hidden: true });
    parts.body = make("div", { className: "body" }, this.#transcript(), this.#composer());
    parts.frame.append(this.#isPage ? parts.title : this.#header(), parts.body, parts.kept, parts.menu);
    this.#given.launcher?.setAttribute("aria-controls", "window");
  }

  #header() {
    const { title, toggle, close } = this.#parts;
    const shield = this.#given.launcher.querySelector("svg").cloneNode(true);
    const kind = this.#worded("widget_automated", make("p"));
    return make("header", { className: "top" }, make("span", { className: "badge" }, shield),
      make("div", { className: "names" }, title, kind), toggle, close);
  }

  #transcript() {
    const parts = this.#parts;
    const greeting = this.#element.getAttribute("greeting");
    parts.intro = message("", "assistant intro", "",
      greeting && make("p", { className: "greeting" }, greeting),
      this.#worded("page_intro", make("p")),
      this.#worded("widget_about", button("", "plain", () => this.#showKept(true))));
    parts.messages = make("ol", { className: "messages" }, parts.intro);
    parts.log = make("div", { role: "log", "aria-relevant": "additions" }, parts.messages);
    parts.choices = make("div", { className: "choices", role: "group" });
    this.#named("page_log", parts.log);
    this.#named("page_suggestions", parts.choices);
    for (const [name, role] of [["typing", "status"], ["notice", "status"], ["problem", "alert"]]) {
      parts[name] = make("div", { className: name, role });
    }
    const { log, typing, notice, problem, choices } = parts;
    parts.scroll = make("div", { className: "scroll", tabIndex: 0 }, log, typing, notice, problem, choices);
    return parts.scroll;
  }

  #composer() {
    const parts = this.#parts;
    parts.field = make("textarea", { id: "field", rows: 1, maxLength: LONGEST });
    this.#worded("widget_hint", parts.field, "placeholder");
    parts.warning = make("p", { className: "warning", role: "status" });
    const label = this.#worded("page_input", make("label", { className: "sr", htmlFor: "field" }));
    const send = this.#named("page_send", iconButton("send", { type: "submit" }));
    parts.person = button(icon("person"), "person");
    parts.person.append(this.#worded("talk_to_person", make("span")));
    const field = make("div", { className: "field" }, label, parts.field, send);
    const foot = make("div", { className: "foot" }, parts.person, this.#isPage ? parts.toggle : null);
    parts.form = make("form", { className: "composer" }, parts.warning, field, foot);
    return parts.form;
  }

  #fillMenu() {
    const { texts, languages, language, policy_url: policy } = this.#words;
    const about = button(texts.widget_about, "entry", () => this.#showKept(true));
    const forget = button(texts.page_forget, "entry", () => this.#forget());
    const read = link(policy, texts.page_policy, this.#context.newTab);
    read.className = "entry";
    const choice = ([code, name]) => {
      const made = button(name, "entry", () => this.#choose(code));
      made.lang = code;
      made.setAttribute("aria-pressed", String(code === language));
      return made;
    };
    const choices = make("div", { className: "languages", role: "group", "aria-label": texts.page_language },
      ...Object.entries(languages).map(choice));
    // the hosted page has its own
    const more = this.#isPage ? [] : [read, choices];
    this.#parts.menu.replaceChildren(about, forget, ...more);
  }

  #fillKept() {
    const { texts } = this.#words;
    const back = button(icon("back"), "plain back", () => this.#showKept(false, true));
    back.append(texts.widget_back);
    const heading = make("h3", { tabIndex: -1 }, texts.widget_about);
    const told = ["page_kept", "widget_kept", "widget_kept_rating"];
    if (asksForPrivacy()) told.push("widget_kept_gpc");
    const text = told.map((key) => make("p", {}, texts[key]));
    const forget = button(texts.page_forget, "small", () => this.#forget());
    this.#parts.kept.replaceChildren(back, heading, ...text, forget);
  }

  #listen() {
    const { signal } = this.#listening;
    const parts = this.#parts;
    const on = (target, name, act) => target.addEventListener(name, act, { signal });
    on(parts.toggle, "click", () => this.#showMenu(parts.menu.hidden));
    on(parts.close, "click", () => this.hide());
    on(parts.person, "click", () => this.#press(this.#words.texts.talk_to_person));
    on(parts.choices, "click", (event) => this.#chosen(event.target.closest("button")));
    on(parts.form, "submit", (event) => this.#submit(event));
    on(parts.field, "keydown", (event) => this.#key(event));
    on(parts.field, "input", () => this.#drafted());
    on(this.#element.shadowRoot, "keydown", (event) => this.#escape(event));
    on(parts.frame, "cancel", (event) => event.preventDefault()); // see #escape
    on(parts.frame, "pointerdown", (event) => {
      const inside = event.composedPath();
      if (!inside.includes(parts.menu) && !inside.includes(parts.toggle)) this.#showMenu(false);
    });
    on(DARK, "change", () => this.paint(this.#brand));
    on(SMALL, "change", () => this.#reshape());
    on(window, "offline", () => this.#tell(this.#words.texts.widget_offline));
    on(window, "online", () => this.#online());
    on(visualViewport, "resize", () => this.#place());
    on(visualViewport, "scroll", () => this.#place());
  }

  #submit(event) {
    event.preventDefault();
    const { field } = this.#parts;
    if (this.#say(field.value)) {
      field.value = "";
      this.#drafted();
    }
    field.focus();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#parts.form.requestSubmit();
  }

  #escape(event) {
    if (event.key !== "Escape" || event.isComposing || !this.isOpen) return;
    event.stopPropagation();
    event.preventDefault();
    const { menu, kept, toggle } = this.#parts;
    if (!menu.hidden) {
      this.#showMenu(false);
      toggle.focus();
    } else if (!kept.hidden) this.#showKept(false, true);
    else this.hide();
  }

  // Warn while it is written; it is masked when it is sent.
  #drafted() {
    const { field, warning } = this.#parts;
    const text = masked(field.value) === field.value ? "" : this.#words.texts.widget_sensitive;
    if (warning.textContent !== text) warning.textContent = text;
    if (!CSS.supports("field-sizing", "content")) {
      field.style.setProperty("height", "auto");
      field.style.setProperty("height", `${field.scrollHeight}px`);
    }
  }

  #chosen(button) {
    if (!button || this.#chat.waiting) return;
    this.#freeChoices(false);
    button.classList.add("chosen");
    this.#press(button.value);
  }

  #press(text) {
    if (!this.#say(text) && !this.#chat.waiting) this.#freeChoices(true);
    this.#focus();
  }

  // What was pressed stays readable until the reply is there.
  #freeChoices(free) {
    for (const button of this.#parts.choices.children) {
      button.setAttribute("aria-disabled", String(!free));
      button.tabIndex = free ? 0 : -1;
      if (free) button.classList.remove("chosen");
    }
  }

  async #choose(code) {
    this.#showMenu(false);
    this.#focus();
    const begun = this.#chat.begun;
    const name = this.#words.languages[code];
    await this.setLanguage(code);
    // a language's own name is a wish: what is open is asked once more, in that language
    if (begun) this.#say(name);
  }

  // Say something unless another message is on its way; tell whether it was said.
  #say(text) {
    if (this.#chat.waiting || !text.trim()) return false;
    if (this.#lost && this.#chat.unanswered) {
      // the server may have heard it: its reply comes before anything else is said
      this.#deliver();
      return false;
    }
    if (this.#chat.unanswered) this.#takeBack();
    const turn = this.#chat.say(masked(text.trim()), this.#words.language);
    this.#parts.messages.append(ownMessage(turn, this.#context));
    this.#scrollToLatest();
    this.#sending = this.#deliver();
    return true;
  }

  async #deliver() {
    const { problem, notice } = this.#parts;
    problem.replaceChildren();
    notice.textContent = "";
    this.#wait(true);
    try {
      const reply = await this.#chat.deliver();
      this.#lost = false;
      this.#wait(false);
      await this.setLanguage(reply.language);
      this.#hear(reply);
    } catch (error) {
      this.#wait(false);
      this.#failed(error);
    }
  }

  #wait(waiting) {
    const { typing, scroll, choices } = this.#parts;
    clearTimeout(this.#typing);
    typing.replaceChildren();
    choices.hidden = waiting && !choices.querySelector(".chosen");
    if (!waiting) return;
    this.#typing = setTimeout(() => {
      typing.append(make("span", { className: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i")),
        make("span", {}, this.#words.texts.page_typing));
      scroll.scrollTop = scroll.scrollHeight;
    }, LOOKING_UP);
  }

  #hear(reply) {
    const item = this.#replyItem(reply);
    this.#parts.messages.append(item);
    this.#suggest(reply);
    // the start of a long reply comes first
    this.#parts.scroll.scrollTop = item.offsetTop - 12;
  }

  #replyItem(reply) {
    const item = replyMessage(reply, this.#context);
    if (reply.rateable && !reply.rated) item.append(feedback(reply, this.#context));
    return item;
  }

  #suggest({ choices, suggestions: more, language }) {
    this.#parts.choices.replaceChildren(
      ...suggestions(choices, "suggestion main", language),
      ...suggestions(more, "suggestion", language),
    );
  }

  #suggestStart() {
    const { suggestions: texts, language } = this.#words;
    const more = texts.map((text) => ({ label: text, value: text }));
    this.#suggest({ choices: [], suggestions: more, language });
  }

  #failed(error) {
    const { field, scroll, choices } = this.#parts;
    const { texts } = this.#words;
    this.#freeChoices(true);
    this.#lost = !(error instanceof Refused);
    if (this.#lost || error.status >= 500) {
      this.#alert(this.#lost ? texts.page_failed : error.message, () => this.#deliver());
    } else {
      // not like this, or not now: the person has it back
      const { you } = this.#takeBack();
      const pressed = [...choices.children].some((choice) => choice.value === you);
      if (!field.value && !pressed) field.value = you;
      const wait = error.wait ? ` ${texts.widget_wait.replace("{seconds}", error.wait)}` : "";
      this.#alert(error.message + wait);
    }
    scroll.scrollTop = scroll.scrollHeight;
  }

  #takeBack() {
    this.#parts.messages.lastElementChild.remove();
    return this.#chat.takeBack();
  }

  #alert(text, retry) {
    const { problem } = this.#parts;
    problem.replaceChildren(make("p", {}, text));
    const again = () => {
      this.#focus();
      retry();
    };
    if (retry) problem.append(button(this.#words.texts.page_retry, "small", again));
  }

  #tell(text) {
    const { notice, scroll } = this.#parts;
    notice.textContent = text;
    scroll.scrollTop += notice.offsetHeight;
  }

  #online() {
    this.#tell("");
    if (this.#lost && this.#chat.unanswered && !this.#chat.waiting) this.#deliver();
  }

  async #forget() {
    this.#showMenu(false);
    this.#showKept(false);
    this.#focus();
    const { texts, language } = this.#words;
    await this.#sending; // a later reply would begin it anew
    try {
      await this.#chat.forget(language);
    } catch {
      this.#alert(texts.widget_failed, () => this.#forget());
      return;
    }
    this.#parts.messages.replaceChildren(this.#parts.intro);
    this.#parts.problem.replaceChildren();
    this.#suggestStart();
    this.#tell(texts.page_forgotten);
  }

  // What was said before a reload was announced then, and is not announced again.
  #resume() {
    if (!this.#chat.begun) return;
    const { log, messages } = this.#parts;
    log.setAttribute("aria-live", "off");
    for (const turn of this.#chat.turns) {
      messages.append("you" in turn ? ownMessage(turn, this.#context) : this.#replyItem(turn));
    }
    setTimeout(() => log.removeAttribute("aria-live"), 1000);
    const last = this.#chat.turns.at(-1);
    if (this.#chat.unanswered) this.#deliver(); // the page was left too early
    else if (last) this.#suggest(last);
  }

  // Not into the field where that brings up a keyboard, over what is to be read.
  #focus() {
    const { field, scroll } = this.#parts;
    (TOUCH.matches ? scroll : field).focus({ preventScroll: true });
  }

  #showMenu(open) {
    const { menu, toggle } = this.#parts;
    if (open) this.#fillMenu();
    menu.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  }

  #showKept(open, back = false) {
    const { kept, body } = this.#parts;
    this.#showMenu(false);
    if (open) this.#fillKept();
    kept.hidden = !open;
    body.hidden = open;
    if (open) kept.querySelector("h3").focus();
    else if (back) this.#focus();
  }

  #scrollToLatest() {
    const { scroll } = this.#parts;
    scroll.scrollTop = this.#chat.begun ? scroll.scrollHeight : 0;
  }

  // As large as what a phone's keyboard leaves; while somebody zooms in it stays as it is.
  #place() {
    const { scale, offsetTop, height } = visualViewport;
    const { style } = this.#parts.frame;
    if (scale > 1.01) return;
    style.setProperty("--top", `${offsetTop}px`);
    style.setProperty("--height", `${height}px`);
  }

  #unfold() {
    this.#place();
    if (SMALL.matches) this.#parts.frame.showModal();
    else this.#parts.frame.show();
  }

  // A phone was turned, or a window made smaller.
  #reshape() {
    if (this.#isPage || !this.isOpen) return;
    const focused = this.#element.shadowRoot.activeElement;
    this.#parts.frame.close();
    this.#unfold();
    focused?.focus();
  }

  // The hosted page's form worked until now: its draft is kept, and a link to its field works.
  #takeOver() {
    const element = this.#element;
    const before = element.querySelector("textarea");
    if (!before) return;
    const { field } = this.#parts;
    field.value = before.value;
    if (document.activeElement === before) field.focus();
    element.replaceChildren();
    element.id = before.id;
    element.tabIndex = -1;
    const { signal } = this.#listening;
    const skipped = (event) => event.composedPath()[0] === element && field.focus();
    element.addEventListener("focus", skipped, { signal });
  }
}
