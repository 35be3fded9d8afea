"use strict";
const model = JSON.parse(document.getElementById("model").textContent);
const form = document.getElementById("form");
const answer = document.getElementById("answer");
const TOP_K = 5;
const ROWS_SHOWN = 200;
const SVG = "http://www.w3.org/2000/svg";

/* An element; what is null or false in its attributes or children is left out. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

function draw(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

/* A character that cannot be seen, such as a line feed, by its name. */
function visible(name) {
  const names = { "\n": "line feed", "\t": "tab", " ": "space", "\u00a0": "no-break space", "": "nothing" };
  return names[name] ?? name;
}

const number = (value) => value.toLocaleString(undefined, { maximumSignificantDigits: 6 });
const percent = (value) => value.toLocaleString(undefined, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const share = (value) => (value > 0 && value < 0.0005 ? `< ${percent(0.001)}` : percent(value));

/* Numbers below one another, with as many digits after the point. */
function aligned(values) {
  const largest = Math.max(...values.map(Math.abs));
  const digits = Math.min(12, Math.max(0, 4 - Math.floor(Math.log10(largest || 1))));
  return values.map((value) => value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
}

/* ------------------------------------------------------------------ asking */

let asked = 0; // the answer to an older question is not shown

function showError(message) {
  form.querySelector(".error")?.remove();
  if (message) form.append(make("p", { class: "error", role: "alert" }, message));
}

async function ask(address, options, show) {
  const question = ++asked;
  const submit = form.querySelector("[type=submit]");
  showError("");
  if (submit) submit.disabled = true;
  answer.setAttribute("aria-busy", "true");
  const began = performance.now();
  try {
    // Text alone would go as text/plain, which the server refuses.
    const headers = options.body instanceof FormData ? {} : { "content-type": "application/json" };
    const response = await fetch(address, { method: "POST", headers, ...options });
    if (!response.ok) {
      const document_ = await response.json().catch(() => ({}));
      throw new Error(document_.error ?? `The server answered ${response.status}.`);
    }
    await show(response, () => question === asked, began);
  } catch (error) {
    if (question !== asked || error.name === "AbortError") return;
    const lost = error instanceof TypeError;
    showError(lost ? "The server does not answer. Is dlcli serve still running?" : sentence(error.message));
    if (!lost) answer.replaceChildren(make("p", { class: "quiet" }, "No answer."));
  } finally {
    if (question === asked) {
      if (submit) submit.disabled = false;
      answer.removeAttribute("aria-busy");
    }
  }
}

/* Words as a sentence; a name at its beginning, of a file or a column, stays as it is. */
function sentence(text) {
  const first = /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() : text.charAt(0);
  return first + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

/* On a telephone the answer stands below what can be seen. */
function bringIntoView() {
  if (answer.getBoundingClientRect().top < innerHeight - 120) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  answer.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
}

function predict(body) {
  const options = { body: body instanceof FormData ? body : JSON.stringify(body) };
  if (body instanceof FormData) body.append("top_k", TOP_K);
  return ask("predict", options, async (response, isNewest, began) => {
    const found = await response.json();
    if (!isNewest()) return;
    showPredictions(found, performance.now() - began);
    bringIntoView();
  });
}

function predictFile(file) {
  if (file.size > model.maxRequestMb * 1e6) {
    showError(`${file.name} has ${number(file.size / 1e6)} MB; this server reads at most ${model.maxRequestMb} MB.`);
    return;
  }
  const body = new FormData();
  body.append("file", file, file.name);
  predict(body);
}

/* ----------------------------------------------------------------- showing */

function showPredictions(found, milliseconds) {
  const items = found.predictions;
  const took = make("p", { class: "quiet took" }, `Answered in ${number(Math.max(1, Math.round(milliseconds)))} ms`);
  if (isForecast(items[0])) answer.replaceChildren(...forecasts(found), took);
  else if (items.length > 1) answer.replaceChildren(manyAnswers(items), took);
  else answer.replaceChildren(...oneAnswer(items[0]), took);
}

/* Whether there is a number for each of several targets. */
const isForecast = (item) => typeof (item.prediction ?? 0) === "object";

function oneAnswer(item) {
  if (item.error) return [make("p", { class: "error" }, sentence(item.error))];
  if ("prediction" in item) {
    return [make("p", { class: "quiet" }, model.target), make("p", { class: "result" }, number(item.prediction))];
  }
  return [
    make("p", { class: "quiet" }, model.heading || model.target || (item.labels ? "Labels" : "Likeliest")),
    make("p", { class: "result" }, named(item)),
    make("ol", { class: "bars" }, ...item.classes.map(bar)),
  ];
}

/* The class of an answer, or all that it has; they may be none. */
function named(item) {
  if (!item.labels) return visible(item.classes[0].class);
  return item.labels.map((entry) => visible(entry.class)).join(", ") || "none";
}

function bar(entry) {
  const fill = make("div", { class: "fill" });
  fill.style.width = `${Math.max(0.5, 100 * entry.probability)}%`;
  return make("li", {},
    make("span", {}, visible(entry.class)), make("span", { class: "share" }, share(entry.probability) + ("threshold" in entry ? ` (threshold ${share(entry.threshold)})` : "")),
    make("div", { class: "track", "aria-hidden": "true" }, fill));
}

function manyAnswers(items) {
  const isNumber = items.some((item) => "prediction" in item);
  const hasLabels = items.some((item) => "labels" in item);
  const head = ["row", model.target || "answer", ...(isNumber || hasLabels ? [] : ["probability"])];
  const rows = items.slice(0, ROWS_SHOWN).map((item, place) => {
    const cells = item.error
      ? [make("td", { class: "bad", colspan: head.length - 1 }, item.error)]
      : isNumber
        ? [make("td", {}, number(item.prediction))]
        : [make("td", {}, named(item)), !hasLabels && make("td", {}, share(item.classes[0].probability))];
    return make("tr", {}, make("td", {}, place + 1), ...cells);
  });
  const more = items.length > ROWS_SHOWN && make("p", { class: "quiet took" }, `The first ${ROWS_SHOWN} of ${number(items.length)}.`);
  return make("div", {}, make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answers" }, tableOf(head, rows)), more);
}

function tableOf(head, rows) {
  return make("table", {},
    make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows));
}

/* The forecast of each target: a chart, and one table of all. */
function forecasts(found) {
  const items = found.predictions;
  const times = items.map((item) =>
    Object.entries(item.columns ?? {}).filter(([name]) => name !== "input").map(([, cell]) => cell).join(" ") || item.input);
  const names = Object.keys(items[0].prediction);
  const past = found.history ?? { times: [], values: {} };
  const charts = names.map((name) =>
    chart(name, past.times, past.values[name] ?? [], times, items.map((item) => item.prediction[name])));
  const columns = names.map((name) => aligned(items.map((item) => item.prediction[name])));
  const rows = items.map((item, place) => make("tr", {},
    make("td", {}, times[place]), ...columns.map((column) => make("td", {}, column[place]))));
  return [...charts, make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Forecast" },
    tableOf([found.history?.label ?? model.time, ...names], rows))];
}

function chart(name, pastTimes, past, times, values) {
  const figure = make("figure", { class: "chart" },
    make("figcaption", {}, make("strong", {}, name),
      past.length > 0 && make("span", { class: "key" }, "history"), make("span", { class: "key after" }, "forecast")));
  const summary = `${name}: forecast from ${number(values[0])} at ${times[0]} to ${number(values.at(-1))} at ${times.at(-1)}`;
  const svg = draw("svg", { role: "img", "aria-label": summary });
  figure.append(svg);
  const redraw = () => { if (figure.clientWidth) drawChart(svg, figure.clientWidth, pastTimes, past, times, values); };
  new ResizeObserver(redraw).observe(figure);
  return figure;
}

function drawChart(svg, width, pastTimes, past, times, values) {
  const height = 230;
  const known = [...past, ...values].filter((value) => value !== null);
  const ticks = ticksOf(Math.min(...known), Math.max(...known));
  const labels = ticks.map(number);
  const left = 10 + 7 * Math.max(...labels.map((label) => label.length)), right = 8, top = 8, bottom = 24;
  const count = past.length + values.length;
  const x = (place) => left + (width - left - right) * (count > 1 ? place / (count - 1) : 0.5);
  const y = (value) => top + (height - top - bottom) * (1 - (value - ticks[0]) / (ticks.at(-1) - ticks[0]));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("height", height);
  svg.replaceChildren();
  ticks.forEach((tick, place) => {
    svg.append(draw("line", { class: "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }));
    svg.append(draw("text", { class: "axis", x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, labels[place]));
  });
  if (past.length) {
    const now = x(past.length - 0.5);
    svg.append(draw("line", { class: "now", x1: now, x2: now, y1: top, y2: height - bottom }));
    svg.append(draw("text", { class: "axis", x: left, y: height - 6 }, pastTimes[0]));
  }
  svg.append(draw("text", { class: "axis", x: width - right, y: height - 6, "text-anchor": "end" }, times.at(-1)));
  svg.append(draw("path", { class: "past", d: pathOf(past.map((value, place) => [x(place), value === null ? null : y(value)])) }));
  const last = past.length && past.at(-1) !== null ? [[x(past.length - 1), y(past.at(-1))]] : [];
  const future = values.map((value, place) => [x(past.length + place), y(value)]);
  svg.append(draw("path", { class: "future", d: pathOf([...last, ...future]) }));
  future.forEach(([cx, cy], place) => {
    const dot = draw("circle", { class: "dot", cx, cy, r: future.length > 40 ? 1.5 : 3 });
    dot.append(draw("title", {}, `${times[place]}: ${number(values[place])}`));
    svg.append(dot);
  });
}

/* Lines through points; one without a value parts them. */
function pathOf(points) {
  let pen = "M";
  return points.map(([px, py]) => {
    if (py === null) { pen = "M"; return ""; }
    const piece = `${pen}${px.toFixed(1)} ${py.toFixed(1)}`;
    pen = "L";
    return piece;
  }).join("");
}

/* Round numbers around a range. */
function ticksOf(low, high) {
  if (low === high) { low -= Math.abs(low) / 10 || 1; high += Math.abs(high) / 10 || 1; }
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
  const ticks = [];
  for (let tick = Math.floor(low / step) * step; tick < high + step * 0.999; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}

/* ------------------------------------------------------------------- forms */

const submitRow = (text, ...others) => make("div", { class: "row" }, make("button", { type: "submit" }, text), ...others);

/* What a field or a zone takes by dropping: the first file. */
function takesDrops(element, take) {
  element.addEventListener("dragover", (event) => { event.preventDefault(); element.classList.add("over"); });
  element.addEventListener("dragleave", () => element.classList.remove("over"));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    element.classList.remove("over");
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
}

function fileButton(text, accept, take) {
  const input = make("input", { type: "file", id: "file", class: "file", accept, change: () => {
    if (input.files[0]) take(input.files[0]);
    input.value = "";
  } });
  return [input, make("label", { for: "file", class: "button" }, text)];
}

/* Ctrl+Enter in a text sends it. */
function sendsByKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
}

function fileForm() {
  form.append(make("div", { class: "row" }, ...fileButton(model.label, model.accept, predictFile)));
  takesDrops(form, predictFile);
}

function imageForm() {
  const icon = draw("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.5", "aria-hidden": "true" });
  icon.append(draw("path", { d: "M3 16l5-5 4 4 3-3 6 6M5 4h14a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM15.5 9.5h.01", "stroke-linecap": "round", "stroke-linejoin": "round" }));
  let shown = "";
  const take = (file) => {
    URL.revokeObjectURL(shown);
    shown = URL.createObjectURL(file);
    const picture = make("img", { src: shown, alt: `Your picture ${file.name}` });
    picture.addEventListener("load", () => picture.classList.toggle("small", picture.naturalWidth < 128));
    picture.addEventListener("error", () => picture.replaceWith(make("strong", {}, file.name)));
    zone.replaceChildren(picture, make("span", { class: "quiet" }, "Drop or choose another"));
    predictFile(file);
  };
  const [input, zone] = fileButton("", "image/*", take);
  zone.className = "drop";
  zone.replaceChildren(icon, make("span", {}, make("strong", {}, "Choose a picture"), " or drop it here"),
    make("span", { class: "quiet" }, "or paste one"));
  takesDrops(zone, take);
  document.addEventListener("paste", (event) => { if (event.clipboardData.files[0]) take(event.clipboardData.files[0]); });
  form.append(input, zone);
}

function tableForm() {
  const fields = model.columns.map((column, place) => {
    const id = `column-${place}`;
    const field = column.kind === "number"
      ? make("input", { id, type: "number", step: "any", inputmode: "decimal", required: model.required })
      : column.categories.length > 60
        ? make("input", { id, list: `${id}-list`, required: model.required })
        : make("select", { id, required: model.required },
          make("option", { value: "" }, model.required ? "choose one" : "unknown"),
          ...column.categories.map((name) => make("option", { value: name }, name)),
          make("option", { value: another(column.categories) }, "another"));
    const list = field.getAttribute("list") && make("datalist", { id: `${id}-list` }, ...column.categories.map((value) => make("option", { value })));
    return { column, field, box: make("div", {}, make("label", { for: id }, column.name), field, list) };
  });
  form.append(make("div", { class: "fields" }, ...fields.map((each) => each.box)),
    make("p", { class: "quiet hint" }, model.required ? "Every column is needed." : "Leave empty what is unknown."),
    submitRow("Predict", ...fileButton("Rows from a file", ".csv,.tsv,.jsonl,.txt,text/csv", predictFile)));
  takesDrops(form, predictFile);
  form.addEventListener("submit", () => {
    const wrong = fields.find((each) => !each.field.checkValidity());
    if (wrong) {
      showError(`${wrong.column.name}: ${wrong.field.validationMessage}`);
      wrong.field.focus();
      return;
    }
    if (fields.every((each) => each.field.value === "")) {
      showError("Nothing is filled in yet.");
      fields[0].field.focus();
      return;
    }
    const row = Object.fromEntries(fields.map(({ column, field }) => [column.name,
      field.value === "" ? null : column.kind === "number" ? Number(field.value) : field.value]));
    predict({ rows: [row], top_k: TOP_K });
  });
}

/* A name that no category has. */
function another(categories) {
  let name = "another";
  while (categories.includes(name)) name += "_";
  return name;
}

function textForm() {
  const text = make("textarea", { id: "text", placeholder: "Type or paste a text", keydown: sendsByKey });
  form.append(make("label", { for: "text" }, "Text"), text, submitRow("Predict", make("span", { class: "quiet" }, "or Ctrl+Enter")));
  form.addEventListener("submit", () => {
    if (!text.value.trim()) { showError("There is no text yet."); text.focus(); return; }
    predict({ texts: [text.value], top_k: TOP_K });
  });
}

function tableTextForm() {
  const isSeries = model.form === "history";
  let file = null;
  const placeholder = isSeries && model.columns > 1 ? `${model.header.join(",")}\n...` : "0.71, 0.64, 0.58, ...";
  const text = make("textarea", { id: "text", class: "code", placeholder, spellcheck: "false", keydown: sendsByKey });
  const chip = make("p", { class: "row", hidden: true });
  const take = (chosen) => {
    file = chosen;
    text.hidden = true;
    chip.hidden = false;
    chip.replaceChildren(make("strong", {}, chosen.name), make("button", { type: "button", click: () => {
      file = null; chip.hidden = true; text.hidden = false; text.focus();
    } }, "Remove"));
    predictFile(chosen);
  };
  const accept = isSeries ? ".csv,.tsv,.jsonl,.txt,text/csv" : ".csv,.tsv,.ts,.txt,text/csv";
  form.append(make("label", { for: "text" }, isSeries ? "History" : "Series"), text, chip,
    make("p", { class: "quiet hint" }, isSeries
      ? `Rows of ${model.header.join(", ")}, with these names above or without; or ${model.columns > 1 ? `rows of ${model.columns} numbers` : "numbers"} alone. The last ${number(model.steps)} count.`
      : model.channels > 1
        ? `A step a row, of ${model.channels} numbers; up to ${number(model.steps)} steps.`
        : `A series a row, of up to ${number(model.steps)} numbers; or one in a column.`),
    submitRow(isSeries ? "Forecast" : "Predict", ...fileButton("Choose a file", accept, take)));
  takesDrops(form, take);
  form.addEventListener("submit", () => {
    if (file) { predictFile(file); return; }
    if (!text.value.trim()) { showError("There is no series yet. Paste one, or choose a file."); text.focus(); return; }
    const values = (isSeries ? historyOf : seriesOf)(pastedCells(text.value));
    if (values) predict({ values, top_k: TOP_K });
    else predictFile(new File([withHeader(text.value)], "pasted.csv"));
  });
}

/* What cuts the cells of pasted lines. */
const separatorOf = (text) => ["\t", ";", ","].find((each) => text.includes(each)) ?? " ";

/* Pasted lines as cells. */
function pastedCells(text) {
  const separator = separatorOf(text);
  return text.trim().split(/\s*\n\s*/).map((line) => {
    const cells = line.split(separator === " " ? /\s+/ : separator).map((cell) => cell.trim());
    if (cells.length > 1 && cells.at(-1) === "") cells.pop(); // "1, 2," goes on in the next line
    return separator === "," ? cells.flatMap((cell) => cell.split(/\s+/)) : cells.map((cell) => cell.replace(/^([+-]?\d*),(\d+)$/, "$1.$2"));
  });
}

/* Cells as numbers, null where one is missing; null in place of all where one is something else. */
function numbersIn(lines) {
  const values = lines.map((cells) => cells.map((cell) => /^(|\?|na|nan|null)$/i.test(cell) ? null : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : NaN));
  return values.flat().some(Number.isNaN) ? null : values;
}

/* The values of a history that was pasted without names and times; else null. */
function historyOf(lines) {
  const values = numbersIn(lines);
  const isEach = (width) => values.every((cells) => cells.length === width);
  const hasTimes = lines.length > 1 && model.header.length > model.columns;
  if (!values || (hasTimes && isEach(model.header.length))) return null;
  if (model.columns === 1) return values.flat();
  return isEach(model.columns) ? values : null;
}

/* The values of series that were pasted without names; else null. */
function seriesOf(lines) {
  const values = numbersIn(lines);
  if (!values) return null;
  if (model.channels > 1) return values.every((cells) => cells.length === model.channels) ? values : null;
  if (values.every((cells) => cells.length === 1)) return values.flat(); // one series, a number a line
  // One number more than there are steps: the class comes first.
  return values.every((cells) => cells.length === model.steps + 1) ? null : values;
}

/* Rows as long as the header, without it, get it. */
function withHeader(text) {
  if (!model.header) return text;
  const separator = separatorOf(text);
  const [first] = pastedCells(text);
  const isBare = first.length === model.header.length && numbersIn([first.slice(-model.columns)]);
  const quoted = model.header.map((name) => `"${name.replaceAll('"', '""')}"`);
  return isBare ? `${quoted.join(separator)}\n${text.trim()}\n` : text;
}

function promptForm() {
  const field = (id, label, attributes) => make("div", {}, make("label", { for: id }, label), make("input", { id, ...attributes }));
  const prompt = make("textarea", { id: "text", placeholder: "What the text begins with", keydown: sendsByKey });
  const heat = make("input", { id: "temperature", type: "range", min: "0", max: "1.5", step: "0.05", value: "0.8" });
  const shown = make("output", { for: "temperature" }, "0.8");
  heat.addEventListener("input", () => { shown.textContent = heat.value; });
  const stop = make("button", { type: "button", hidden: true }, "Stop");
  form.append(make("label", { for: "text" }, "Beginning"), prompt,
    make("div", { class: "fields below" },
      make("div", {}, make("label", { for: "temperature" }, "Temperature ", shown), heat),
      field("length", "Characters", { type: "number", min: "1", max: "10000", value: "500" }),
      field("seed", "Seed", { type: "number", min: "0", max: "2147483647", placeholder: "random" })),
    submitRow("Write", stop));
  form.addEventListener("submit", () => {
    if (!checkNumbers()) return;
    const wanted = { prompt: prompt.value, length: Number(form.querySelector("#length").value),
      temperature: Number(heat.value), stream: true, ...seedOf() };
    const control = new AbortController();
    stop.hidden = false;
    stop.onclick = () => control.abort();
    ask("generate", { body: JSON.stringify(wanted), signal: control.signal }, async (response, isNewest) => {
      const written = make("p", { class: "written" }, make("b", {}, prompt.value));
      answer.replaceChildren(written, make("p", { class: "quiet took" }, `Seed ${response.headers.get("dlcli-seed")}`));
      answer.removeAttribute("aria-busy");
      bringIntoView();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || !isNewest()) break;
        written.append(value);
      }
    }).finally(() => { stop.hidden = true; });
  });
}

function picturesForm() {
  const field = (id, label, attributes) => make("div", {}, make("label", { for: id }, label), make("input", { id, type: "number", ...attributes }));
  form.append(make("div", { class: "fields" },
    field("count", "Pictures", { min: "1", max: "256", value: "16" }),
    field("seed", "Seed", { min: "0", max: "2147483647", placeholder: "random" })),
    submitRow("Make pictures"));
  let shown = "";
  form.addEventListener("submit", () => {
    if (!checkNumbers()) return;
    const wanted = { count: Number(form.querySelector("#count").value), ...seedOf() };
    ask("generate", { body: JSON.stringify(wanted) }, async (response, isNewest) => {
      const sheet = await response.blob();
      if (!isNewest()) return;
      URL.revokeObjectURL(shown);
      shown = URL.createObjectURL(sheet);
      const seed = response.headers.get("dlcli-seed");
      answer.replaceChildren(make("img", { class: "made", src: shown, alt: `${wanted.count} pictures made with seed ${seed}` }),
        make("div", { class: "row" }, make("a", { href: shown, download: "pictures.png" }, "Save"),
          make("span", { class: "quiet" }, `Seed ${seed}`)));
      bringIntoView();
    });
  });
}

function seedOf() {
  const seed = form.querySelector("#seed").value;
  return seed === "" ? {} : { seed: Number(seed) };
}

/* Whether all numbers are in their ranges; the first that is not is told. */
function checkNumbers() {
  const wrong = [...form.querySelectorAll("input[type=number]")].find((each) => !each.checkValidity() || (each.value === "" && each.id !== "seed"));
  if (!wrong) return true;
  const label = form.querySelector(`label[for=${wrong.id}]`).textContent;
  showError(`${label}: expected a whole number from ${wrong.min} to ${number(Number(wrong.max))}.`);
  wrong.focus();
  return false;
}

/* -------------------------------------------------------------------- page */

document.getElementById("name").textContent = model.name;
document.getElementById("does").textContent = model.does;
document.getElementById("file").textContent = model.file;
document.getElementById("metadata").href = `v1/models/${encodeURIComponent(model.name)}/metadata`;
const origin = location.href.replace(/[?#].*$/, "").replace(/\/$/, "");
for (const { title, command } of model.examples) {
  const text = command.replaceAll("{origin}", origin);
  const copy = make("button", { type: "button", "aria-label": `Copy the command: ${title}`, click: async () => {
    try { await navigator.clipboard.writeText(text); copy.textContent = "Copied"; }
    catch { getSelection().selectAllChildren(pre); copy.textContent = "Selected"; }
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  } }, "Copy");
  const pre = make("pre", {}, text);
  document.getElementById("examples").append(make("h2", {}, title), make("div", { class: "command" }, pre, copy));
}
form.addEventListener("submit", (event) => event.preventDefault());
({ file: fileForm, image: imageForm, table: tableForm, text: textForm, history: tableTextForm, series: tableTextForm,
  prompt: promptForm, pictures: picturesForm })[model.form]();
