// The chat page with JavaScript: messages go to the API and the page stays.
// Nothing is stored before the first message; then one entry for this tab only.

const form = document.getElementById("composer");
const field = document.getElementById("text");
const log = document.getElementById("log");
const messages = document.getElementById("messages");
const choices = document.getElementById("choices");
const typing = document.getElementById("typing");
const problem = document.getElementById("problem");
const forget = document.getElementById("forget");
const words = form.dataset;
const KEPT = "privacy-assistant";
const API = "/api/v1";
const LOCALES = JSON.parse(words.locales);

let conversation = null;
let turns = [];
let waiting = false;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function paragraphs(text) {
  return text.split("\n\n").map((part) => {
    const p = element("p");
    // a link in a reply is the assistant's own: it stands alone behind a colon
    for (const piece of part.split(/(https?:\/\/\S+)/)) {
      p.append(/^https?:\/\//.test(piece) ? element("a", { href: piece }, piece) : piece);
    }
    return p;
  });
}

function day(iso, language) {
  const [year, month, date] = iso.split("-").map(Number);
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: "full", timeZone: "UTC" }).format(
    Date.UTC(year, month - 1, date),
  );
}

function entry(name, value, className = "") {
  return element("div", {}, element("dt", {}, name), element("dd", { className }, value));
}

function card(ticket, language) {
  return element(
    "dl",
    { className: "ticket" },
    entry(words.reference, ticket.reference, "reference"),
    entry(words.due, day(ticket.due_at, language)),
    ticket.stop_by ? entry(words.stop, day(ticket.stop_by, language)) : null,
  );
}

function citations(name, sections) {
  if (!sections.length) return null;
  const list = element("ul");
  for (const section of sections) {
    const link = element("a", { href: section.url });
    if (section.number) link.append(element("span", { className: "number" }, section.number), " ");
    link.append(section.title);
    const origin = `${section.policy}, ${section.version}`;
    list.append(element("li", {}, link, " ", element("span", { className: "document" }, origin)));
  }
  return element("div", { className: "sources" }, element("p", {}, name), list);
}

// an answer comes from its first section; what stands beside it, or beside no answer, is only near
function sources(reply) {
  const own = { answer: 1, no_answer: 0 }[reply.kind] ?? reply.sections.length;
  return [
    citations(words.source, reply.sections.slice(0, own)),
    citations(words.related, reply.sections.slice(own)),
  ].filter(Boolean);
}

function showOwn(text, language) {
  const bubble = element("div", { className: "bubble" }, element("p", {}, text));
  const who = element("span", { className: "sr" }, `${words.you}:`);
  messages.append(element("li", { className: "message you", lang: language }, who, bubble));
  log.scrollTop = log.scrollHeight;
}

function showReply(reply) {
  const bubble = element("div", { className: "bubble" }, ...paragraphs(reply.text));
  if (reply.ticket) bubble.append(card(reply.ticket, reply.language));
  bubble.append(...sources(reply));
  const who = element("span", { className: "sr" }, `${words.assistant}:`);
  const item = element("li", { className: "message assistant", lang: reply.language }, who, bubble);
  messages.append(item);
  choices.replaceChildren(
    ...reply.choices.map((choice) =>
      element(
        "button",
        // the field is empty then, and need not be filled
        { name: "text", value: choice.value, lang: reply.language, formNoValidate: true },
        choice.label,
      ),
    ),
  );
  // the start of a long reply is what has to be seen first
  log.scrollTop = Math.min(item.offsetTop - log.offsetTop - 12, log.scrollHeight);
}

function keep() {
  sessionStorage.setItem(KEPT, JSON.stringify({ conversation, turns }));
  forget.hidden = false;
}

function fail(text, retry) {
  problem.replaceChildren(element("span", {}, text));
  if (retry) {
    const again = element("button", { type: "button" }, words.retry);
    again.addEventListener("click", () => {
      field.focus();
      retry();
    });
    problem.append(again);
  }
  log.scrollTop = log.scrollHeight;
}

async function call(body) {
  const response = await fetch(`${API}/messages`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": words.language },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

async function send(body) {
  waiting = true;
  problem.replaceChildren();
  typing.textContent = words.typing;
  try {
    const { status, answer } = await call(body);
    if (status !== 200) {
      fail(answer.error.message, status >= 500 ? () => send(body) : null);
      if (status < 500 && !field.value) field.value = body.text;
      return;
    }
    conversation = answer.conversation;
    showReply(answer.reply);
    turns.push(answer.reply);
    keep();
  } catch {
    // the same message id again: a reply that got lost on the way is no second ticket
    fail(words.failed, () => send(body));
  } finally {
    waiting = false;
    typing.textContent = "";
  }
}

function newId() {
  // randomUUID is missing where a company tries this out without https
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function say(text) {
  if (waiting || !text.trim()) return;
  showOwn(text, words.language);
  turns.push({ you: text });
  send({ text, conversation, message_id: newId(), language: words.language });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const pressed = event.submitter;
  if (pressed && pressed.name === "text") {
    say(pressed.value);
  } else {
    if (waiting || !field.value.trim()) return;
    say(field.value);
    field.value = "";
  }
  field.focus();
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit(document.getElementById("send"));
  }
});

forget.addEventListener("click", async () => {
  try {
    await fetch(`${API}/conversations/${encodeURIComponent(conversation)}`, { method: "DELETE" });
  } catch {
    fail(words.failed, () => forget.click());
    return;
  }
  sessionStorage.removeItem(KEPT);
  conversation = null;
  turns = [];
  messages.replaceChildren(messages.firstElementChild);
  choices.replaceChildren();
  problem.replaceChildren();
  typing.textContent = words.forgotten;
  forget.hidden = true;
  field.focus();
});

const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
if (kept) {
  ({ conversation, turns } = kept);
  // shown again, not announced again
  log.setAttribute("aria-live", "off");
  for (const turn of turns) turn.you ? showOwn(turn.you, words.language) : showReply(turn);
  requestAnimationFrame(() => log.removeAttribute("aria-live"));
  forget.hidden = !conversation;
}
