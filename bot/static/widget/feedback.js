// Thumbs under an answer. Nothing about the conversation goes with them, and the question only
// where the person ticks the box.

import { iconButton, make } from "./dom.js";

const REASONS = Object.freeze(["wrong", "unclear", "incomplete", "not_my_question"]);

export function feedback(reply, context) {
  const { texts } = context.words;
  const up = thumb("up", texts.widget_helpful);
  const down = thumb("down", texts.widget_unhelpful);
  const said = make("span", { className: "thanks" }, texts.widget_rate);
  const row = make("div", { className: "thumbs" }, said, up, down);
  // not part of what was said: it is not announced with it
  const group = make("div", { className: "feedback", role: "group", "aria-label": texts.widget_rate, "aria-live": "off" }, row);

  async function rate(opinion, button) {
    if (reply.rated || group.ariaBusy === "true") return;
    group.setAttribute("aria-busy", "true");
    try {
      await context.rate(reply, opinion);
    } catch (error) {
      context.tell(error.status ? error.message : texts.widget_failed);
      return;
    } finally {
      group.removeAttribute("aria-busy");
    }
    group.querySelector("form")?.remove();
    for (const each of [up, down]) each.setAttribute("aria-disabled", "true");
    down.removeAttribute("aria-expanded");
    button.setAttribute("aria-pressed", "true");
    said.textContent = texts.widget_thanks;
    button.focus();
    context.tell(texts.widget_thanks);
  }

  up.addEventListener("click", () => rate({ helpful: true, reason: null, question: null }, up));
  down.setAttribute("aria-expanded", "false");
  down.addEventListener("click", () => {
    if (reply.rated) return;
    const open = group.querySelector("form");
    if (open) open.remove();
    else group.append(form(reply, context, (opinion) => rate(opinion, down), () => down.click()));
    down.setAttribute("aria-expanded", String(!open));
    if (open) down.focus();
    else {
      group.querySelector("input").focus();
      group.lastElementChild.scrollIntoView({ block: "nearest" });
    }
  });
  return group;
}

function thumb(picture, name) {
  return iconButton(picture, "thumb", { "aria-label": name, title: name, "aria-pressed": "false" });
}

function form(reply, context, send, cancel) {
  const { texts } = context.words;
  const group = context.newId();
  const reasons = REASONS.map((reason) =>
    choice("radio", texts[`widget_reason_${reason}`], { name: group, value: reason }),
  );
  const question = context.question(reply);
  const along = question ? choice("checkbox", texts.widget_send_along, { name: "along" }) : null;
  const made = make(
    "form",
    {},
    make("fieldset", {}, make("legend", {}, texts.widget_reason), ...reasons),
    along,
    make("button", { className: "small filled" }, texts.widget_rate_send),
    make("button", { type: "button", className: "small", onclick: cancel }, texts.widget_rate_cancel),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(made);
    send({
      helpful: false,
      reason: given.get(group),
      question: given.has("along") ? question : null,
    });
  });
  return made;
}

function choice(type, text, properties) {
  return make("label", { className: "choice" }, make("input", { type, ...properties }), make("span", {}, text));
}
