// What a test asks a page. Every function gives plain values.
window.probes = (() => {
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility({ visibilityProperty: true }) && box.width > 0 && box.height > 0;
  };
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const channels = (colour) => {
    if (!known.has(colour)) known.set(colour, measured(colour));
    return [...known.get(colour)];
  };
  const measured = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((value, index) => (index === 3 ? value / 255 : value));
  };
  const over = (top, below) => top.slice(0, 3).map((value, index) => value * top[3] + below[index] * (1 - top[3]));
  const light = (colour) => {
    const linear = colour.map((value) => value / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const background = (element) => {
    const above = [];
    for (let at = element; at; at = at.parentElement) above.push(channels(getComputedStyle(at).backgroundColor));
    return above.reverse().reduce((below, colour) => over(colour, below), [255, 255, 255]);
  };
  // SVG shapes lie behind their texts as siblings: those that are painted under the middle of a text.
  const painted = (element) => {
    const box = element.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    let below = background(element.ownerSVGElement.parentElement);
    for (const shape of element.ownerSVGElement.querySelectorAll("rect, path.cell")) {
      if (!(shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
      const point = new DOMPoint(x, y).matrixTransform(shape.getScreenCTM().inverse());
      const filled = shape.matches(".cell") ? shape.isPointInStroke(point) : shape.isPointInFill(point);
      if (!filled) continue;
      const style = getComputedStyle(shape);
      const colour = channels(shape.matches(".cell") ? style.stroke : style.fill);
      colour[3] *= Number(style.opacity) * Number(style.fillOpacity);
      below = over(colour, below);
    }
    return below;
  };
  const texts = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (walker.currentNode.data.trim() && !parent.closest("script, style, title, desc, .unseen, .skip") && shown(parent)) found.add(parent);
    }
    return [...found];
  };
  return {
    dim: () =>
      texts()
        .map((element) => {
          const drawn = element instanceof SVGElement;
          const below = drawn ? painted(element) : background(element);
          const style = getComputedStyle(element);
          const ink = over(channels(drawn ? style.fill : style.color), below);
          return { text: element.textContent.trim().slice(0, 30), ratio: contrast(ink, below) };
        })
        .filter((one) => one.ratio < 4.5),
    texts: () => texts().length,
    plots: () => [...document.querySelectorAll("svg.plot")].map((one) => ({ name: one.getAttribute("aria-label"), shown: shown(one), width: one.getBoundingClientRect().width })),
    empty: () =>
      [...document.querySelectorAll("svg.plot")]
        .filter((one) => {
          const box = one.getBBox();
          return !(box.width > 0 && box.height > 0);
        })
        .map((one) => one.getAttribute("aria-label")),
    headings: () => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((one) => Number(one.tagName[1])),
    nameless: () =>
      [...document.querySelectorAll("img, svg:not([aria-hidden]), [role=region], nav, section, table, input, select")]
        .filter((one) => !(one.getAttribute("aria-label") || one.getAttribute("aria-labelledby") || one.caption || one.labels?.length))
        .map((one) => one.outerHTML.slice(0, 80)),
    wide: () => document.documentElement.scrollWidth - innerWidth,
    twice: () => [...document.querySelectorAll("[id]")].map((one) => one.id).filter((id, index, all) => all.indexOf(id) !== index),
    lost: () => [...document.querySelectorAll('[href^="#"]')].map((one) => one.getAttribute("href").slice(1)).filter((id) => !document.getElementById(id)),
    spills: () =>
      [...document.querySelectorAll("svg.plot text")]
        .filter((one) => {
          const [box, frame] = [one.getBoundingClientRect(), one.ownerSVGElement.getBoundingClientRect()];
          return shown(one.ownerSVGElement) && (box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2);
        })
        .map((one) => one.textContent),
    focused: () => {
      const at = document.activeElement;
      const ring = getComputedStyle(at.matches(".theme input") ? at.nextElementSibling : at);
      return { order: [...document.querySelectorAll("*")].indexOf(at), body: at === document.body, name: (at.textContent || at.id).trim().slice(0, 40), ring: ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2 };
    },
  };
})();
