// Making elements. Text always goes in as text, so nothing that anybody writes becomes markup.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = Object.freeze({
  shield: [
    "M12 2.500 4.500 5.300v5.600c0 4.700 3.200 8.900 7.500 10.300 4.300-1.400 7.500-5.600 7.500-10.300V5.300z",
    "m8.800 11.800 2.300 2.300 4.200-4.500",
  ],
  menu: ["M5 12h.01M12 12h.01M19 12h.01"],
  close: ["m6.500 6.500 11 11m0-11-11 11"],
  send: ["M12 19V5.500m-6 6 6-6 6 6"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.500 20.500c.6-3.800 3.600-6 7.500-6s6.900 2.200 7.500 6"],
  up: ["M7.500 11v9H4v-9zm0 0 4-7.500c1.600 0 2.500 1.100 2.200 2.700L13 9.500h5.500c1.100 0 1.900 1 1.700 2.100l-1.300 7c-.2.900-.9 1.400-1.700 1.400H7.500"],
  down: ["M7.500 13V4H4v9zm0 0 4 7.500c1.600 0 2.500-1.100 2.200-2.700L13 14.500h5.500c1.100 0 1.900-1 1.700-2.100l-1.300-7c-.2-.9-.9-1.400-1.700-1.400H7.500"],
  more: ["m6 9.500 6 6 6-6"],
  back: ["m14.500 5.500-6.500 6.500 6.500 6.500"],
  copy: ["M9 9h11v11H9z", "M5.500 15H4V4h11v1.500"],
  done: ["m5 12.500 4.500 4.500L19 7"],
});

// Make an element: what it knows as a property is set so, the rest as an attribute.
export function make(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

// A button that shows a picture and says what it does.
export function iconButton(picture, className, properties = {}) {
  return make("button", { type: "button", className: `icon ${className}`, ...properties }, icon(picture));
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
