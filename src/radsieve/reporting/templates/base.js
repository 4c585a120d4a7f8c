"use strict";
// Tables: a click on a column's heading sorts by it, again the other way round.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => heading.firstElementChild.addEventListener("click", () => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    const key = (row) => row.cells[column].dataset.order ?? row.cells[column].textContent;
    const compare = (a, b) => {
      if ((a === "") !== (b === "")) return a === "" ? 1 : -1; // what has no number comes last, either way
      const difference = heading.classList.contains("number") ? a - b : a.localeCompare(b, "en", { numeric: true });
      return down ? -difference : difference;
    };
    body.append(...[...body.rows].sort((a, b) => compare(key(a), key(b))));
    headings.forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  }));
}
// Filters: only rows that hold the text stay.
for (const filter of document.querySelectorAll(".filter")) {
  const input = filter.querySelector("input");
  const rows = [...filter.parentElement.querySelectorAll("tbody tr")];
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    filter.querySelector("output").textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
  });
}
// Names of files behind a number or an answer: they lead to the first table or figure that is made from them.
const places = new Map();
document.querySelectorAll(".table, figure").forEach((item, number) => {
  const name = item.querySelector(".source").textContent;
  if (!places.has(name)) places.set(name, item.id ||= `from-${number}`);
});
for (const source of document.querySelectorAll(".numbers .source, .answers .source")) {
  if (!places.has(source.textContent)) continue;
  const link = document.createElement("a");
  link.href = `#${places.get(source.textContent)}`;
  source.replaceWith(link);
  link.append(source);
}
// Table of contents: the section at the top of the window is marked.
const links = new Map([...document.querySelectorAll(".toc a")].map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links.values()) link.removeAttribute("aria-current");
    links.get(entry.target.id)?.setAttribute("aria-current", "true");
  }
}, { rootMargin: "0px 0px -75% 0px" });
document.querySelectorAll("main section[id]").forEach((section) => seen.observe(section));
