// Cases, answers and their table. What is stored in the browser is stored by reader and by case, so that it still fits
// when the page is made again with other cases.
const element = (id) => document.getElementById(id);
const cases = JSON.parse(element("queue").dataset.cases);
const version = element("queue").dataset.version;
const COLUMNS = JSON.parse(element("queue").dataset.columns);
const FORMULA = /^'*[=+\-@\t\r]/;
const LETTERS = { same: "s", different: "d", "leave out": "x" };
let reader = "";
let answers = {}; // by case: {answer, reason, time}
let here = 0;
let stored = true;
let ticking = null;

const memory = () => `radsieve review: ${reader}`;

function remember() {
  try {
    localStorage.setItem(memory(), JSON.stringify(answers));
  } catch {
    element("unsaved").hidden = false;
  }
}

function remembered() {
  try {
    const found = JSON.parse(localStorage.getItem(memory()) ?? "{}");
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}

const given = (one) => (one.answers.includes(answers[one.case]?.answer) ? answers[one.case].answer : "");
const answered = () => cases.filter(given).length;
const keyOf = (one, number) => LETTERS[one.answers[number]] ?? (number < 10 ? String(number) : "");

function questionOf(one) {
  if (one.question === "same") return "Are both images copies of one picture?";
  if (one.pictures.length > 1) return "Which grade do both images have, or are they different pictures?";
  return "Which grade does the image have?";
}

function tones() {
  const [level, width] = [element("level").valueAsNumber / 100, element("window").valueAsNumber / 100];
  views.filter((view) => view.picture).forEach((view) => paint(view, level, width));
  place();
}

function resetTones() {
  element("level").value = 50;
  element("window").value = 100;
  tones();
}

async function show() {
  const one = cases[here];
  stopFlicker();
  element("asked").textContent = questionOf(one);
  element("known").textContent = [one.grades, one.mirrored ? "They are alike if one is mirrored (M)." : ""].filter(Boolean).join(" · ");
  element("reason").value = answers[one.case]?.reason ?? "";
  element("answers").replaceChildren(...one.answers.map((answer, number) => button(one, answer, number)));
  said();
  element("views").classList.toggle("single", one.pictures.length === 1);
  const mark = one.case;
  const pictures = await Promise.all(one.pictures.map(loaded));
  if (cases[here].case !== mark) return; // the reader has gone on meanwhile
  views.forEach((view, number) => {
    view.picture = pictures[number] ?? null;
    view.mirrored = false;
    view.figure.hidden = !view.picture;
  });
  for (const id of ["mirror", "flicker"]) element(id).hidden = pictures.length < 2;
  element("mirror").setAttribute("aria-pressed", "false");
  Object.assign(zoom, { factor: 1, x: 0.5, y: 0.5 });
  resetTones();
  element("views").dataset.shown = mark;
}

function button(one, answer, number) {
  const made = document.createElement("button");
  const key = document.createElement("kbd");
  key.textContent = keyOf(one, number).toUpperCase();
  made.type = "button";
  made.dataset.answer = answer;
  made.append(...(key.textContent ? [key, " "] : []), answer);
  made.addEventListener("click", () => decide(answer));
  return made;
}

function said() {
  const one = cases[here];
  for (const made of element("answers").children) {
    made.setAttribute("aria-pressed", String(made.dataset.answer === given(one)));
  }
  element("place").textContent = `Case ${here + 1} of ${cases.length}, ${answered()} answered`;
  element("progress").value = answered();
  element("previous").disabled = here === 0;
}

function open() {
  element("start").hidden = element("done").hidden = true;
  element("reading").hidden = false;
  document.body.classList.add("reading");
  element("asked").focus({ preventScroll: true });
  return show();
}

function decide(answer) {
  const one = cases[here];
  answers[one.case] = { answer, reason: element("reason").value.trim(), time: new Date().toISOString() };
  stored = false;
  remember();
  said();
  go(1);
}

function takeBack() {
  delete answers[cases[here].case];
  stored = false;
  remember();
  said();
}

function go(step) {
  if (here + step < 0) return;
  if (here + step >= cases.length) {
    finish();
    return;
  }
  here += step;
  show();
  element("asked").focus({ preventScroll: true });
}

function finish() {
  stopFlicker();
  document.body.classList.remove("reading");
  element("reading").hidden = true;
  element("done").hidden = false;
  element("stored").textContent = "";
  element("count").textContent = `${answered()} of ${cases.length} cases are answered.`;
  element("store").disabled = !answered();
  element("thanks").focus();
}

function reasoned() {
  const one = cases[here];
  if (!given(one)) return;
  answers[one.case].reason = element("reason").value.trim();
  answers[one.case].time = new Date().toISOString();
  stored = false;
  remember();
}

function cell(text) {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function table() {
  const rows = cases.filter(given).map((one) => {
    const { answer, reason, time } = answers[one.case];
    const [picture, other = ""] = one.pictures;
    return { case: one.case, question: one.question, picture, other, answer, reason, reader, time, page: version };
  });
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => cell(row[name])))].map((row) => `${row.join(",")}\r\n`).join("");
}

function store() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", table()], { type: "text/csv" })); // the mark, so that Excel reads UTF-8
  link.download = `review_${reader.replaceAll(/[^\p{L}\p{N}._\-]+/gu, "_")}_${version}.csv`;
  link.click();
  stored = true;
  element("stored").textContent = `Stored as ${link.download}, in the folder of your downloads.`;
}

function parsed(text) {
  const rows = [[""]];
  let quoted = false;
  const signs = [...text.replace(/^\ufeff/, "")];
  const header = text.split("\n")[0];
  const count = (sign) => header.split(sign).length;
  const separator = [",", ";", "\t"].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
  for (let i = 0; i < signs.length; i += 1) {
    const row = rows.at(-1);
    if (quoted) {
      if (signs[i] !== '"') row[row.length - 1] += signs[i];
      else if (signs[i + 1] === '"') { row[row.length - 1] += '"'; i += 1; } else quoted = false;
    } else if (signs[i] === '"') quoted = true;
    else if (signs[i] === separator) row.push("");
    else if (signs[i] === "\n") rows.push([""]);
    else if (signs[i] !== "\r") row[row.length - 1] += signs[i];
  }
  return rows.filter((row) => row.some(Boolean));
}

async function load(file) {
  const [names, ...rows] = parsed(await file.text());
  const by = (row, name) => (row[names.indexOf(name)] ?? "").replace(/^'(?='*[=+\-@\t\r])/, "");
  reader = element("reader").value.trim();
  const found = rows.filter((row) => {
    const one = cases.find(({ case: id }) => id === by(row, "case"));
    return one && by(row, "reader") === reader && one.answers.includes(by(row, "answer"));
  });
  answers = remembered();
  for (const row of found) {
    const [id, time] = [by(row, "case"), by(row, "time")];
    if (!answers[id] || answers[id].time < time) answers[id] = { answer: by(row, "answer"), reason: by(row, "reason"), time };
  }
  if (found.length) remember();
  const others = rows.length - found.length;
  element("loaded").textContent = `${found.length} answers of ${reader || "nobody (fill in your name first)"} taken over`
    + (others ? `; ${others} rows are of other readers or cases.` : ".");
}

function mirror() {
  if (cases[here].pictures.length < 2) return;
  views[1].mirrored = !views[1].mirrored;
  element("mirror").setAttribute("aria-pressed", String(views[1].mirrored));
  place();
}

function swap() {
  if (!element("views").classList.contains("flicker")) return;
  for (const view of views) view.figure.hidden = !view.figure.hidden;
  place();
}

function stopFlicker() {
  clearInterval(ticking);
  ticking = null;
  element("views").classList.remove("flicker");
  element("flicker").setAttribute("aria-pressed", "false");
}

function flicker() {
  if (cases[here].pictures.length < 2) return;
  if (element("views").classList.contains("flicker")) {
    stopFlicker();
    for (const view of views) view.figure.hidden = false;
    place();
    return;
  }
  element("views").classList.add("flicker");
  element("flicker").setAttribute("aria-pressed", "true");
  views[1].figure.hidden = true;
  place();
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) ticking = setInterval(swap, 600);
}

const byHand = () => { clearInterval(ticking); swap(); };
const KEYS = {
  arrowright: () => go(1), n: () => go(1), arrowleft: () => go(-1), p: () => go(-1), backspace: takeBack,
  r: () => element("reason").focus(), f: flicker, " ": byHand, m: mirror, w: resetTones,
  z: onePixel, a: () => zoomTo(1), "+": () => zoomTo(zoom.factor * 1.5), "-": () => zoomTo(zoom.factor / 1.5),
};

element("begin")?.addEventListener("submit", (event) => {
  event.preventDefault();
  reader = element("reader").value.trim();
  if (!reader) return;
  answers = remembered();
  const first = cases.findIndex((one) => !given(one));
  here = first < 0 ? 0 : first;
  open();
});
element("load")?.addEventListener("change", (event) => load(event.target.files[0]));
element("reason").addEventListener("input", reasoned);
element("reason").addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === "Escape") element("asked").focus({ preventScroll: true });
  event.stopPropagation();
});
for (const [id, act] of Object.entries({
  previous: () => go(-1), next: () => go(1), finish, store, reset: resetTones, all: () => zoomTo(1),
  pixels: onePixel, mirror, flicker, back: open,
  clear: () => {
    answers = {};
    remember();
    stored = true;
    finish();
  },
})) element(id).addEventListener("click", act);
for (const id of ["level", "window"]) element(id).addEventListener("input", tones);
document.addEventListener("keydown", (event) => {
  if (element("reading").hidden || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.matches("input[type=range]") && event.key.startsWith("Arrow")) return;
  if (event.target.matches("button") && event.key === " ") return;
  const key = event.key.toLowerCase();
  const one = cases[here];
  const number = one.answers.findIndex((_, place) => keyOf(one, place) === key);
  const act = number >= 0 ? () => decide(one.answers[number]) : KEYS[key];
  if (!act) return;
  event.preventDefault();
  act();
});
window.addEventListener("beforeunload", (event) => {
  if (!stored && !element("unsaved").hidden) event.preventDefault();
});
