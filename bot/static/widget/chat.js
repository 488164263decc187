// The conversation: how it reaches the server, and what this tab keeps of it.

const KEY = "privacy-assistant";
const PATIENCE = 30_000; // milliseconds

// The server said no, in the person's language.
export class Refused extends Error {
  constructor(status, text, wait) {
    super(text);
    this.status = status;
    this.wait = wait;
  }
}

export function asksForPrivacy() {
  return navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
}

function newId() {
  // randomUUID is missing without https
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Api {
  #base;

  constructor(base) {
    this.#base = `${base}api/v1/`;
  }

  texts(code) {
    return this.#call("GET", `texts/${code}`, code);
  }

  section(code, id) {
    return this.#call("GET", `sections/${code}/${encodeURIComponent(id)}`, code);
  }

  message(body) {
    return this.#call("POST", "messages", body.language, body);
  }

  rate(body) {
    return this.#call("POST", "feedback", body.language, body);
  }

  forget(token, code) {
    return this.#call("DELETE", `conversations/${encodeURIComponent(token)}`, code);
  }

  async #call(method, path, language, body) {
    const headers = { "Accept-Language": language };
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(this.#base + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.ok) return response.status === 204 ? null : response.json();
    const { error } = await response.json();
    throw new Refused(response.status, error.message, Number(response.headers.get("Retry-After")));
  }
}

// One entry of the tab's own storage; where that is forbidden, the chat works until a reload.
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function write(state) {
  try {
    if (state) sessionStorage.setItem(KEY, JSON.stringify(state));
    else sessionStorage.removeItem(KEY);
  } catch {
    // full or forbidden
  }
}

// Turns are {you, language, id} and the server's replies, in their order.
export class Chat {
  #api;
  #token;
  waiting = false;

  constructor(api) {
    this.#api = api;
    const { conversation = null, turns = [] } = read();
    this.#token = conversation;
    this.turns = turns;
  }

  get begun() {
    return this.turns.length > 0 || this.#token !== null;
  }

  // The person's last turn, where no reply came.
  get unanswered() {
    const last = this.turns.at(-1);
    return last && "you" in last ? last : null;
  }

  questionBefore(reply) {
    return this.turns[this.turns.indexOf(reply) - 1]?.you ?? null;
  }

  say(text, language) {
    const turn = { you: text, language, id: newId() };
    this.turns.push(turn);
    this.#keep();
    return turn;
  }

  // Send the unanswered turn, always under the same id: what was filed is not filed again.
  async deliver() {
    const { you, language, id } = this.unanswered;
    const body = { text: you, conversation: this.#token, message_id: id, language };
    this.waiting = true;
    try {
      const { conversation, reply } = await this.#api.message(body);
      this.#token = conversation;
      this.turns.push(reply);
      this.#keep();
      return reply;
    } finally {
      this.waiting = false;
    }
  }

  takeBack() {
    const turn = this.turns.pop();
    this.#keep();
    return turn;
  }

  async rate(reply, opinion) {
    const { language, kind, sections } = reply;
    await this.#api.rate({ language, kind, section: sections[0]?.id ?? null, ...opinion });
    reply.rated = true;
    this.#keep();
  }

  async forget(language) {
    if (this.#token) await this.#api.forget(this.#token, language);
    this.#token = null;
    this.turns = [];
    this.#keep();
  }

  #keep() {
    const turns = asksForPrivacy() ? [] : this.turns;
    write(this.begun && { conversation: this.#token, turns });
  }
}
