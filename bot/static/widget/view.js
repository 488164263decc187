// What was said, as elements. Text goes in as text, so nothing that is written becomes markup.

// sections that an answer comes from; what stands beside it, or beside no answer, is only near
const OWN = Object.freeze({ answer: 1, no_answer: 0 });
const ADDRESS = /(https?:\/\/\S+)/;
const REASONS = Object.freeze(["wrong", "unclear", "incomplete", "not_my_question"]);
const SVG = "http://www.w3.org/2000/svg";

const ICONS = Object.freeze({
  menu: "M5 12h.01M12 12h.01M19 12h.01",
  close: "m6.5 6.5 11 11m0-11-11 11",
  send: "M12 19V5.5m-6 6 6-6 6 6",
  person: "M8 8a4 4 0 1 0 8 0 4 4 0 0 0-8 0M4.5 20.5c1-8 14-8 15 0",
  thumb: "M7.5 11v9H4v-9zl4-7.5c1.6 0 2.5 1.1 2.2 2.7L13 9.5h5.5c1.1 0 1.9 1 1.7 2.1l-1.3 7c-.2.9-.9 1.4-1.7 1.4H7.5",
  more: "m6 9.5 6 6 6-6",
  back: "m14.5 5.5-6.5 6.5 6.5 6.5",
  copy: "M9 9h11v11H9zM5.5 15H4V4h11v1.5",
  done: "m5 12.5 4.5 4.5L19 7",
});

// What an element knows as a property is set so, the rest as an attribute.
export function make(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  svg.firstChild.setAttribute("d", ICONS[name]);
  return svg;
}

export function iconButton(picture, properties = {}) {
  const { className = picture, ...more } = properties;
  return make("button", { type: "button", ...more, className: `icon ${className}` }, icon(picture));
}

export function button(text, className, onclick) {
  return make("button", { type: "button", className, onclick }, text);
}

// A link, or its words alone where the address is not one of the web.
export function link(url, text, newTab) {
  if (!/^https?:\/\//.test(url)) return make("span", {}, text);
  const made = make("a", { href: url }, text);
  if (newTab) {
    Object.assign(made, { target: "_blank", rel: "noopener" });
    made.append(make("span", { className: "sr" }, ` (${newTab})`));
  }
  return made;
}

function day(iso, locale) {
  const [year, month, date] = iso.split("-").map(Number);
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeZone: "UTC" });
  return format.format(Date.UTC(year, month - 1, date));
}

// The assistant's own words; an address in them stands alone behind a colon.
function paragraph(text, { newTab }) {
  const pieces = text.split(ADDRESS).map((p) => (ADDRESS.test(p) ? link(p, p, newTab) : p));
  return make("p", {}, ...pieces);
}

export function message(who, className, language, ...content) {
  const name = make("span", { className: "sr" }, `${who}: `);
  const bubble = make("div", { className: "bubble" }, ...content);
  return make("li", { className: `message ${className}`, lang: language }, name, bubble);
}

export function ownMessage(turn, context) {
  return message(context.words.texts.page_you, "you", turn.language, make("p", {}, turn.you));
}

export function replyMessage(reply, context) {
  const { texts } = context.words;
  const { ticket, sections, kind, language } = reply;
  // the card has the link to follow a request
  const parts = reply.text.split("\n\n").filter((part) => !ticket || !part.includes(ticket.url));
  const content = parts.map((part) => paragraph(part, context));
  // right after the sentence that says that it is filed
  if (ticket) content.splice(1, 0, card(ticket, context));
  const own = OWN[kind] ?? sections.length;
  content.push(citations(texts.page_source, sections.slice(0, own), language, context));
  content.push(citations(texts.page_related, sections.slice(own), null, context));
  return message(texts.page_assistant, "assistant", language, ...content);
}

function card({ reference, stop_by: stop, due_at: due, url }, context) {
  const { texts, locale } = context.words;
  const entry = (name, ...value) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value));
  const number = make("span", { className: "reference" }, reference);
  const done = make("span", { className: "sr", role: "status" });
  const copy = iconButton("copy", { "aria-label": texts.widget_copy, title: texts.widget_copy });
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(reference);
    } catch {
      // not without https: it is marked instead, for Ctrl+C
      getSelection().selectAllChildren(number);
      return;
    }
    copy.replaceChildren(icon("done"));
    done.textContent = texts.widget_copied;
  });
  const facts = make(
    "dl",
    {},
    entry(texts.page_reference, number, copy, done),
    stop ? entry(texts.page_stop_by, day(stop, locale)) : null,
    entry(texts.page_due, day(due, locale)),
  );
  const follow = link(url, texts.widget_follow, context.newTab);
  follow.className = "follow";
  return make("div", { className: "ticket" }, facts, follow);
}

// Sections by number and title; those that a reply comes from can be read here, in its language.
function citations(name, sections, language, context) {
  if (!sections.length) return null;
  const list = make("ul");
  for (const section of sections) {
    const { number, title, url, policy, version } = section;
    const named = link(url, number ? `${number} · ${title}` : title, context.newTab);
    const origin = make("span", { className: "document" }, `${policy}, ${version}`);
    list.append(make("li", {}, named, origin, language && whole(section, language, context)));
  }
  return make("div", { className: "sources" }, make("p", { className: "label" }, name), list);
}

// Fetched when it is unfolded. It is no message, so it is not announced.
function whole({ id, title }, language, context) {
  const about = make("span", { className: "sr" }, `: ${title}`);
  const summary = make("summary", {}, context.words.texts.widget_whole, about, icon("more"));
  const place = make("div", { className: "whole", "aria-live": "off" });
  const made = make("details", {}, summary, place);
  made.addEventListener("toggle", async () => {
    if (!made.open || place.hasChildNodes()) return;
    try {
      const { blocks } = await context.section(language, id);
      place.replaceChildren(...blocks.map(block));
    } catch {
      made.open = false;
      context.tell(context.words.texts.widget_failed);
    }
  });
  return made;
}

function block({ kind, text, items }) {
  if (kind === "list") return make("ul", {}, ...items.map((item) => make("li", {}, item)));
  return make("p", {}, text);
}

export function suggestions(choices, className, language) {
  return choices.map(({ label, value }) =>
    make("button", { type: "button", className, lang: language, value }, label),
  );
}

// Thumbs. The question goes with them only where the person ticks the box.
export function feedback(reply, context) {
  const { texts } = context.words;
  const up = thumb("up", texts.widget_helpful);
  const down = thumb("down", texts.widget_unhelpful);
  const said = make("span", { role: "status" }, texts.widget_rate);
  const row = make("div", { className: "thumbs" }, said, up, down);
  // not part of what was said: it is not announced with it
  const about = { role: "group", "aria-label": texts.widget_rate, "aria-live": "off" };
  const group = make("div", { className: "feedback", ...about }, row);
  let sending = false;

  async function rate(pressed, opinion) {
    if (reply.rated || sending) return;
    sending = true;
    try {
      await context.rate(reply, { reason: null, question: null, ...opinion });
    } catch (error) {
      context.tell(error.status ? error.message : texts.widget_failed);
      return;
    } finally {
      sending = false;
    }
    row.nextSibling?.remove();
    for (const each of [up, down]) each.setAttribute("aria-disabled", "true");
    down.removeAttribute("aria-expanded");
    pressed.setAttribute("aria-pressed", "true");
    said.textContent = texts.widget_thanks;
    pressed.focus();
  }

  function ask() {
    if (reply.rated) return;
    const form = row.nextSibling;
    down.setAttribute("aria-expanded", String(!form));
    if (form) {
      form.remove();
      down.focus();
      return;
    }
    group.append(reasons(reply, context, (opinion) => rate(down, opinion), ask));
    group.querySelector("input").focus();
    group.lastChild.scrollIntoView({ block: "nearest" });
  }

  up.addEventListener("click", () => rate(up, { helpful: true }));
  down.setAttribute("aria-expanded", "false");
  down.addEventListener("click", ask);
  return group;
}

function thumb(way, name) {
  const className = `thumb ${way}`;
  return iconButton("thumb", { className, "aria-label": name, title: name, "aria-pressed": "false" });
}

function reasons(reply, context, send, cancel) {
  const { texts } = context.words;
  const choices = REASONS.map((value) =>
    choice(texts[`widget_reason_${value}`], { type: "radio", name: "reason", value }),
  );
  const question = context.question(reply);
  const box = { type: "checkbox", name: "along" };
  const along = question ? choice(texts.widget_send_along, box) : null;
  const made = make(
    "form",
    {},
    make("fieldset", {}, make("legend", {}, texts.widget_reason), ...choices),
    along,
    make("button", { className: "small filled" }, texts.widget_rate_send),
    button(texts.widget_rate_cancel, "small", cancel),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(made);
    const sent = given.has("along") ? question : null;
    send({ helpful: false, reason: given.get("reason"), question: sent });
  });
  return made;
}

function choice(text, properties) {
  return make("label", { className: "choice" }, make("input", properties), make("span", {}, text));
}
