// Makes every brand colour readable (WCAG 2.2 AA).

const TEXT = 4.5; // contrast of text (1.4.3)
const EDGE = 3; // contrast of a control (1.4.11)
const STEPS = 40; // from the colour itself to black or white

function hex(text) {
  return text.trim().slice(1).match(/../g).map((part) => Number.parseInt(part, 16));
}

function css(colour) {
  return `rgb(${colour.map(Math.round).join(" ")})`;
}

function contrast(one, other, luminance) {
  const ratio = (luminance(one) + 0.05) / (luminance(other) + 0.05);
  return Math.max(ratio, 1 / ratio);
}

// The colour itself where it stands out from all grounds, else the nearest that does.
function shade(colour, grounds, wanted, luminance) {
  const end = luminance(grounds[0]) > 0.179 ? 0 : 255;
  for (let step = 0; step <= STEPS; step += 1) {
    const mixed = colour.map((part) => part + ((end - part) * step) / STEPS);
    if (grounds.every((ground) => contrast(mixed, ground, luminance) >= wanted)) return mixed;
  }
  return [end, end, end];
}

// Set the colours that follow from a brand's, on the grounds of the scheme in force.
export function paint(frame, brand, { luminance, inkOn }) {
  const style = getComputedStyle(frame);
  const grounds = ["--paper", "--ground", "--tint"].map((name) => hex(style.getPropertyValue(name)));
  const made = {
    "--brand": css(brand),
    "--brand-ink": inkOn(brand),
    "--accent": css(shade(brand, grounds, TEXT, luminance)),
    "--edge": css(shade(brand, grounds, EDGE, luminance)),
  };
  for (const [name, value] of Object.entries(made)) frame.style.setProperty(name, value);
}
