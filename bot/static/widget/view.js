// What was said, as elements, and how elements are made. Text always goes in as text, so nothing
// that anybody writes becomes markup. Nothing here knows the network or keeps anything.

// Sections that an answer comes from; what stands beside it, or beside no answer, is only near.
const OWN = Object.freeze({ answer: 1, no_answer: 0 });
const ADDRESS = /(https?:\/\/\S+)/;
const REASONS = Object.freeze(["wrong", "unclear", "incomplete", "not_my_question"]);
const SVG = "http://www.w3.org/2000/svg";

const ICONS = Object.freeze({
  menu: "M5 12h.01M12 12h.01M19 12h.01",
  close: "m6.5 6.5 11 11m0-11-11 11",
  send: "M12 19V5.5m-6 6 6-6 6 6",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.6-3.8 3.6-6 7.5-6s6.9 2.2 7.5 6",
  thumb: "M7.5 11v9H4v-9zl4-7.5c1.6 0 2.5 1.1 2.2 2.7L13 9.5h5.5c1.1 0 1.9 1 1.7 2.1l-1.3 7c-.2.9-.9 1.4-1.7 1.4H7.5",
  more: "m6 9.5 6 6 6-6",
  back: "m14.5 5.5-6.5 6.5 6.5 6.5",
  copy: "M9 9h11v11H9zM5.5 15H4V4h11v1.5",
  done: "m5 12.5 4.5 4.5L19 7",
});

// Make an element: what it knows as a property is set so, the rest as an attribute.
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

// A button that shows a picture and says what it does.
export function iconButton(picture, properties = {}) {
  const { className = picture, ...more } = properties;
  return make("button", { type: "button", ...more, className: `icon ${className}` }, icon(picture));
}

// A button with words.
export function button(text, className, onclick) {
  return make("button", { type: "button", className, onclick }, text);
}

// A link, or only its words where the address is not one of the web.
export function link(url, options, ...children) {
  let address;
  try {
    address = new URL(url, options.base);
  } catch {
    return make("span", {}, ...children);
  }
  if (!["https:", "http:"].includes(address.protocol)) return make("span", {}, ...children);
  if (!options.newTab) return make("a", { href: address.href }, ...children);
  const hint = make("span", { className: "sr" }, ` (${options.newTab})`);
  return make("a", { href: address.href, target: "_blank", rel: "noopener" }, ...children, hint);
}

function day(iso, locale) {
  const [year, month, date] = iso.split("-").map(Number);
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeZone: "UTC" });
  return format.format(Date.UTC(year, month - 1, date));
}

// A paragraph of the assistant's own; an address in it stands alone behind a colon.
function paragraph(text, { links }) {
  const pieces = text.split(ADDRESS).filter(Boolean);
  return make("p", {}, ...pieces.map((p) => (ADDRESS.test(p) ? link(p, links, p) : p)));
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
  // right after the sentence that says that it is filed: the rest is for reading at leisure
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
      // not on an http page, or not allowed: it is marked, so that Ctrl+C copies it
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
  const follow = link(url, context.links, texts.widget_follow);
  follow.className = "follow";
  return make("div", { className: "ticket" }, facts, follow);
}

// Sections by number and title. In the language of a reply that comes from them, they can be read
// here; what is only near them is a link away.
function citations(name, sections, language, context) {
  if (!sections.length) return null;
  const list = make("ul");
  for (const section of sections) {
    const { number, title, url, policy, version } = section;
    const named = link(url, context.links, number ? `${number} · ${title}` : title);
    const origin = make("span", { className: "document" }, `${policy}, ${version}`);
    list.append(make("li", {}, named, origin, language && whole(section, language, context)));
  }
  return make("div", { className: "sources" }, make("p", { className: "label" }, name), list);
}

// The whole section, fetched when it is unfolded. It is no message, so it is not announced.
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

// Buttons that say something for the person.
export function suggestions(choices, className, language) {
  return choices.map(({ label, value }) =>
    make("button", { type: "button", className, lang: language, value }, label),
  );
}

// Thumbs under an answer. Nothing about the conversation goes with them, and the question only
// where the person ticks the box.
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
