// A list of views, one per item, kept by key: nodes are made once, moved only when the order changes, and
// taken away with their item.

export class KeyedList {
  #parent;
  #create;
  #views = new Map();

  /** `create()` gives a view: `{element, update(item, …context)}`. */
  constructor(parent, create) {
    this.#parent = parent;
    this.#create = create;
  }

  /** Show these items, `[key, item]`, in this order. */
  update(entries, ...context) {
    const keys = new Set(entries.map(([key]) => key));
    for (const [key, view] of this.#views) {
      if (keys.has(key)) continue;
      view.element.remove();
      this.#views.delete(key);
    }
    let place = this.#parent.firstElementChild;
    for (const [key, item] of entries) {
      const view = this.#views.get(key) ?? this.#add(key);
      if (view.element === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(view.element, place);
      view.update(item, ...context);
    }
  }

  #add(key) {
    const view = this.#create();
    this.#views.set(key, view);
    return view;
  }
}
