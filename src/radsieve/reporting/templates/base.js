"use strict";
// Boxes that scroll are tab stops, so that the keyboard can scroll them; others are not.
const boxes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const box = target.classList.contains("scroll") ? target : target.parentElement;
    const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
    if (!scrolls) { box.removeAttribute("role"); box.removeAttribute("aria-label"); continue; }
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", box.closest("[id]").querySelector(".name")?.textContent ?? "");
  }
});
for (const box of document.querySelectorAll(".scroll")) {
  boxes.observe(box);
  boxes.observe(box.firstElementChild);
}
// Table of contents: closed at first where it would cover the page; the heading at the top of the window is marked, and
// only the part that it belongs to is unfolded.
const contents = document.querySelector(".toc details");
if (contents) {
  document.documentElement.classList.add("scripted");
  const narrow = matchMedia("(max-width: 56rem)");
  const fit = () => { contents.open = !narrow.matches; };
  narrow.addEventListener("change", fit);
  fit();
  contents.addEventListener("click", (event) => {
    if (narrow.matches && event.target.closest("a")) contents.open = false;
  });
  const links = new Map([...contents.querySelectorAll("a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const mark = (id) => {
    const link = links.get(id);
    if (!link || link.hasAttribute("aria-current")) return;
    for (const other of links.values()) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    for (const part of contents.querySelectorAll("details > ol > li")) part.classList.toggle("current", part.contains(link));
    const nav = contents.parentElement;
    const [inner, outer] = [link.getBoundingClientRect(), nav.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) nav.scrollTop += inner.top - outer.top - outer.height / 3;
  };
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) mark(target.id);
  }, { rootMargin: "0px 0px -75% 0px" });
  for (const id of links.keys()) {
    const target = document.getElementById(id);
    if (target) seen.observe(target);
  }
}
