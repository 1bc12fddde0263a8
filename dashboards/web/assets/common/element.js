// Making DOM nodes and changing them only where they differ, so that a page that runs for weeks stays as it is.

const SVG = "http://www.w3.org/2000/svg";

/** `<tag class="…">` with children: nodes or text. */
export function make(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** An SVG node with attributes. */
export function draw(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function setText(node, text) {
  const next = String(text);
  if (node.textContent !== next) node.textContent = next;
}

/** Set an attribute; null takes it away. */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

/** A part of a table that stays one for screen readers where the style lays it out as a grid. */
export function tablePart(tag, role, className = "", ...children) {
  const node = make(tag, className, ...children);
  node.setAttribute("role", role);
  return node;
}

/** Text that only screen readers get. */
export function spoken(text = "") {
  return make("span", "spoken", text);
}
