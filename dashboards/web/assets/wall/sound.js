// Makes the sounds: short tones of its own, no file. Browsers allow that only after somebody has touched the page;
// until then, and when it is switched off, the wall says so.

const KEPT_AS = "ninebelow.sound";
const LOUDNESS = 0.25;
const EDGE_S = 0.012; // so that a tone does not click

/** Each priority by how many tones and how high: `[Hz, starts at s, lasts s]`. */
const TONES = {
  critical: [[1046, 0, 0.14], [784, 0.18, 0.14], [1046, 0.36, 0.14], [784, 0.54, 0.14], [1046, 0.72, 0.14]],
  high: [[880, 0, 0.2], [880, 0.32, 0.2]],
  medium: [[587, 0, 0.3]],
  low: [[392, 0, 0.18]],
  blind: [[440, 0, 0.25], [330, 0.28, 0.4]],
};

export class Sound {
  #context = new AudioContext(); // suspended where the browser wants a touch first, running where it was told not to
  #isWanted = localStorage.getItem(KEPT_AS) !== "off";
  #onChange;

  /** `onChange()` is called when it becomes audible or ceases to be. */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#context.addEventListener("statechange", onChange);
    for (const touch of ["click", "keyup"]) addEventListener(touch, () => this.#wake(), { passive: true });
  }

  /** `on`, `off` because somebody switched it off, or `barred` until somebody touches the page. */
  get state() {
    if (!this.#isWanted) return "off";
    return this.#context.state === "running" ? "on" : "barred";
  }

  /** Somebody pressed the switch: on where it was off or barred, else off. */
  toggle() {
    if (this.state !== "barred") {
      this.#isWanted = !this.#isWanted;
      localStorage.setItem(KEPT_AS, this.#isWanted ? "on" : "off");
    }
    this.#wake();
    this.#onChange();
  }

  /** Sound a priority, or `blind`; silent unless on. */
  play(name) {
    if (this.state !== "on") return;
    for (const [pitch, start, length] of TONES[name] ?? TONES.high) this.#tone(pitch, start, length);
  }

  #tone(pitch, start, length) {
    const context = this.#context;
    const from = context.currentTime + start;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUDNESS, from + EDGE_S);
    volume.gain.setValueAtTime(LOUDNESS, from + length - EDGE_S);
    volume.gain.linearRampToValueAtTime(0, from + length);
    tone.connect(volume).connect(context.destination);
    tone.addEventListener("ended", () => volume.disconnect());
    tone.start(from);
    tone.stop(from + length);
  }

  #wake() {
    if (this.#isWanted && this.#context.state === "suspended") this.#context.resume();
  }
}
