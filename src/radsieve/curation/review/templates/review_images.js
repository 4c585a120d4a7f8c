"use strict";
// Images on canvases: their own pixels, a window of grey levels, and a common zoom. Nothing here alters an image.
const views = [...document.querySelectorAll("#views figure")].map((figure) => ({
  figure,
  box: figure.querySelector(".view"),
  canvas: figure.querySelector("canvas"),
  note: figure.querySelector("figcaption span"),
  picture: null, mirrored: false,
}));
// Relative to all of the image; the place in the middle of the view, as it is shown, in shares of width and height.
const zoom = { factor: 1, x: 0.5, y: 0.5 };

async function loaded(name) {
  const image = document.querySelector(`#pictures img[data-picture="${name}"]`);
  await image.decode();
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
  context.drawImage(image, 0, 0);
  const stored = context.getImageData(0, 0, width, height).data;
  const depth = image.dataset.depth;
  if (depth !== "16") return { width, height, depth, values: stored, channels: 4, low: 0, high: 255 };
  const values = new Uint16Array(width * height);
  let [low, high] = [65535, 0];
  for (let i = 0; i < values.length; i += 1) {
    values[i] = stored[4 * i] * 256 + stored[4 * i + 1];
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return { width, height, depth, values, channels: 1, low, high: Math.max(high, low + 1) };
}

// `level` and `window` in shares of the range of the image: 0.5 and 1 show all of it.
function paint(view, level, window) {
  const { width, height, values, channels, low, high } = view.picture;
  const span = high - low;
  const black = low + (level - window / 2) * span;
  const scale = 255 / (window * span);
  const shown = new ImageData(width, height);
  const out = shown.data;
  const grey = (value) => (value - black) * scale; // Uint8ClampedArray rounds and clips
  for (let i = 0; i < out.length; i += 4) {
    if (channels === 1) {
      out[i] = out[i + 1] = out[i + 2] = grey(values[i / 4]);
    } else {
      out[i] = grey(values[i]);
      out[i + 1] = grey(values[i + 1]);
      out[i + 2] = grey(values[i + 2]);
    }
    out[i + 3] = 255;
  }
  view.canvas.width = width;
  view.canvas.height = height;
  view.canvas.getContext("2d").putImageData(shown, 0, 0);
}

function fitting(view) {
  return Math.min(view.box.clientWidth / view.picture.width, view.box.clientHeight / view.picture.height);
}

function place() {
  for (const view of views.filter((one) => one.picture && !one.figure.hidden)) {
    const { width, height } = view.picture;
    const scale = fitting(view) * zoom.factor;
    const x = view.box.clientWidth / 2 - zoom.x * width * scale;
    const y = view.box.clientHeight / 2 - zoom.y * height * scale;
    const flip = view.mirrored ? ` translateX(${width}px) scaleX(-1)` : "";
    view.canvas.style.transform = `translate(${x}px, ${y}px) scale(${scale})${flip}`;
    view.canvas.style.imageRendering = scale > 3 ? "pixelated" : "auto";
    const bits = { 8: "8 bits", 16: "16 bits", "8 of 16": "8 of 16 bits shown" }[view.picture.depth];
    view.note.textContent = `· ${width} × ${height} pixels, ${bits}, at ${Math.round(100 * scale)}%${view.mirrored ? ", mirrored" : ""}`;
  }
}

// The place of the image under a point of the view, in shares of width and height.
function under(view, event) {
  const box = view.box.getBoundingClientRect();
  const scale = fitting(view) * zoom.factor;
  const x = (event.clientX - box.left - box.width / 2) / (view.picture.width * scale);
  const y = (event.clientY - box.top - box.height / 2) / (view.picture.height * scale);
  return { x: zoom.x + x, y: zoom.y + y, dx: x, dy: y };
}

function zoomTo(factor, at = null) {
  const before = zoom.factor;
  zoom.factor = Math.min(64, Math.max(0.02, factor));
  if (at) {
    zoom.x = at.x - at.dx * (before / zoom.factor);
    zoom.y = at.y - at.dy * (before / zoom.factor);
  }
  if (zoom.factor <= 1) zoom.x = zoom.y = 0.5;
  zoom.x = Math.min(1, Math.max(0, zoom.x));
  zoom.y = Math.min(1, Math.max(0, zoom.y));
  place();
}

function onePixel() {
  zoomTo(1 / fitting(views.find((view) => view.picture && !view.figure.hidden)));
}

for (const view of views) {
  let held = null;
  view.box.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomTo(zoom.factor * Math.exp(-event.deltaY / 400), under(view, event));
  }, { passive: false });
  view.box.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, at: under(view, event), moved: false };
    view.box.setPointerCapture(event.pointerId);
  });
  view.box.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > 4;
    if (!held.moved) return;
    const now = under(view, event);
    zoom.x += held.at.x - now.x;
    zoom.y += held.at.y - now.y;
    zoomTo(zoom.factor);
  });
  view.box.addEventListener("pointerup", (event) => {
    if (held && !held.moved) zoomTo(zoom.factor * (event.shiftKey ? 0.5 : 2), under(view, event));
    held = null;
  });
}
window.addEventListener("resize", place);
