// What the pages of this folder draw with: elements, plots and their scales, and how they ask.

const NS = "http://www.w3.org/2000/svg";
const W = 520;
const PAD = { left: 46, right: 12, top: 18, bottom: 30 };

// JupyterLab takes the keys of what has the focus for its cells, unless that very element refuses.
const KEYED = ["input", "select", "button", "summary"];

function html(name, attributes = {}, ...children) {
  const keys = KEYED.includes(name) ? { "data-lm-suppress-shortcuts": "true" } : {};
  return filled(document.createElement(name), { ...keys, ...attributes }, children);
}

function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(NS, name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

function tidy(value, digits = 3) {
  if (value === null || value === undefined) return "failed";
  return Number(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(Math.abs(value) + 1)))))
    .toLocaleString("en");
}

function ticks(low, high, most = 6) {
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw || 1));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw) || power;
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-9; at += step) {
    found.push(Math.abs(at) < step * 1e-6 ? 0 : at);
  }
  return found;
}

function logTicks(low, high) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const each of [1, 2, 5]) found.push(each * 10 ** power);
  }
  return found.filter((each) => each >= low && each <= high);
}

// A plot: its frame, two scales, and how to draw on it.
function plot({ height, x, y, xLabel, yLabel, log = false, title }) {
  const root = svg("svg", { viewBox: `0 0 ${W} ${height}`, role: "img", "aria-label": title });
  const [left, right, top, foot] = [PAD.left, W - PAD.right, PAD.top, height - PAD.bottom];
  const t = (value) => (log ? Math.log10(Math.max(value, x[0])) : value);
  const [t0, t1] = [t(x[0]), t(x[1])];
  const px = (value) => left + ((t(value) - t0) / (t1 - t0 || 1)) * (right - left);
  const py = (value) => foot - ((value - y[0]) / (y[1] - y[0] || 1)) * (foot - top);
  const back = (pixel) => {
    const at = t0 + ((Math.min(Math.max(pixel, left), right) - left) / (right - left)) * (t1 - t0);
    return log ? 10 ** at : at;
  };
  for (const at of log ? logTicks(...x) : ticks(...x)) {
    root.append(
      svg("line", { x1: px(at), x2: px(at), y1: top, y2: foot, class: "grid" }),
      svg("text", { x: px(at), y: foot + 13, "text-anchor": "middle", class: "soft" }, tidy(at)),
    );
  }
  for (const at of ticks(...y, 5)) {
    root.append(
      svg("line", { x1: left, x2: right, y1: py(at), y2: py(at), class: "grid" }),
      svg("text", { x: left - 5, y: py(at) + 4, "text-anchor": "end", class: "soft" }, tidy(at)),
    );
  }
  root.append(
    svg("path", { d: `M${left} ${top}V${foot}H${right}`, class: "axis" }),
    svg("text", { x: right, y: height - 3, "text-anchor": "end", class: "soft" }, xLabel),
    svg("text", { x: left - 40, y: 11, class: "soft" }, yLabel || ""),
  );
  return { root, px, py, back, left, right, top, foot };
}

function path(p, xs, ys, { step = false } = {}) {
  let d = "";
  xs.forEach((x, i) => {
    if (ys[i] === null) return;
    const [a, b] = [p.px(x).toFixed(1), p.py(ys[i]).toFixed(1)];
    d += d === "" ? `M${a} ${b}` : step ? `H${a}V${b}` : `L${a} ${b}`;
  });
  return d;
}

function shade(p, low, high) {
  const [a, b] = [p.px(low), p.px(high)];
  const width = Math.max(b - a, 1.5);
  p.root.append(svg("rect", { x: a, y: p.top, width, height: p.foot - p.top, class: "brush" }));
}

// Drags a stretch; a click without a drag picks.
function brushable(p, onBrush, onPick) {
  const { root } = p;
  root.classList.add("brushable");
  const at = (event) => {
    const box = root.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * W;
  };
  root.addEventListener("pointerdown", (down) => {
    const from = at(down);
    const drawn = svg("rect", { y: p.top, height: p.foot - p.top, class: "brush" });
    root.append(drawn);
    root.setPointerCapture(down.pointerId);
    const move = (event) => {
      drawn.setAttribute("x", Math.min(from, at(event)));
      drawn.setAttribute("width", Math.abs(at(event) - from));
    };
    const end = (up) => {
      root.removeEventListener("pointermove", move);
      drawn.remove();
      const [a, b] = [from, at(up)].sort((one, two) => one - two);
      if (up.type === "pointercancel") return;
      if (b - a < 4) onPick(p.back(from));
      else onBrush(p.back(a), p.back(b));
    };
    root.addEventListener("pointermove", move);
    root.addEventListener("pointerup", end, { once: true });
    root.addEventListener("pointercancel", end, { once: true });
  });
}

function place(figure, drawn) {
  const old = figure.querySelector("svg");
  if (old) old.replaceWith(drawn);
  else figure.append(drawn);
}

function select(options, value, onchange, attributes = {}) {
  const made = html("select", { ...attributes, onchange: (event) => onchange(event.target.value) });
  for (const [key, label] of options) made.append(html("option", { value: key }, label));
  made.value = value;
  return made;
}

// What stands on an interval: the marks of verdicts and of predictions that the plots have.
const MARKS = {
  EXCEEDS: "M-5 4H5L0-5Z",
  BELOW: "M-5-4H5L0 5Z",
  INCONCLUSIVE: "M-2-5H2V-2H5V2H2V5H-2V2H-5V-2H-2Z",
  NOT_MEASURABLE: "M-4-4L4 4M-4 4L4-4",
  predicted: "M0-6.5L1.6-2.1L6.2-2L2.5.8L3.8 5.3L0 2.6L-3.8 5.3L-2.5.8L-6.2-2L-1.6-2.1Z",
};

function drawIntervals(figure, intervals, { told, threshold, title }) {
  const rows = intervals.filter((each) => each.point !== null);
  const ends = rows.flatMap((each) => [each.lower ?? each.point, each.upper ?? each.point]);
  const low = Math.max(Math.min(0, ...ends), -100);
  const top = Math.max(threshold ?? 0, 5, ...ends);
  const high = rows.some((each) => each.verdict) ? top + 0.3 * (top - low) : top + 2; // room for words
  const height = 44 + 22 * Math.max(rows.length, 1);
  const p = plot({
    height, x: [low, high], y: [rows.length, 0], xLabel: "saving (%)", title,
  });
  p.root.querySelectorAll("text.soft").forEach((each) => {
    if (each.getAttribute("text-anchor") === "end" && each.textContent !== "saving (%)") each.remove();
  });
  rows.forEach((each, row) => {
    const y = p.py(row + 0.5);
    const from = p.px(Math.max(each.lower ?? low, low));
    const to = p.px(each.upper ?? high);
    const bold = each.statistic === told ? "bold" : "normal";
    const kind = each.verdict || "predicted";
    p.root.append(
      svg("text", { x: p.left - 6, y: y + 4, "text-anchor": "end", "font-weight": bold }, each.statistic),
      svg("line", { x1: from, x2: to, y1: y, y2: y, class: `saved ${kind}` }),
      svg("path", { d: MARKS[kind], transform: `translate(${p.px(Math.max(each.point, low))} ${y})`, class: `saved ${kind}` }),
    );
    if (each.verdict) {
      const near = to > p.right - 110;
      const [x, anchor] = near ? [p.right, "end"] : [to + 6, "start"];
      p.root.append(svg("text", { x, y: y + 4, "text-anchor": anchor, "font-weight": bold, class: "over" }, each.verdict));
    }
  });
  if (threshold !== undefined) {
    const x = p.px(threshold);
    // Under the words of the rows, which it would strike through.
    p.root.insertBefore(svg("line", { x1: x, x2: x, y1: p.top, y2: p.foot, class: "claim" }), p.root.querySelector(".saved"));
  }
  place(figure, p.root);
}

// One question is under way at a time, and the last wish wins; `whole` gives what is asked.
function asking(model, root, whole) {
  let underWay = null;
  let waiting = false;
  function send() {
    underWay = ((model.get("asked") || {}).number || 0) + 1;
    waiting = false;
    model.set("asked", { number: underWay, at: performance.now(), ...whole() });
    model.save_changes();
  }
  return {
    ask() {
      if (underWay !== null) waiting = true;
      else send();
    },
    answered() {
      if (model.get("answered").number !== underWay && underWay !== null) return;
      underWay = null;
      const took = performance.now() - (model.get("asked").at || 0);
      requestAnimationFrame(() => root.setAttribute("data-took-ms", took.toFixed(1)));
      if (waiting) send();
    },
    isIdle: () => underWay === null,
  };
}

// Draws again whatever changes; gives back what ends that. A drawing is named after the panels that it
// shows, with spaces between, and made once for an answer, however many of them that changes.
function follow(model, draw) {
  const due = new Set();
  const redraw = () => {
    const names = [...due];
    due.clear(); // before drawing: one that fails must not stop the next answer
    for (const name of names) draw[name]();
  };
  const listeners = Object.keys(draw).flatMap((name) => name.split(" ").map((panel) => [`change:${panel}`, () => {
    if (!due.size) queueMicrotask(redraw);
    due.add(name);
  }]));
  for (const [name, listener] of listeners) model.on(name, listener);
  return () => listeners.forEach(([name, listener]) => model.off(name, listener));
}

const labelled = (text, input, wide) => html("label", wide ? { class: "wide" } : {}, html("span", {}, text), input);
