"use strict";
const element = (id) => document.getElementById(id);
const films = [...document.querySelectorAll("#films img")];
const test = element("test").dataset.test;
const KEYS = {
  r: () => answer("real"), arrowleft: () => answer("real"),
  s: () => answer("synthetic"), arrowright: () => answer("synthetic"),
  u: undo, backspace: undo,
};
const answers = []; // of the films from the first on: {answer, seconds}
let reader = "";
let since = 0;
let stored = true;

function show() {
  const place = answers.length;
  const done = place === films.length;
  document.body.classList.toggle("reading", !done);
  element("trial").hidden = done;
  element("done").hidden = !done;
  element("stored").textContent = "";
  if (done) {
    element("thanks").focus();
    return;
  }
  films.forEach((film, number) => { film.hidden = number !== place; });
  element("place").textContent = `Film ${place + 1} of ${films.length}`;
  element("progress").value = place;
  element("undo").disabled = place === 0;
  element("films").focus({ preventScroll: true });
  since = performance.now();
}

function answer(said) {
  if (element("trial").hidden) return;
  answers.push({ answer: said, seconds: (performance.now() - since) / 1000 });
  stored = false;
  show();
}

function undo() {
  if (element("start").hidden && answers.length) {
    answers.pop();
    show();
  }
}

function table() {
  const rows = answers.map((one, number) => [test, reader, number + 1, one.answer, one.seconds.toFixed(2)]);
  return [["test", "reader", "place", "answer", "seconds"], ...rows].map((row) => `${row.join(",")}\n`).join("");
}

element("begin").addEventListener("submit", (event) => {
  event.preventDefault();
  reader = element("reader").value.trim();
  element("start").hidden = true;
  show();
});
element("real").addEventListener("click", () => answer("real"));
element("synthetic").addEventListener("click", () => answer("synthetic"));
element("undo").addEventListener("click", undo);
element("back").addEventListener("click", undo);
element("store").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
  link.download = `turing_test_${test}_${reader.replaceAll(" ", "_")}.csv`;
  link.click();
  stored = true;
  element("stored").textContent = `Stored as ${link.download}, in the folder of your downloads.`;
});
document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key.toLowerCase()];
  if (!act || event.repeat || event.ctrlKey || event.altKey || event.metaKey || !element("start").hidden) return;
  event.preventDefault();
  act();
});
window.addEventListener("beforeunload", (event) => {
  if (!stored) event.preventDefault();
});
