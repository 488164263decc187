// The privacy assistant on any website: a button, and a chat behind it. Until somebody opens the
// chat, only this file is loaded, and nothing is stored or sent. Styles are constructed sheets,
// which a strict content security policy lets through.
(() => {
  "use strict";
  if (window.PrivacyAssistant) return; // the page has the script more than once

  const NAME = "privacy-assistant";
  const BASE = new URL(".", document.currentScript.src).href;
  const LABELS = __LAUNCHER__; // from the server: code -> open, close, name
  const OPTIONS = Object.freeze(["lang", "color", "position", "greeting", "open", "z-index", "mode"]);
  const SHEET = `
:host { all: initial !important; display: block !important; direction: ltr !important; position: fixed !important; z-index: var(--privacy-assistant-z, 1000) !important; }
:host([mode="page"]) { position: static !important; height: 100% !important; }
.launcher, .failed { position: fixed; right: 20px; bottom: 20px; border: 2px solid; }
.launcher { --brand: #0b6b5d; --brand-ink: #fff; width: 60px; height: 60px; padding: 0; border-radius: 50%; background: var(--brand); color: var(--brand-ink); box-shadow: 0 4px 24px rgb(0 20 15 / 30%); cursor: pointer; }
.left { right: auto; left: 20px; }
.launcher:hover { box-shadow: 0 6px 32px rgb(0 20 15 / 45%); }
.launcher:focus-visible { outline: 3px solid #1257c4; outline-offset: 3px; }
.launcher[aria-busy] { cursor: progress; opacity: .8; }
.launcher svg { display: block; width: 30px; margin: auto; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
[aria-expanded="true"] .shut, [aria-expanded="false"] .cross { display: none; }
.failed { bottom: 96px; padding: 12px 16px; border-radius: 12px; background: #fff; color: #0b6b5d; font: 16px/1.5 system-ui, sans-serif; }
.failed a { color: inherit; }
@media (prefers-color-scheme: dark) { .launcher { --brand: #53c7b2; --brand-ink: #06231d; } .launcher:focus-visible { outline-color: #8ab4ff; } }
@media print { :host { display: none !important; } }`;
  const SHIELD = "M12 2.5 4.5 5.3v5.6c0 4.7 3.2 8.9 7.5 10.3 4.3-1.4 7.5-5.6 7.5-10.3V5.3zm-3.2 9.3 2.3 2.3 4.2-4.5";
  const CROSS = "m6.5 6.5 11 11m0-11-11 11";

  // Any CSS colour, as the browser itself reads it; null where it is none.
  function rgb(colour) {
    if (!colour || !CSS.supports("color", colour)) return null;
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = colour;
    const parts = /^#(..)(..)(..)$/.exec(pen.fillStyle);
    return parts && parts.slice(1).map((part) => Number.parseInt(part, 16));
  }

  // as WCAG defines it
  function luminance(colour) {
    const [red, green, blue] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  // Black or white: one of them always has more than 4.5 to 1.
  function inkOn(colour) {
    return luminance(colour) > 0.179 ? "#000000" : "#ffffff";
  }

  function known(code) {
    const short = (code ?? "").toLowerCase().split("-")[0];
    return LABELS[short] && short;
  }

  function drawing(className, d) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", className);
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(space, "path"));
    svg.firstChild.setAttribute("d", d);
    return svg;
  }

  async function fetched(path, as) {
    const response = await fetch(BASE + path, { credentials: "omit" });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response[as]();
  }

  class PrivacyAssistant extends HTMLElement {
    static observedAttributes = ["lang", "color", "z-index"];
    #launcher = null;
    #loading = null;
    #panel = null;

    connectedCallback() {
      if (this.shadowRoot) return; // it was only moved
      if (this.isPage) {
        // what stands inside works by itself, and stays until the chat can replace it
        this.#load().catch((error) => console.warn(NAME, error));
        return;
      }
      this.#begin();
      this.#launcher = this.#button();
      this.#paint();
      this.#label();
      this.shadowRoot.append(this.#launcher);
      if (this.hasAttribute("open")) this.open(false);
    }

    attributeChangedCallback(name) {
      if (!this.shadowRoot) return;
      if (name === "lang") this.setLanguage(this.getAttribute("lang"));
      else this.#paint();
    }

    get isPage() {
      return this.getAttribute("mode") === "page";
    }

    get language() {
      const wishes = [this.getAttribute("lang"), document.documentElement.lang];
      const codes = [...wishes, ...navigator.languages, "en", Object.keys(LABELS)[0]];
      return codes.map(known).find(Boolean);
    }

    get onLeft() {
      // by itself at the end of the line, which is on the left where people read to the left
      const place = this.getAttribute("position");
      if (place === "left" || place === "right") return place === "left";
      return getComputedStyle(document.documentElement).direction === "rtl";
    }

    async open(byPerson = true) {
      try {
        (await this.#load()).show(byPerson);
      } catch (error) {
        console.warn(NAME, error);
        this.#apologise();
      }
    }

    close() {
      this.#panel?.hide();
    }

    async ask(text) {
      await this.open();
      this.#panel?.ask(String(text));
    }

    setLanguage(code) {
      if (!known(code)) return;
      if (this.getAttribute("lang") !== code) {
        this.setAttribute("lang", code); // and back here
        return;
      }
      this.#label();
      this.#panel?.setLanguage(known(code));
    }

    destroy() {
      this.#panel?.unmount();
      this.remove();
    }

    #begin() {
      this.attachShadow({ mode: "open" });
      this.#style(SHEET);
    }

    #style(text) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      this.shadowRoot.adoptedStyleSheets.push(sheet);
    }

    #button() {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "launcher";
      button.setAttribute("aria-haspopup", "dialog");
      button.setAttribute("aria-expanded", "false");
      button.append(drawing("shut", SHIELD), drawing("cross", CROSS));
      button.addEventListener("click", () => (this.#panel?.isOpen ? this.close() : this.open()));
      return button;
    }

    #label() {
      if (!this.#launcher) return;
      const words = LABELS[this.language];
      const text = this.#panel?.isOpen ? words.close : words.open;
      this.#launcher.setAttribute("aria-label", text);
      this.#launcher.title = text;
      this.#launcher.lang = this.language;
    }

    #paint() {
      const layer = Number.parseInt(this.getAttribute("z-index"), 10);
      if (layer) this.style.setProperty("--privacy-assistant-z", layer);
      this.#launcher?.classList.toggle("left", this.onLeft);
      const brand = rgb(this.getAttribute("color"));
      if (brand && this.#launcher) {
        this.#launcher.style.setProperty("--brand", `rgb(${brand.join(" ")})`);
        this.#launcher.style.setProperty("--brand-ink", inkOn(brand));
      }
      this.#panel?.paint(brand);
    }

    // The rest, all at once; after a failure it is tried again.
    #load() {
      this.#loading ??= this.#loaded().catch((error) => {
        this.#loading = null;
        throw error;
      });
      return this.#loading;
    }

    async #loaded() {
      this.#launcher?.setAttribute("aria-busy", "true");
      try {
        const [module, css, words] = await Promise.all([
          import(`${BASE}static/widget/panel.js`),
          fetched("static/widget/widget.css", "text"),
          fetched(`api/v1/texts/${this.language}`, "json"),
        ]);
        if (!this.shadowRoot) this.#begin();
        this.#style(css);
        this.shadowRoot.querySelector(".failed")?.remove();
        this.#panel = module.mount(this, {
          base: BASE,
          words,
          launcher: this.#launcher,
          colours: { luminance, inkOn },
          toggled: (open) => this.#toggled(open),
        });
        this.#paint();
        return this.#panel;
      } finally {
        this.#launcher?.removeAttribute("aria-busy");
      }
    }

    #toggled(open) {
      this.#launcher.setAttribute("aria-expanded", String(open));
      this.#label();
    }

    // The files do not come: the hosted page has the same assistant.
    #apologise() {
      if (this.shadowRoot.querySelector(".failed")) return;
      const note = document.createElement("div");
      note.className = this.onLeft ? "failed left" : "failed";
      note.setAttribute("role", "alert");
      this.shadowRoot.append(note);
      const link = document.createElement("a");
      link.href = `${BASE}chat?lang=${this.language}`;
      link.target = "_blank";
      link.rel = "noopener";
      link.lang = this.language;
      link.textContent = LABELS[this.language].open;
      note.append(link);
    }
  }

  if (!customElements.get(NAME)) customElements.define(NAME, PrivacyAssistant);

  const wishes = document.currentScript.dataset;
  let own = null;

  function current() {
    return document.querySelector(NAME) ?? own;
  }

  function attach() {
    if (document.querySelector(NAME)) return;
    if (!own) {
      own = document.createElement(NAME);
      for (const option of OPTIONS) {
        const value = wishes[option.replace("-i", "I")];
        if (value !== undefined) own.setAttribute(option, value);
      }
    }
    document.body.append(own);
  }

  // A site that swaps its pages takes the chat away with the rest: it is put back as it was.
  // Only the children of the document and of its body are watched, which costs nothing.
  const watcher = new MutationObserver(() => {
    if (!document.body || current()?.isConnected) return;
    watch();
    attach();
  });

  function watch() {
    watcher.disconnect();
    watcher.observe(document.documentElement, { childList: true });
    watcher.observe(document.body, { childList: true });
  }

  function destroy() {
    watcher.disconnect();
    for (const element of document.querySelectorAll(NAME)) element.destroy();
    delete window.PrivacyAssistant; // the script may come again
  }

  window.PrivacyAssistant = Object.freeze({
    open: () => current().open(),
    close: () => current().close(),
    ask: (text) => current().ask(text),
    setLanguage: (code) => current().setLanguage(code),
    destroy,
  });

  function begin() {
    watch();
    attach();
    const detail = window.PrivacyAssistant;
    document.dispatchEvent(new CustomEvent(`${NAME}:ready`, { detail }));
  }

  if (document.body && document.readyState !== "loading") begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
})();
