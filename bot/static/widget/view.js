// What was said, as elements. Nothing here knows the network or keeps anything.

import { icon, iconButton, link, make } from "./dom.js";

// Sections that an answer comes from; what stands beside it, or beside no answer, is only near.
const OWN = Object.freeze({ answer: 1, no_answer: 0 });
const ADDRESS = /(https?:\/\/\S+)/;

function day(iso, locale) {
  const [year, month, date] = iso.split("-").map(Number);
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeZone: "UTC" });
  return format.format(Date.UTC(year, month - 1, date));
}

// Paragraphs of the assistant's own text; an address in it stands alone behind a colon.
function paragraphs(text, context) {
  return text.split("\n\n").map((part) => {
    const pieces = part.split(ADDRESS).filter(Boolean);
    return make("p", {}, ...pieces.map((p) => (ADDRESS.test(p) ? link(p, context.links, p) : p)));
  });
}

function message(who, className, language, ...content) {
  const name = make("span", { className: "sr" }, `${who}: `);
  const bubble = make("div", { className: "bubble" }, ...content);
  return make("li", { className: `message ${className}`, lang: language }, name, bubble);
}

export function intro(greeting, context) {
  const { texts, language } = context.words;
  const about = make("button", { type: "button", className: "plain" }, texts.widget_about);
  about.addEventListener("click", context.about);
  const paragraph = make("p", {}, texts.page_intro);
  const own = greeting ? make("p", { className: "greeting" }, greeting) : null;
  return message(texts.page_assistant, "assistant intro", language, own, paragraph, about);
}

export function ownMessage(turn, context) {
  return message(context.words.texts.page_you, "you", turn.language, make("p", {}, turn.you));
}

export function replyMessage(reply, context) {
  const { texts } = context.words;
  // the card has the link to follow a request
  const said = reply.ticket
    ? reply.text.split("\n\n").filter((part) => !part.includes(reply.ticket.url)).join("\n\n")
    : reply.text;
  const content = paragraphs(said, context);
  // right after the sentence that says that it is filed: the rest is for reading at leisure
  if (reply.ticket) content.splice(1, 0, card(reply.ticket, context));
  const own = OWN[reply.kind] ?? reply.sections.length;
  const [sources, related] = [reply.sections.slice(0, own), reply.sections.slice(own)];
  content.push(citations(texts.page_source, sources, (s) => whole(s, reply, context), context));
  content.push(citations(texts.page_related, related, () => [], context));
  return message(texts.page_assistant, "assistant", reply.language, ...content);
}

function card(ticket, context) {
  const { texts, locale } = context.words;
  const entry = (name, value) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value));
  const reference = make("dd", { className: "reference" }, ticket.reference);
  const copy = iconButton("copy", "copy", { "aria-label": texts.widget_copy, title: texts.widget_copy });
  copy.addEventListener("click", () => copied(reference, copy, context));
  const dates = make(
    "dl",
    { className: "dates" },
    ticket.stop_by ? entry(texts.page_stop_by, day(ticket.stop_by, locale)) : null,
    entry(texts.page_due, day(ticket.due_at, locale)),
  );
  const top = make("dl", {}, make("div", {}, make("dt", {}, texts.page_reference), reference));
  const follow = link(ticket.url, context.links, texts.widget_follow);
  follow.classList.add("follow");
  return make("div", { className: "ticket" }, make("div", { className: "head" }, top, copy), dates, follow);
}

async function copied(reference, button, context) {
  try {
    await navigator.clipboard.writeText(reference.textContent);
  } catch {
    // not on an http page, or not allowed: it is marked, so that Ctrl+C copies it
    getSelection().selectAllChildren(reference);
    return;
  }
  button.replaceChildren(icon("done"));
  context.tell(context.words.texts.widget_copied);
}

function citations(name, sections, more, context) {
  if (!sections.length) return null;
  const entry = (section) => make("li", {}, ...citation(section, context), ...more(section));
  const list = make("ul", {}, ...sections.map(entry));
  return make("div", { className: "sources" }, make("p", { className: "label" }, name), list);
}

function citation(section, context) {
  const number = section.number
    ? [make("span", { className: "number" }, section.number), " "]
    : [];
  const title = link(section.url, context.links, ...number, section.title);
  const origin = make("span", { className: "document" }, `${section.policy}, ${section.version}`);
  return [title, origin];
}

// A button that shows the whole section in place. It is no message: it is not announced.
function whole(section, reply, context) {
  const { texts } = context.words;
  const id = context.newId();
  const words = make("span", {}, texts.widget_whole);
  const about = make("span", { className: "sr" }, `: ${section.title}`);
  const button = make(
    "button",
    { type: "button", className: "plain more", "aria-expanded": "false", "aria-controls": id },
    words,
    about,
    icon("more"),
  );
  const place = make("div", { id, className: "whole", hidden: true, "aria-live": "off" });
  button.addEventListener("click", async () => {
    if (!place.hidden) {
      unfold(false);
      return;
    }
    if (!place.hasChildNodes() && !(await filled(place, section, reply, button, context))) return;
    unfold(true);
  });
  function unfold(open) {
    place.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    words.textContent = open ? texts.widget_whole_hide : texts.widget_whole;
  }
  return [button, place];
}

async function filled(place, section, reply, button, context) {
  button.setAttribute("aria-busy", "true");
  try {
    const { blocks } = await context.section(reply.language, section.id);
    place.append(...blocks.map(block));
    return true;
  } catch {
    context.tell(context.words.texts.widget_failed);
    return false;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function block({ kind, text, items }) {
  if (kind === "list") return make("ul", {}, ...items.map((item) => make("li", {}, item)));
  return make("p", {}, text);
}

// Buttons that say something for the person.
export function buttons(choices, className, language) {
  return choices.map(({ label, value }) =>
    make("button", { type: "button", className, lang: language, value }, label),
  );
}
