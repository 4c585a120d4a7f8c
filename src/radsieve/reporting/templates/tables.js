"use strict";
// Tables: all rows are sorted and searched, a step of them is shown at a time. Rows beyond those in the markup wait as
// JSON and become markup when they are shown; rows of <tfoot>, which sum up the others, stay where they are.
for (const box of document.querySelectorAll(".table")) {
  const table = box.querySelector("table");
  if (!table) continue;
  const STEP = 300;
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  const numeric = headings.map((heading) => heading.classList.contains("number"));
  const marks = JSON.parse(table.dataset.marks ?? "{}");
  // Numbers are shown with a minus sign and powers of ten, and sorted, searched and copied as they are typed: -4.1e-7.
  const RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
  const power = (_, digits) => `e-${[...digits].map((digit) => RAISED.indexOf(digit)).join("")}`;
  const withHyphen = (text) =>
    text.replaceAll("\u2212", "-").replace(new RegExp(` \u00d7 10\u207b([${RAISED}]+)`, "g"), power);
  const orderOf = (text) => {
    const plain = withHyphen(text).replaceAll(",", "");
    return plain === "" || Number.isNaN(Number(plain)) ? "" : plain;
  };
  // A row: its markup if it has any yet, its cells [text, order, interval, whole] otherwise, and what it is searched by.
  const rows = [...body.rows].map((element) => ({
    element,
    texts: [...element.cells].map((cell) => cell.textContent),
    orders: [...element.cells].map((cell) => cell.dataset.order ?? withHyphen(cell.textContent)),
  }));
  const waiting = box.querySelector("script");
  for (const cells of waiting ? JSON.parse(waiting.textContent) : []) {
    const whole = cells.map((cell) => (typeof cell === "string" ? [cell] : cell));
    rows.push({
      cells: whole,
      texts: whole.map(([text, , interval = ""]) => text + interval),
      orders: whole.map(([text, order], column) => (numeric[column] ? order ?? orderOf(text) : withHyphen(text))),
    });
  }
  for (const row of rows) row.searched = withHyphen(row.texts.join(" ").toLowerCase());
  const made = (row) => {
    if (row.element) return row.element;
    row.element = document.createElement("tr");
    row.cells.forEach(([text, , interval, whole], column) => {
      const cell = row.element.insertCell();
      cell.className = headings[column].className;
      if (whole) cell.title = whole;
      const shown = marks[text] ? cell.appendChild(document.createElement("span")) : cell;
      if (marks[text]) shown.className = `mark ${marks[text]}`;
      shown.append(text);
      if (!interval) return;
      const bounds = cell.appendChild(document.createElement("span"));
      bounds.className = "interval";
      bounds.textContent = interval;
    });
    return row.element;
  };
  const added = (parent, name, text, className) => {
    const element = parent.appendChild(document.createElement(name));
    element.textContent = text;
    element.className = className ?? "";
    if (name === "button") element.type = "button";
    return element;
  };

  let order = [...rows];
  let found = order;
  let limit = STEP;
  const filter = box.querySelector(".filter");
  const cut = box.querySelector(".cut");
  const [state, more] = cut ? [cut, null] : [null, null];
  let button = more;
  const show = () => {
    body.replaceChildren(...found.slice(0, limit).map(made));
    if (!state) return;
    const shown = Math.min(limit, found.length);
    state.textContent = `${shown.toLocaleString("en")} of ${found.length.toLocaleString("en")} rows shown. `;
    if (shown < found.length) {
      button = added(state, "button", `Show ${Math.min(STEP, found.length - shown)} more`);
      button.addEventListener("click", () => { limit += STEP; show(); button?.focus({ preventScroll: true }); });
    } else button = null;
  };
  const search = () => {
    const wanted = withHyphen(filter.querySelector("input").value.toLowerCase());
    found = wanted ? order.filter((row) => row.searched.includes(wanted)) : order;
    limit = STEP;
    const count = (number) => number.toLocaleString("en");
    filter.querySelector("output").textContent = wanted ? `${count(found.length)} of ${count(rows.length)} rows` : "";
    show();
  };
  filter?.querySelector("input").addEventListener("input", search);
  if (cut) show();

  // A click on a column's heading sorts by it, again the other way round. One heading at a time is a tab stop, the
  // arrow keys go to the others.
  if (rows.length > 1) {
    const buttons = headings.map((heading, column) => {
      const text = heading.textContent.trim();
      heading.textContent = "";
      const sorter = added(heading, "button", text);
      sorter.tabIndex = column ? -1 : 0;
      sorter.addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        const compare = (a, b) => {
          const [one, other] = [a.orders[column], b.orders[column]];
          if ((one === "") !== (other === "")) return one === "" ? 1 : -1; // what has no number comes last, either way
          const difference = numeric[column] ? one - other : one.localeCompare(other, "en", { numeric: true });
          return down ? -difference : difference;
        };
        order = [...order].sort(compare);
        headings.forEach((each) => each.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        if (filter) search();
        else { found = order; show(); }
      });
      return sorter;
    });
    table.tHead.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(document.activeElement);
      const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 };
      const next = buttons[steps[event.key]];
      if (at < 0 || !next) return;
      event.preventDefault();
      buttons.forEach((each) => { each.tabIndex = each === next ? 0 : -1; });
      next.focus();
    });
  }

  // The rows that are found as text with tabs between the cells, as a spreadsheet takes them; one row by a double click.
  const copied = (those) => {
    const names = headings.map((heading) => withHyphen(heading.textContent.trim()));
    const cells = (row) => [...made(row).cells].map((cell) => cell.title || withHyphen([...cell.childNodes].map((part) => part.textContent).join(" ")));
    return [names, ...those.map(cells)].map((line) => line.join("\t")).join("\n");
  };
  const copy = added(box.querySelector(".head"), "button", "copy rows", "onward");
  const write = async (those) => {
    try {
      await navigator.clipboard.writeText(copied(those));
      copy.textContent = `copied ${those.length}`;
    } catch {
      copy.textContent = "not copied: the browser forbids it";
    }
    setTimeout(() => { copy.textContent = "copy rows"; }, 2000);
  };
  copy.title = "Copy the rows that the filter leaves; a double click on a row copies that row";
  copy.setAttribute("aria-label", `Copy the rows that the filter leaves: ${table.getAttribute("aria-label")}`);
  copy.addEventListener("click", () => write(found));
  body.addEventListener("dblclick", (event) => {
    const row = rows.find(({ element }) => element && element === event.target.closest("tr"));
    if (row) write([row]);
  });

  // A link to a row that a filter hides shows all rows again.
  addEventListener("hashchange", () => {
    const target = rows.find(({ element }) => element?.id && `#${element.id}` === decodeURIComponent(location.hash));
    if (!target || body.contains(target.element)) return;
    if (filter) filter.querySelector("input").value = "";
    [order, found, limit] = [[...rows], rows, STEP];
    if (filter) search(); else show();
    target.element.scrollIntoView({ block: "center" });
  });
}
