// Pairs of steps to tick, and what that is predicted to save. The page knows who ticked what; what
// it means, in words and figures, the kernel says.

const MOST_ROWS = 60;
const saved = ({ point, lower, upper }) => (point === null ? "–" : `${point.toFixed(1)}% [${ended(lower)}, ${ended(upper)}]`);
const figured = (each) => html("span", { class: "figure" }, saved(each));
const ended = (value) => (value === null ? "–" : value.toFixed(1));

// Three readings of each statistic: as declared, the pessimistic one, and the bound.
function drawReadings(figure, found) {
  const rows = found.rows.filter((each) => each.saving.point !== null);
  const ends = rows.flatMap((each) => [each.saving.lower, each.pessimistic.lower, each.everything.upper])
    .filter((each) => each !== null);
  const p = plot({
    height: 44 + 26 * Math.max(rows.length, 1), x: [Math.max(Math.min(0, ...ends), -100), Math.max(found.threshold, 5, ...ends)],
    y: [rows.length, 0], xLabel: "saving (%)", title: `Predicted savings. ${found.sentence}`,
  });
  p.root.querySelectorAll("text.soft[text-anchor=end]").forEach((each) => {
    if (each.textContent !== "saving (%)") each.remove();
  });
  rows.forEach((each, row) => {
    const y = p.py(row + 0.5);
    const bold = each.statistic === found.told ? "bold" : "normal";
    p.root.append(svg("text", { x: p.left - 6, y: y + 4, "text-anchor": "end", "font-weight": bold }, each.statistic));
    const mark = (reading, dy, name, drawn) => {
      const { point, lower, upper } = each[reading];
      if (point === null) return;
      drawn.append(svg("title", {}, `${name}: ${saved(each[reading])}`));
      p.root.append(
        svg("line", { x1: p.px(lower ?? point), x2: p.px(upper ?? point), y1: y + dy, y2: y + dy, class: `reading ${reading}` }),
        drawn,
      );
    };
    const at = (reading) => p.px(each[reading].point ?? 0);
    mark("everything", 0, "were all independent", svg("path", { d: `M${at("everything")} ${y - 6}v12`, class: "reading everything" }));
    mark("pessimistic", 6, "pessimistic", svg("circle", { cx: at("pessimistic"), cy: y + 6, r: 3, class: "reading pessimistic" }));
    mark("saving", -3, "as declared", svg("circle", { cx: at("saving"), cy: y - 3, r: 4, class: "bar other" }));
  });
  const x = p.px(found.threshold);
  p.root.append(svg("line", { x1: x, x2: x, y1: p.top, y2: p.foot, class: "claim" }));
  place(figure, p.root);
}

function table(caption, columns, rows) {
  const head = html("tr", {}, ...columns.map((each) => html("th", { scope: "col" }, each)));
  const body = rows.map((cells) => html("tr", {}, ...cells.map((each, place) =>
    (place ? html("td", {}, each) : html("th", { scope: "row" }, each)))));
  return html("div", { class: "wide" }, html("table", {}, html("caption", {}, caption), html("thead", {}, head), html("tbody", {}, ...body)));
}

function render({ model, el }) {
  const get = (name) => model.get(name) || {};
  const root = html("section", { class: "hhperf-look", "aria-label": "Which steps need not wait for each other" });
  el.append(root);
  const verdict = html("p", { class: "verdict", role: "status", "aria-live": "polite" });
  const problem = html("p", { class: "error", role: "alert" });
  const controlsBox = html("div", { class: "controls", role: "group", "aria-label": "What is looked at" });
  const sentence = html("p", {});
  const notes = html("ul", { class: "notes" });
  const pairsBox = html("fieldset", { class: "pairs" });
  const counted = html("p", { class: "notes" });
  const figure = html("figure", {}, html("figcaption", {}, "Predicted savings",
    html("span", {}, " ● as declared, ○ pessimistic, │ were all independent; dotted: the claim")));
  const savings = html("div", {});
  const ranking = html("div", {});
  const warnings = html("ul", { class: "notes" });
  const saidBox = html("details", {}, html("summary", {}, "What is ticked, to take along"));
  root.append(verdict, problem, controlsBox, html("div", { class: "two" },
    html("div", {}, sentence, notes, pairsBox, counted), html("div", {}, figure, savings, ranking)), saidBox, warnings);

  let wish = { ...get("asked").wish };
  let save = false;
  let stepShown = "";
  const questions = asking(model, root, () => {
    const question = { wish, save };
    save = false;
    return question;
  });
  function ask(change) {
    wish = { ...wish, ...change };
    root.setAttribute("aria-busy", "true");
    questions.ask();
  }
  const same = (pair, row) => pair.includes(row.first) && pair.includes(row.second);
  function tick(row, isTicked) {
    const others = wish.independent.filter((pair) => !same(pair, row));
    ask({ independent: isTicked ? [...others, [row.first, row.second]] : others });
  }

  function drawControls() {
    const c = get("controls");
    if (!c.operations) return;
    root.style.setProperty("--other-light", c.colour);
    const claim = html("input", {
      type: "number", min: 0, max: 99, step: 1, value: Math.round(1e4 * wish.threshold) / 100, "aria-label": "Saving claimed, percent",
      onchange: (event) => event.target.value !== "" && ask({ threshold: Number(event.target.value) / 100 }),
    });
    const rest = html("input", {
      type: "checkbox", ...(wish.rest_depends ? { checked: "" } : {}), onchange: (event) => ask({ rest_depends: event.target.checked }),
    });
    controlsBox.replaceChildren(
      labelled("operation", select(c.operations, wish.operation, (value) => {
        stepShown = "";
        ask({ operation: value, independent: [], dependent: [], rest_depends: false });
      })),
      labelled("saving claimed, %", claim),
      html("label", { class: "tick" }, rest, "all pairs that are not ticked depend"),
    );
  }

  // The same boxes stay in the page as long as the same pairs are listed: nobody loses the focus.
  let boxes = [];
  let listed = "";
  function drawPairs() {
    const p = get("pairs");
    if (!p.rows) return;
    if (questions.isIdle() || p.ticks.operation !== wish.operation) wish = { ...wish, ...p.ticks };
    sentence.textContent = p.sentence;
    notes.replaceChildren(...p.notes.map((each) => html("li", {}, each)));
    const fitting = p.rows.filter((row) => !stepShown || row.first === stepShown || row.second === stepShown);
    const rows = fitting.slice(0, MOST_ROWS);
    const key = JSON.stringify([stepShown, p.steps, rows.map((row) => [row.first, row.second])]);
    if (key !== listed) {
      listed = key;
      listPairs(p, rows, fitting.length - rows.length);
    }
    rows.forEach((row, place) => {
      const { box, word } = boxes[place];
      box.checked = row.ticked;
      box.disabled = row.by_other;
      word.textContent = row.by_other ? "by a pair of that name" : row.depends ? "depends, says the file" : "";
    });
    const ticked = p.rows.filter((row) => row.ticked).length;
    counted.textContent = `${ticked} of ${p.rows.length} pairs ticked as independent. Arrow keys go from box to box, the space bar ticks.`;
    drawControls();
  }

  function listPairs(p, rows, more) {
    boxes = rows.map((row) => {
      const word = html("span", { class: "soft" });
      const box = html("input", {
        type: "checkbox", "aria-label": `${row.first} and ${row.second} are independent: ${row.told}, least ${row.smallest_ms} ms`,
        onchange: (event) => tick(row, event.target.checked),
      });
      return { box, word };
    });
    const cells = rows.map((row, place) => [
      html("label", { class: "tick" }, boxes[place].box, html("span", {}, `${row.first}, then ${row.second}`), boxes[place].word),
      row.calls, row.reversed, row.smallest_ms, row.median_ms,
    ]);
    const steps = select([["", "all steps"], ...p.steps.map((each) => [each, each])], stepShown, (value) => {
      stepShown = value;
      drawPairs();
    });
    const made = table("", ["neither needs the other", "calls", "reversed", "least gap, ms", "median gap, ms"], cells);
    made.querySelector("caption").remove();
    pairsBox.replaceChildren(html("legend", {}, "Tick the pairs that are independent, closest first"), labelled("pairs of", steps), made,
      ...(more > 0 ? [html("p", { class: "notes" }, `… and ${more.toLocaleString("en")} more: choose a step.`)] : []));
  }
  pairsBox.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || event.target.type !== "checkbox") return;
    event.preventDefault();
    const open = boxes.map((each) => each.box).filter((each) => !each.disabled);
    const next = open[open.indexOf(event.target) + way];
    if (next) next.focus();
  });

  const draw = {
    controls: drawControls,
    pairs: drawPairs,
    predicted() {
      const found = get("predicted");
      if (!found.rows) return;
      verdict.textContent = found.sentence;
      drawReadings(figure, found);
      savings.replaceChildren(table("Possible savings", ["statistic", "as declared", "pessimistic", "were all independent", "prediction"],
        found.rows.map((each) => [each.statistic, figured(each.saving), figured(each.pessimistic), figured(each.everything), each.prediction])));
      warnings.replaceChildren(...found.warnings.map((each) => html("li", {}, each)));
    },
    ranked() {
      const found = get("ranked");
      if (!found.rows) return;
      const say = (row) => html("button", {
        type: "button", "aria-label": `Tick what ${row.what} takes: ${row.condition}`,
        onclick: () => ask({ independent: [...wish.independent, ...row.needs.filter((pair) => !wish.independent.some((each) => same(each, { first: pair[0], second: pair[1] })))] }),
      }, "tick");
      ranking.replaceChildren(table("Changes, what saves most first", ["one change alone", `${found.told} saving`, "provided that"],
        found.rows.map((row) => [row.what, figured(row.saving), row.condition ? html("span", {}, `${row.condition} `, say(row)) : "–"])));
    },
    said() {
      const s = get("said");
      if (!s.command) return;
      const lines = (name, text) => html("label", {}, html("span", {}, name), html("textarea", {
        readonly: "", rows: Math.min(text.split("\n").length + 1, 12), spellcheck: "false", "data-lm-suppress-shortcuts": "true",
        onfocus: (event) => event.target.select(),
      }, text));
      const state = s.is_filed ? "The file says the same." : "The file says something else.";
      const keep = html("button", { type: "button", disabled: s.is_filed, onclick: () => { save = true; ask({}); } }, "write it into the file");
      const hadFocus = saidBox.contains(root.getRootNode().activeElement) && root.getRootNode().activeElement.tagName === "BUTTON";
      saidBox.replaceChildren(saidBox.querySelector("summary"), lines("in a terminal", s.command), lines("in Python", s.python),
        lines(get("controls").path || "steps.toml", s.toml),
        html("p", {}, keep, html("span", { role: "status" }, ` ${state}`), ...(s.note ? [html("span", { class: "soft" }, ` To know: ${s.note}.`)] : [])));
      if (hadFocus) saidBox.querySelector("summary").focus();
    },
    problem() { problem.textContent = model.get("problem"); },
    answered() {
      questions.answered();
      if (questions.isIdle()) {
        root.removeAttribute("aria-busy");
        drawPairs();
      }
    },
  };
  for (const redraw of Object.values(draw).slice(0, -1)) redraw();
  return follow(model, draw);
}

export default { render };
