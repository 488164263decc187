// The policy page with JavaScript: search while typing, the section that is being read marked in the
// contents, and language links that lead to the same section. Without it the search is a plain form.

const search = document.getElementById("find-form");
const field = search.elements.q;
const found = document.getElementById("find-status");
const instead = document.getElementById("find-instead");
const clear = document.getElementById("find-clear");
const sections = [...document.querySelectorAll("article section")];
const parts = [...document.querySelectorAll("[data-part]")];
const title = document.querySelector("article");
const ALIKE = { "’": "'", "‘": "'", œ: "oe", æ: "ae" };
const PAUSE = 500; // milliseconds without a key before the number of hits is announced
let announcing = 0;

// the same as fold() in bot/channels/finding.py
function fold(text) {
  let folded = "";
  const origins = [];
  let place = 0;
  for (const character of text) {
    const low = character.toLowerCase();
    for (const part of (ALIKE[low] ?? low).normalize("NFKD").replace(/\p{M}/gu, "")) {
      folded += part;
      for (let i = 0; i < part.length; i += 1) origins.push(place);
    }
    place += character.length;
  }
  return { folded, origins };
}

function wordsOf(query) {
  const { folded } = fold(query);
  return folded.split(/\s+/).filter((word) => word.length > 1 || /^\d$/.test(word));
}

function textNodes(section) {
  const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest(".label") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

function unmark(section) {
  for (const mark of section.querySelectorAll("mark")) mark.replaceWith(...mark.childNodes);
  section.normalize();
}

function mark(node, words) {
  const text = node.data;
  const { folded, origins } = fold(text);
  const pieces = [];
  let done = 0;
  let from = 0;
  while (from < folded.length) {
    const word = words.find((one) => folded.startsWith(one, from));
    if (word) {
      const start = origins[from];
      let end = origins[from + word.length - 1] + 1;
      while (end < text.length && /\p{M}/u.test(text[end])) end += 1;
      if (start >= done) {
        const hit = document.createElement("mark");
        hit.textContent = text.slice(start, end);
        pieces.push(text.slice(done, start), hit);
        done = end;
      }
      from += word.length;
    } else {
      from += 1;
    }
  }
  if (pieces.length) node.replaceWith(...pieces, text.slice(done));
}

function show() {
  const words = wordsOf(field.value).sort((a, b) => b.length - a.length);
  let count = 0;
  for (const section of sections) {
    unmark(section);
    const nodes = textNodes(section);
    const { folded } = fold(nodes.map((node) => node.data).join(" "));
    section.hidden = !words.every((word) => folded.includes(word));
    if (section.hidden) continue;
    count += 1;
    if (words.length) for (const node of nodes) mark(node, words);
  }
  for (const entry of document.querySelectorAll("[data-to]")) {
    entry.hidden = document.getElementById(entry.dataset.to).hidden;
  }
  for (const group of document.querySelectorAll(".group")) {
    group.hidden = !group.querySelector("li:not([hidden])");
  }
  for (const part of parts) {
    const article = document.querySelector(`article[data-part="${part.dataset.part}"]`);
    // the first one has the title of the page
    part.hidden = part !== title && !article.querySelector("section:not([hidden])");
  }
  title.parentElement.classList.toggle("searched", words.length > 0);
  instead.hidden = count > 0;
  instead.elements.text.value = field.value;
  clear.hidden = words.length === 0;
  keepAddress();
  clearTimeout(announcing);
  announcing = setTimeout(announce, PAUSE, words, count);
}

function announce(words, count) {
  const said = count ? search.dataset.found : search.dataset.none;
  const values = { count, total: search.dataset.total, query: field.value.trim() };
  found.textContent = words.length ? said.replace(/\{(\w+)\}/g, (_, name) => values[name]) : "";
}

// what is looked for stays in the address, so that a reload or a bookmark finds it again
function keepAddress() {
  const url = new URL(location.href);
  if (field.value.trim()) url.searchParams.set("q", field.value.trim());
  else url.searchParams.delete("q");
  history.replaceState(null, "", url);
}

field.addEventListener("input", show);
search.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
clear.addEventListener("click", (event) => {
  event.preventDefault();
  field.value = "";
  show();
  field.focus();
});

function reading(id) {
  for (const entry of document.querySelectorAll("[data-to]")) {
    const link = entry.firstElementChild;
    link.removeAttribute("aria-current");
    if (entry.dataset.to !== id) continue;
    link.setAttribute("aria-current", "location");
    // scrollIntoView would move the page too
    const list = link.closest(".wide");
    if (list) list.scrollTop = link.offsetTop - list.offsetTop - list.clientHeight / 3;
  }
  for (const link of document.querySelectorAll(".languages a")) link.hash = id;
}

// a section is being read while it crosses the upper third of the window
const watcher = new IntersectionObserver(
  (changes) => {
    const entered = changes.filter((change) => change.isIntersecting);
    if (entered.length) reading(entered[0].target.id);
  },
  { rootMargin: "-20% 0px -70% 0px" },
);
for (const section of sections) watcher.observe(section);

function arrive() {
  const section = sections.find((one) => `#${one.id}` === location.hash);
  if (!section) return;
  if (section.hidden) {
    field.value = "";
    show();
    section.scrollIntoView();
  }
  reading(section.id);
}
window.addEventListener("hashchange", arrive);
arrive();

// on a small screen the contents would stay in front of what was chosen
for (const link of document.querySelectorAll(".narrow a")) {
  link.addEventListener("click", () => link.closest("details").removeAttribute("open"));
}

const print = document.getElementById("print-page");
print.hidden = false;
print.addEventListener("click", () => window.print());
