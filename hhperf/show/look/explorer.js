// Draws what the kernel answers, and tells it where the controls stand. No figure is made up here:
// the page knows pixels, the kernel statistics. One wish is under way at a time and the last one
// wins, so that a slider that moves fast never queues.

function drawEcdf(figure, curves, picked, controls, names, ask) {
  const xs = [...curves.control.x, ...curves.other.x];
  if (!xs.length) return place(figure, svg("svg", { viewBox: `0 0 ${W} 40` }));
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const log = low > 0 && high / low >= 30;
  const p = plot({
    height: 230, x: [log ? low : 0, high], y: [0, 100], log, xLabel: `${controls.latency} (ms)`,
    yLabel: "answered within (%)",
    title: `Distribution of ${curves.n} requests under ${names.join(" and ")}.`,
  });
  for (const arm of ["control", "other"]) {
    const faint = picked.control ? " faint" : "";
    const d = path(p, curves[arm].x, curves[arm].y, { step: true });
    p.root.append(svg("path", { d, class: arm + faint }));
    if (picked.control) {
      p.root.append(svg("path", { d: path(p, picked[arm].x, picked[arm].y, { step: true }), class: arm }));
    }
  }
  if (picked.ms) shade(p, picked.ms[0] ?? low, picked.ms[1] ?? high);
  brushable(p, (a, b) => ask({ brush: { kind: "latency", low: a, high: b }, pair: null }),
    (x) => ask({ brush: null, pair: null, near: x }));
  return place(figure, p.root);
}

function drawShift(figure, shift, picked, threshold, ask) {
  const known = (values) => (values || []).filter((each) => each !== null);
  const ys = [...known(shift.saving), ...known(shift.lower), ...known(shift.upper), threshold, 0];
  const [low, high] = [Math.max(Math.min(...ys), -100), Math.min(Math.max(...ys), 100)];
  const p = plot({
    height: 230, x: [0, 100], y: [Math.floor(low / 5) * 5, Math.ceil(high / 5) * 5],
    xLabel: "quantile (%)", yLabel: shift.lower ? "saving (%), 95% band" : "saving (%), no band",
    title: `Saving at every quantile, from ${tidy(Math.min(...known(shift.saving), 100))}`
      + ` to ${tidy(Math.max(...known(shift.saving), -100))} percent.`,
  });
  if (shift.lower) {
    const there = shift.q.map((_, i) => i).filter((i) => shift.lower[i] !== null && shift.upper[i] !== null);
    const up = path(p, there.map((i) => shift.q[i]), there.map((i) => Math.min(shift.upper[i], 100)));
    const down = path(p, there.map((i) => shift.q[i]).reverse(),
      there.map((i) => Math.max(shift.lower[i], p.back ? low : 0)).reverse());
    if (there.length) p.root.append(svg("path", { d: `${up}${down.replace("M", "L")}Z`, class: "band" }));
  }
  p.root.append(
    svg("path", { d: path(p, shift.q, shift.saving), class: "other", style: "stroke-dasharray:none" }),
    svg("line", { x1: p.left, x2: p.right, y1: p.py(threshold), y2: p.py(threshold), class: "claim" }),
  );
  if (picked.quantiles) shade(p, ...picked.quantiles);
  brushable(p, (a, b) => ask({ brush: { kind: "quantile", low: a, high: b }, pair: null }),
    () => ask({ brush: null, pair: null }));
  place(figure, p.root);
}

function drawStrip(figure, strip, picked, brush, ask) {
  const heights = [...strip.control, ...strip.other].filter((each) => each !== null);
  const high = Math.max(1, ...heights);
  const p = plot({
    height: 150, x: [0, strip.span_s], y: [0, high], xLabel: "since the first request (s)",
    yLabel: "slowest of each stretch (ms)",
    title: `Slowest requests over time, and ${strip.stalls.length} stalls of the machine.`,
  });
  for (const [begin, end] of strip.stalls) {
    const width = Math.max(p.px(end) - p.px(begin), 1.2);
    p.root.append(svg("rect", { x: p.px(begin), y: p.top, width, height: p.foot - p.top, class: "stall" }));
  }
  const bins = strip.pair.length;
  for (const arm of ["control", "other"]) {
    strip[arm].forEach((value, bin) => {
      if (value === null) return;
      const away = picked.bins && !picked.bins[bin] ? " away" : "";
      const cx = p.px(((bin + 0.5) / bins) * strip.span_s);
      p.root.append(svg("circle", { cx, cy: p.py(value), r: 2.2, class: `dot ${arm}${away}` }));
    });
  }
  if (brush && brush.kind === "time") shade(p, brush.low, brush.high);
  brushable(p, (a, b) => ask({ brush: { kind: "time", low: a, high: b }, pair: null }), (x) => {
    const bin = Math.min(Math.floor((x / strip.span_s) * bins), bins - 1);
    const near = strip.pair.map((pair, i) => [Math.abs(i - bin), pair])
      .filter((each) => each[1] !== null).sort((one, two) => one[0] - two[0]);
    if (near.length) ask({ pair: near[0][1] });
  });
  place(figure, p.root);
}

function drawTimeline(figure, timeline, zoom) {
  const rows = [];
  for (const arm of timeline.arms) {
    rows.push({ name: arm.schedule, arm, bars: [{ start: 0, length: arm.total, modelled: 0 }], head: true });
    for (const stage of new Set(arm.bars.map((each) => each.stage))) {
      rows.push({ name: stage, arm, bars: arm.bars.filter((each) => each.stage === stage) });
    }
  }
  const all = Math.max(1, ...timeline.arms.map((each) => each.total));
  const [from, to] = [zoom.from * all, zoom.to * all];
  const said = timeline.arms.map((arm) => `${arm.schedule} ${tidy(arm.total)} ms: `
    + arm.bars.map((bar) => `${bar.stage} ${tidy(bar.start)} to ${tidy(bar.start + bar.length)}`).join(", "));
  const p = plot({
    height: 44 + 17 * Math.max(rows.length, 1), x: [from, to], y: [Math.max(rows.length, 1), 0],
    xLabel: "since the start (ms)", title: `Timeline of one request. ${said.join(". ")}`,
  });
  p.root.querySelectorAll("text.soft[text-anchor=end]").forEach((each) => {
    if (Number(each.getAttribute("x")) < p.left) each.remove();
  });
  const room = 62; // what is written stands above its bar's beginning, within the frame
  rows.forEach((row, i) => {
    const side = row.arm.arm;
    const y = p.py(i);
    for (const bar of row.bars) {
      const [a, b] = [Math.max(p.px(bar.start), p.left), Math.min(p.px(bar.start + bar.length), p.right)];
      if (b < p.left || a > p.right) continue;
      const box = { x: a, y: y + (row.head ? 5 : 2), width: Math.max(b - a, 1), height: row.head ? 6 : 12 };
      const drawn = svg("rect", { ...box, class: `bar ${side}`, "fill-opacity": row.head ? 1 : 0.75 });
      drawn.append(svg("title", {}, `${row.name}: ${tidy(bar.start)} ms, for ${tidy(bar.length)} ms`
        + (bar.modelled ? `, of which ${tidy(bar.modelled)} ms modelled` : "")));
      p.root.append(drawn);
      const end = Math.min(p.px(bar.start + bar.modelled), p.right);
      if (bar.modelled && end > a) {
        p.root.append(svg("line", { x1: a, x2: end, y1: y + 8, y2: y + 8, class: "axis", style: "stroke:var(--ground);stroke-width:3;stroke-dasharray:3 3" }));
      }
    }
    const first = row.bars[0];
    const x = Math.min(Math.max(p.px(first.start + first.length) + 4, p.left + 2), p.right - room);
    const outcome = row.head && row.arm.outcome !== "ok" ? `, ${row.arm.outcome}` : "";
    p.root.append(
      svg("text", { x: p.left - 5, y: y + 12, "text-anchor": "end", "font-weight": row.head ? "bold" : "normal", style: "font-size:9.5px" }, row.name.length > 9 ? `${row.name.slice(0, 8)}…` : row.name, svg("title", {}, row.name)),
      svg("text", { x, y: y + 12, style: "font-size:9.5px;paint-order:stroke;stroke:var(--ground);stroke-width:3px", "font-weight": row.head ? "bold" : "normal" }, `${tidy(first.length)} ms${outcome}`),
    );
  });
  place(figure, p.root);
}

let listsMade = 0;

function render({ model, el }) {
  const get = (name) => model.get(name) || {};
  const root = html("section", { class: "hhperf-look", "aria-label": "Explore a comparison" });
  el.append(root);
  const verdict = html("p", { class: "verdict", role: "status", "aria-live": "polite" });
  const notes = html("ul", { class: "notes" });
  const problem = html("p", { class: "error", role: "alert" });
  const controlsBox = html("fieldset", { class: "controls", "aria-label": "What is looked at" });
  const brushBox = html("fieldset", { class: "controls", "aria-label": "What is picked out" });
  const figure = (title, more = "") => {
    const extra = html("span", {}, more ? ` ${more}` : "");
    return html("figure", {}, html("figcaption", {}, title, extra));
  };
  const figures = {
    judged: figure("Savings", "with the claim as a dotted line"),
    ecdf: figure("Latency", ""),
    shift: figure("Saving by quantile", "drag to pick out"),
    strip: figure("As time went by", "drag or click; grey: the machine stood still"),
    timeline: figure("One request under each arm"),
    predicted: figure("Predicted saving", "with the model's own error"),
  };
  const list = html("select", {
    size: 10, "aria-label": "Requests, slowest first",
    onchange: (event) => ask({ pair: Number(event.target.value) }),
  });
  const listTitle = html("figcaption", {}, "");
  const zoom = { from: 0, to: 1 };
  const zoomBox = html("div", { class: "controls", role: "group", "aria-label": "Zoom of the timeline" });
  const what = html("details", { ontoggle: () => {
    if (what.open && !get("predicted").intervals) predictedText.textContent = "Being worked out from the recorded requests.";
    ask({}, { looking: what.open });
  } }, html("summary", {}, "What if?"));
  const leversBox = html("fieldset", { class: "levers", "aria-label": "Changes to predict" });
  const predictedText = html("p", { role: "status", "aria-live": "polite" });
  const predictedNotes = html("ul", { class: "notes" });
  const said = html("div", {}, predictedText, predictedNotes);
  what.append(leversBox, html("div", { class: "two" }, figures.predicted, said));
  const lists = html("figure", {}, listTitle, list);
  root.append(
    verdict, notes, problem, controlsBox,
    html("div", { class: "two" }, figures.judged, figures.shift, figures.ecdf, html("div", {}, figures.strip, brushBox)),
    html("div", { class: "two" }, lists, html("div", {}, figures.timeline, zoomBox)),
    what,
  );

  let wish = { ...get("asked").wish };
  let looking = false;
  const questions = asking(model, root, () => {
    const { near, ...plain } = wish;
    delete wish.near;
    return { wish: plain, looking, near: near ?? null };
  });
  function ask(change, more = {}) {
    if ("looking" in more) looking = more.looking;
    wish = { ...wish, ...change };
    questions.ask();
  }

  function drawControls() {
    const c = get("controls");
    if (!c.labels) return;
    root.style.setProperty("--control-light", c.colours.control);
    root.style.setProperty("--other-light", c.colours.treatment);
    const all = (names, word) => [["", `all ${word}`], ...names.map((each) => [each, each])];
    const slider = html("input", {
      type: "range", min: -20, max: 60, step: 0.5, value: 100 * wish.threshold, "aria-label": "Saving claimed, percent",
      "aria-valuetext": `${tidy(100 * wish.threshold)} percent`,
      oninput: (event) => {
        event.target.setAttribute("aria-valuetext", `${event.target.value} percent`);
        claimed.textContent = `saving claimed: ${event.target.value}%`;
        ask({ threshold: Number(event.target.value) / 100 });
      },
    });
    const claimed = html("span", {}, `saving claimed: ${tidy(100 * wish.threshold)}%`);
    // By an id of this view's own: else a notebook's second explorer offers the first one's.
    listsMade += 1;
    const sessions = html("datalist", { id: `sessions-${listsMade}-${Date.now()}` });
    const ofSession = (said) => {
      const session = said.trim();
      if (session !== wish.session) ask({ session, brush: null, pair: null });
    };
    sessions.append(...c.sessions.map((each) => html("option", { value: each })));
    controlsBox.replaceChildren(
      ...(c.runs.length > 1 ? [labelled("run", select(c.runs.map((each, i) => [i, each]), wish.run,
        (value) => ask({ run: Number(value), brush: null, pair: null, tenant: "", session: "" })))] : []),
      labelled("control against", select(
        [["treatment", c.labels.treatment], ...(c.labels.control_again ? [["control_again", c.labels.control_again]] : [])], wish.against, (value) => ask({ against: value }))),
      labelled("statistic", select(c.statistics.map((each) => [each, each]), wish.statistic,
        (value) => ask({ statistic: value }))),
      labelled("tenant", select(all(c.tenants, "tenants"), wish.tenant, (value) => ask({ tenant: value, brush: null, pair: null }))),
      labelled("session", html("input", {
        type: "search", list: sessions.id, value: wish.session, placeholder: "all sessions",
        // A name taken from the list is no change to every browser, nor is Enter while it is open.
        oninput: (event) => { if (!event.target.value || c.sessions.includes(event.target.value)) ofSession(event.target.value); },
        onchange: (event) => ofSession(event.target.value),
        onkeydown: (event) => { if (event.key === "Enter") ofSession(event.target.value); },
      })),
      html("label", { class: "wide" }, claimed, slider), sessions,
    );
    drawBrush();
  }

  function drawBrush() {
    const brush = wish.brush || { kind: "latency", low: "", high: "" };
    const ends = ["low", "high"].map((end) => html("input", {
      type: "number", step: "any", value: brush[end] === "" ? "" : Number(brush[end].toPrecision(5)),
      "aria-label": end === "low" ? "Pick out from" : "Pick out to", onchange: () => typed(),
    }));
    const kind = select([["latency", "control's ms"], ["quantile", "quantile, %"], ["time", "time, s"]], brush.kind,
      () => typed(), { "aria-label": "Pick out by" });
    const typed = () => {
      const [low, high] = ends.map((each) => each.value);
      if (low !== "" && high !== "") ask({ brush: { kind: kind.value, low: Number(low), high: Number(high) }, pair: null });
    };
    brushBox.replaceChildren(html("label", {}, "picked out by", kind), html("label", {}, "from", ends[0]),
      html("label", {}, "to", ends[1]), html("button", { type: "button", onclick: () => ask({ brush: null, pair: null }) }, "all requests"));
  }

  function names() {
    const { labels } = get("controls");
    return labels ? [labels.control, labels[wish.against]] : ["control", "treatment"];
  }

  const draw = {
    judged() {
      const j = get("judged");
      verdict.textContent = j.sentence || "";
      notes.replaceChildren(...(j.notes || []).map((each) => html("li", {}, each)));
      if (j.intervals) {
        drawIntervals(figures.judged, j.intervals, {
          told: j.statistic, threshold: j.threshold, title: `Savings with intervals. ${j.sentence}`,
        });
      }
    },
    "judged curves picked": function shift() {
      const { shift: saved } = get("curves");
      if (saved) drawShift(figures.shift, saved, get("picked"), get("judged").threshold, ask);
    },
    "curves picked": function ecdf() {
      const [curves, picked] = [get("curves"), get("picked")];
      if (!curves.control) return;
      const count = picked.control ? `, ${picked.count.toLocaleString("en")} picked out` : "";
      figures.ecdf.querySelector("span").replaceChildren(
        html("b", { style: "color:var(--control)" }, ` — ${names()[0]} `),
        html("b", { style: "color:var(--other)" }, ` - - ${names()[1]}`),
        ` ${curves.n.toLocaleString("en")} pairs${count}`,
      );
      drawEcdf(figures.ecdf, curves, picked, get("controls"), names(), ask);
      drawBrush();
    },
    "strip picked": function strip() {
      if (get("strip").control) drawStrip(figures.strip, get("strip"), get("picked"), wish.brush, ask);
    },
    requests() {
      const { rows = [], count = 0 } = get("requests");
      listTitle.replaceChildren("Requests, slowest first ", html("span", {}, `${rows.length} of ${count.toLocaleString("en")}: ${names().join(" → ")}`));
      const ms = (value) => (value === null ? "failed" : `${tidy(value)} ms`).padStart(10, "\u2007");
      list.replaceChildren(...rows.map((row) => html("option", { value: row.pair },
        `#${String(row.pair).padEnd(7, "\u2007")}${ms(row.control)} → ${ms(row.other)}   ${row.tenant}`)));
      list.value = get("timeline").pair;
    },
    timeline() {
      const timeline = get("timeline");
      if (!timeline.arms) return;
      const title = timeline.pair === null ? "" : `pair ${timeline.pair} (${timeline.request || ""}) ${timeline.note}`;
      figures.timeline.querySelector("span").textContent = ` ${title}`;
      list.value = timeline.pair;
      drawTimeline(figures.timeline, timeline, zoom);
    },
    levers: drawLevers,
    predicted() {
      const found = get("predicted");
      if (!found.intervals) return;
      predictedText.textContent = found.note || `${found.treatment} instead of ${found.control}${found.load ? `, at ${found.load}` : ""}`
        + `: ${found.intervals.filter((each) => each.point !== null && ["p50", "p95"].includes(each.statistic))
          .map((each) => `${each.statistic} ${each.point}% (${each.lower} to ${each.upper})`).join(", ")} saved, predicted.`;
      predictedNotes.replaceChildren(...found.warnings.map((each) => html("li", {}, each)));
      if (!found.note) {
        drawIntervals(figures.predicted, found.intervals, { told: wish.statistic, threshold: 100 * wish.threshold, title: predictedText.textContent });
      } else place(figures.predicted, svg("svg", { viewBox: `0 0 ${W} 4` }));
    },
    controls: drawControls,
    problem() { problem.textContent = model.get("problem"); },
  };

  function drawLevers() {
    const l = get("levers");
    if (!l.stages) return;
    const now = () => ({ schedule: "", factors: {}, cached: [], pool_max: 0, rate_hz: null, ...wish.what });
    const change = (part) => ask({ what: { ...now(), ...part } });
    const rows = [];
    if (l.schedules && l.schedules.length) {
      rows.push(html("label", {}, "schedule", select([["", `as recorded (${l.control})`], ...l.schedules.map((each) => [each, each])],
        now().schedule, (value) => change({ schedule: value }))));
    }
    for (const stage of l.stages) {
      const said = html("span", {}, `${stage}: takes 100% of its time`);
      const name = (value) => `${stage}: takes ${value}% of its time`;
      const value = Math.round(100 * (now().factors[stage] ?? 1));
      said.textContent = name(value);
      rows.push(html("label", {}, said, html("input", {
        type: "range", min: 0, max: 200, step: 5, value, "aria-label": `${stage}, percent of its time`,
        oninput: (event) => {
          said.textContent = name(event.target.value);
          change({ factors: { ...now().factors, [stage]: Number(event.target.value) / 100 } });
        },
      })));
    }
    for (const stage of l.lookups || []) {
      rows.push(html("label", { class: "tick" }, html("input", {
        type: "checkbox", ...(now().cached.includes(stage) ? { checked: "" } : {}),
        onchange: (event) => change({
          cached: event.target.checked ? [...now().cached, stage] : now().cached.filter((each) => each !== stage),
        }),
      }), `${stage} from its cache`));
    }
    if (l.stages.length) {
      rows.push(
        html("label", {}, "load, requests a second (0 for none that meet)", html("input", {
          type: "number", min: 0, max: 200, step: 1, value: now().rate_hz ?? l.rate_hz,
          onchange: (event) => change({ rate_hz: Number(event.target.value) }),
        })),
        html("label", {}, `connections of both pools${l.pool ? ` (recorded: ${l.pool})` : ""}`, html("input", {
          type: "number", min: 1, max: 200, step: 1, value: now().pool_max || l.pool || "",
          onchange: (event) => change({ pool_max: Number(event.target.value) }),
        })),
        html("button", { type: "button", onclick: () => { ask({ what: null }); drawLevers(); } }, "as recorded"),
      );
    }
    leversBox.replaceChildren(...rows);
  }

  const zoomed = (factor, shift = 0) => {
    const width = Math.min(Math.max((zoom.to - zoom.from) * factor, 0.005), 1);
    const middle = (zoom.from + zoom.to) / 2 + shift * (zoom.to - zoom.from);
    zoom.from = Math.min(Math.max(middle - width / 2, 0), 1 - width);
    zoom.to = zoom.from + width;
    draw.timeline();
  };
  const button = (label, said, onclick) => html("button", { type: "button", "aria-label": said, title: said, onclick }, label);
  zoomBox.append(
    button("+", "Zoom in", () => zoomed(0.5)), button("−", "Zoom out", () => zoomed(2)),
    button("←", "Earlier", () => zoomed(1, -0.25)), button("→", "Later", () => zoomed(1, 0.25)),
    button("whole", "The whole request", () => zoomed(1e9)),
  );
  figures.timeline.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) return; // else a page would not scroll past it
    event.preventDefault();
    zoomed(event.deltaY < 0 ? 0.8 : 1.25);
  }, { passive: false });

  for (const name of ["controls", "judged", "curves picked", "judged curves picked", "strip picked", "requests", "timeline", "levers", "predicted", "problem"]) draw[name]();
  return follow(model, { ...draw, answered: questions.answered });
}

export default { render };
