"use strict";
// Pictures at full size: zoom, pan, window and level (of what is shown only), and a second picture beside or in turn.
{
  const SVG = "http://www.w3.org/2000/svg";
  const figures = [...document.querySelectorAll("figure.picture")].filter((figure) => figure.querySelector("img"));
  const named = (figure) => figure.querySelector(".name").textContent;
  const make = (parent, name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    parent?.append(element);
    return element;
  };
  const dialog = make(null, "dialog", { className: "viewer" });
  const bar = make(dialog, "div", { className: "bar" });
  const title = make(bar, "strong", { id: "viewer-title" });
  dialog.setAttribute("aria-labelledby", title.id);
  const button = (text, label, act) => {
    const made = make(bar, "button", { type: "button", textContent: text, title: label });
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };
  const slider = (text, minimum, maximum, value) => {
    const input = make(null, "input", { type: "range", min: minimum, max: maximum, step: 0.01, value });
    input.addEventListener("input", draw);
    make(bar, "label", {}, `${text} `, input);
    return input;
  };

  const stage = make(dialog, "div", { className: "stage", tabIndex: 0 });
  const views = [0, 1].map(() => {
    const view = make(stage, "div", { className: "view" });
    return { view, image: make(view, "img"), zoom: 1, x: 0, y: 0 };
  });
  let mode = "single";
  let front = 0; // which picture is shown in turn
  let active = 0; // which picture moves if they do not move together
  let timer = 0;

  button("+", "Zoom in (+)", () => zoomed(1.25));
  button("−", "Zoom out (-)", () => zoomed(0.8));
  button("fit", "Fit into the window (0)", fit);
  button("1:1", "One pixel of the picture on one of the screen (1)", () => { each((view) => place(view, 1)); draw(); });
  const width = slider("window", 0.02, 2, 1);
  const level = slider("level", 0, 1, 0.5);
  button("reset", "Grey values as they are (r)", () => { width.value = 1; level.value = 0.5; draw(); });
  const other = make(null, "select");
  make(bar, "label", {}, "compare with ", other);
  const together = make(null, "input", { type: "checkbox", checked: true });
  const linked = make(bar, "label", {}, together, " move together");
  const beside = button("side by side", "Both pictures side by side (s)", () => compare("beside"));
  const flicker = button("in turn", "Both pictures in turn, by this button or the space bar (space)", turn);
  const auto = button("blink", "Both pictures in turn, twice a second (b)", blink);
  button("close", "Close (Esc)", () => dialog.close());
  const hint = make(dialog, "p", { className: "hint", textContent:
    "Wheel or + and -: zoom; drag or arrow keys: move; 0: fit; window and level change what is shown, never the file" });

  const filter = document.createElementNS(SVG, "svg");
  filter.setAttribute("class", "filter-only");
  filter.setAttribute("aria-hidden", "true");
  const inner = document.createElementNS(SVG, "filter");
  inner.id = "window-level";
  inner.setAttribute("color-interpolation-filters", "sRGB");
  const transfer = inner.appendChild(document.createElementNS(SVG, "feComponentTransfer"));
  const channels = ["R", "G", "B"].map((channel) => {
    const made = transfer.appendChild(document.createElementNS(SVG, `feFunc${channel}`));
    made.setAttribute("type", "linear");
    return made;
  });
  filter.append(inner);
  dialog.append(filter);

  function each(act) {
    const moved = together.checked || mode === "single" ? views : [views[active]];
    moved.forEach(act);
  }
  function place(view, zoom) { // in the middle
    const box = view.view.getBoundingClientRect();
    view.zoom = zoom;
    view.x = (box.width - view.image.naturalWidth * zoom) / 2;
    view.y = Math.max((box.height - view.image.naturalHeight * zoom) / 2, 0);
  }
  function fit() {
    each((view) => {
      const box = view.view.getBoundingClientRect();
      if (!view.image.naturalWidth || !box.width) return;
      place(view, Math.min(box.width / view.image.naturalWidth, box.height / view.image.naturalHeight));
    });
    draw();
  }
  function zoomed(factor, at) {
    each((view) => {
      const box = view.view.getBoundingClientRect();
      const [x, y] = at ?? [box.width / 2, box.height / 2];
      const zoom = Math.min(Math.max(view.zoom * factor, 0.02), 40);
      view.x = x - (x - view.x) * (zoom / view.zoom);
      view.y = y - (y - view.y) * (zoom / view.zoom);
      view.zoom = zoom;
    });
    draw();
  }
  function moved(x, y) {
    each((view) => { view.x += x; view.y += y; });
    draw();
  }
  function draw() {
    const slope = 1 / width.value;
    const changed = width.value !== "1" || level.value !== "0.5";
    for (const channel of channels) {
      channel.setAttribute("slope", slope);
      channel.setAttribute("intercept", 0.5 - level.value * slope);
    }
    views.forEach(({ view, image, zoom, x, y }, number) => {
      image.style.transform = `translate(${x}px, ${y}px) scale(${zoom})`;
      image.style.imageRendering = zoom >= 3 ? "pixelated" : "auto";
      image.style.filter = changed ? "url(#window-level)" : "none";
      view.hidden = mode === "single" ? number === 1 : mode === "turn" && number !== front;
    });
    stage.dataset.mode = mode;
    for (const control of [beside, flicker, auto]) control.disabled = !other.value;
    linked.hidden = mode !== "beside";
    beside.setAttribute("aria-pressed", mode === "beside");
    flicker.setAttribute("aria-pressed", mode === "turn");
  }
  function compare(wanted) {
    clearInterval(timer);
    timer = 0;
    if (!other.value && wanted !== "single") return;
    mode = wanted;
    draw(); // the places of the pictures are measured in their new boxes
    fit();
  }
  function turn() {
    if (!other.value) return;
    if (mode === "turn") { front = 1 - front; draw(); }
    else { front = 1; compare("turn"); }
  }
  function blink() {
    const running = timer;
    compare("turn");
    if (!running && other.value) timer = setInterval(() => { front = 1 - front; draw(); }, 500);
  }
  other.addEventListener("change", () => {
    const chosen = figures[other.value];
    if (other.value !== "") {
      views[1].image.src = chosen.querySelector("img").src;
      views[1].image.alt = chosen.querySelector("img").alt;
      views[1].image.decode().then(() => compare("beside"), () => compare("beside"));
    } else compare("single");
  });

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const view = views.find(({ view }) => view.contains(event.target)) ?? views[0];
    active = views.indexOf(view);
    const box = view.view.getBoundingClientRect();
    zoomed(event.deltaY < 0 ? 1.15 : 1 / 1.15, [event.clientX - box.left, event.clientY - box.top]);
  }, { passive: false });
  const pointers = new Map();
  stage.addEventListener("pointerdown", (event) => {
    active = Math.max(views.findIndex(({ view }) => view.contains(event.target)), 0);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const from = pointers.get(event.pointerId);
    if (!from) return;
    const to = [event.clientX, event.clientY];
    if (pointers.size === 1) moved(to[0] - from[0], to[1] - from[1]);
    else { // two fingers: the change of their distance zooms
      const [id] = [...pointers.keys()].filter((each) => each !== event.pointerId);
      const fixed = pointers.get(id);
      const distance = (point) => Math.hypot(point[0] - fixed[0], point[1] - fixed[1]);
      const box = views[active].view.getBoundingClientRect();
      if (distance(from) > 0) zoomed(distance(to) / distance(from), [fixed[0] - box.left, fixed[1] - box.top]);
    }
    pointers.set(event.pointerId, to);
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => pointers.delete(event.pointerId));
  dialog.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select") && event.key !== "Escape") return;
    const keys = {
      "+": () => zoomed(1.25), "=": () => zoomed(1.25), "-": () => zoomed(0.8), 0: fit,
      1: () => { each((view) => place(view, 1)); draw(); },
      ArrowLeft: () => moved(60, 0), ArrowRight: () => moved(-60, 0), ArrowUp: () => moved(0, 60), ArrowDown: () => moved(0, -60),
      r: () => { width.value = 1; level.value = 0.5; draw(); }, s: () => compare("beside"), b: blink,
    };
    const act = event.key === " " && !event.target.matches("button") ? turn : keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  dialog.addEventListener("close", () => {
    clearInterval(timer);
    timer = 0;
    views.forEach(({ image }) => image.removeAttribute("src"));
  });
  addEventListener("resize", () => { if (dialog.open) fit(); });

  const open = (figure) => {
    const image = figure.querySelector("img");
    title.textContent = named(figure);
    mode = "single";
    front = 0;
    together.checked = true;
    width.value = 1;
    level.value = 0.5;
    other.replaceChildren(make(null, "option", { value: "", textContent: "–" }));
    figures.forEach((each, number) => {
      if (each !== figure) make(other, "option", { value: number, textContent: named(each) });
    });
    views[0].image.src = image.src;
    views[0].image.alt = image.alt;
    views.forEach((view) => { view.image.draggable = false; });
    if (!dialog.isConnected) document.body.append(dialog);
    dialog.showModal();
    stage.focus();
    views[0].image.decode().then(fit, fit);
  };
  for (const figure of figures) {
    const image = figure.querySelector("img");
    // not so small that its letters cannot be read: the smallest have about 12 pixels in the file
    if (image.width) image.style.minWidth = `${Math.round(0.72 * image.getAttribute("width"))}px`;
    const opener = make(null, "button", { type: "button", className: "enlarge", title: "Enlarge" });
    opener.setAttribute("aria-label", `Enlarge: ${named(figure)}`);
    image.replaceWith(opener);
    opener.append(image);
    opener.addEventListener("click", () => open(figure));
  }
}
