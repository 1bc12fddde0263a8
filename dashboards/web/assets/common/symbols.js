// One shape per state, so that the page still reads in black and white. Drawn here, as fonts differ in theirs.

import { draw, setAttribute } from "./element.js";

const SHAPES = {
  disc: [["circle", { cx: 12, cy: 12, r: 10, class: "solid" }]],
  triangle: [["path", { d: "M12 1.5L23.5 22.5H.5Z", class: "solid" }]],
  triangle_open: [["path", { d: "M12 4L21.5 21.2H2.5Z", class: "thin" }]],
  octagon: [
    ["path", { d: "M7.5 1H16.5L23 7.5V16.5L16.5 23H7.5L1 16.5V7.5Z", class: "solid" }],
    ["path", { d: "M12 5.5V13.5M12 16V19", class: "cut" }],
  ],
  question: [
    ["path", { d: "M5.5 7.5C5.5 3.8 8.3 2 12 2S18.5 4 18.5 7.3C18.5 11.6 12 11.3 12 16", class: "line" }],
    ["path", { d: "M12 19.2V22.8", class: "line" }],
  ],
  square: [["rect", { x: 2.5, y: 2.5, width: 19, height: 19, class: "solid" }]],
  ring: [["circle", { cx: 12, cy: 12, r: 9.5, class: "thin" }]],
  diamond: [["path", { d: "M12 1.5L22.5 12L12 22.5L1.5 12Z", class: "thin" }]],
  half: [
    ["circle", { cx: 12, cy: 12, r: 9.5, class: "thin" }],
    ["path", { d: "M12 2.5A9.5 9.5 0 0 0 12 21.5Z", class: "solid" }],
  ],
  dash: [["path", { d: "M5 12H19", class: "line" }]],
  cross: [["path", { d: "M3.5 3.5L20.5 20.5M20.5 3.5L3.5 20.5", class: "line" }]],
  pause: [["path", { d: "M7 3V21M17 3V21", class: "line" }]],
  play: [["path", { d: "M4 1.5L22.5 12L4 22.5Z", class: "solid" }]],
  camera: [["path", { d: "M2 6H15V18H2ZM15 11L22 7V17L15 13", class: "thin" }]],
  camera_off: [["path", { d: "M2 6H15V18H2ZM15 11L22 7V17L15 13M3 23L21 1", class: "thin" }]],
  bell: [["path", { d: "M3 18.5C6 16 5.5 12 5.5 9.5C5.5 5.5 8.5 3 12 3S18.5 5.5 18.5 9.5C18.5 12 18 16 21 18.5ZM9.5 22H14.5", class: "thin" }]],
  bell_off: [
    ["path", { d: "M3 18.5C6 16 5.5 12 5.5 9.5C5.5 5.5 8.5 3 12 3S18.5 5.5 18.5 9.5C18.5 12 18 16 21 18.5ZM9.5 22H14.5", class: "thin" }],
    ["path", { d: "M2.5 2.5L21.5 21.5", class: "thin" }],
  ],
  half_square: [
    ["rect", { x: 3, y: 3, width: 18, height: 18, class: "thin" }],
    ["path", { d: "M3 21L21 3V21Z", class: "solid" }],
  ],
};

/** A symbol that can change its shape; the word beside it speaks for it. */
export class Symbol {
  #shape = null;

  constructor() {
    this.element = draw("svg", { class: "symbol", viewBox: "0 0 24 24", "aria-hidden": "true" });
  }

  show(shape) {
    if (shape === this.#shape) return;
    this.#shape = shape;
    setAttribute(this.element, "data-shape", shape);
    this.element.replaceChildren(...SHAPES[shape].map(([tag, attributes]) => draw(tag, attributes)));
  }
}
