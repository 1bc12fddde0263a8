// Run in the page by the tests: what a viewer can see of its text, and where it is.
() => {
  const wall = innerWidth / 1920;
  const panels = ".face, .chamber, .chambers, .alarms, .figures, .top, .empty";
  const isForEarsOnly = (node) => node.closest(".spoken, noscript") || getComputedStyle(node).clipPath !== "none" || getComputedStyle(node.closest("thead, dt") ?? node).clipPath !== "none";
  const texts = [];
  const cut = [];
  let nodes = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (node.data.trim() === "" || isForEarsOnly(parent)) continue;
    nodes += 1;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((rect) => rect.width > 0);
    const size = parseFloat(getComputedStyle(parent).fontSize) / wall;
    for (const rect of rects) {
      // an inline box is as tall as its font's ascent and descent; ink is roughly its middle
      const box = { left: rect.left, right: rect.right, top: rect.top + 0.33 * rect.height, bottom: rect.top + 0.79 * rect.height };
      for (let up = parent; up; up = up.parentElement) {
        if (getComputedStyle(up).overflowX === "visible") continue;
        const edge = up.getBoundingClientRect();
        const isTold = getComputedStyle(up).textOverflow === "ellipsis";
        if (!isTold && (box.left < edge.left - 1 || box.right > edge.right + 1)) cut.push(node.data);
        box.left = Math.max(box.left, edge.left);
        box.right = Math.min(box.right, edge.right);
      }
      const panel = parent.closest(panels)?.getBoundingClientRect();
      const isInside = !panel || (box.left >= panel.left - 1 && box.right <= panel.right + 1 && box.top >= panel.top - 1 && box.bottom <= panel.bottom + 1);
      texts.push({ text: node.data, size, isInside, node: nodes, ...box });
    }
  }
  const overlaps = [];
  for (const a of texts) {
    for (const b of texts) {
      if (a.node >= b.node || a.right - a.left < 1 || b.right - b.left < 1) continue;
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > 1 && y > 1) overlaps.push(`${a.text} × ${b.text}`);
    }
  }
  const root = document.documentElement;
  const sizes = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.offsetWidth > 0).map((each) => parseFloat(getComputedStyle(each).fontSize) / wall);
  return {
    scrollsBy: [root.scrollWidth - innerWidth, root.scrollHeight - innerHeight],
    small: texts.filter((each) => each.size < 29.99).map((each) => each.text),
    outside: texts.filter((each) => !each.isInside || each.right > innerWidth || each.bottom > innerHeight).map((each) => each.text),
    cut,
    overlaps,
    states: Math.min(...sizes(".state .word"), 1000),
    numbers: Math.min(...sizes(".number"), 1000),
    names: Math.min(...sizes(".name"), 1000),
  };
}
