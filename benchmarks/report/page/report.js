// The page is complete without this script: it sorts and filters the table of results, and unfolds all for printing.
(() => {
  "use strict";
  const value = (row, column) => {
    const cell = row.cells[column];
    const known = cell.dataset.v;
    return known === undefined ? cell.textContent.trim() : known === "" ? null : Number(known);
  };
  const compare = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)) * (down ? -1 : 1));
        body.append(...rows);
      });
    });
  }
  const tools = document.querySelector("#tools");
  if (tools) {
    tools.hidden = false;
    const [filter, verdict, shown] = ["#filter", "#verdict", "#shown"].map((name) => tools.querySelector(name));
    const rows = [...document.querySelectorAll("#results tbody tr")];
    const apply = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word)) || !(verdict.value === "" || row.dataset.verdict === verdict.value);
        count += row.hidden ? 0 : 1;
      }
      shown.textContent = count === rows.length ? "" : `${count} of ${rows.length} rows`;
    };
    filter.addEventListener("input", apply);
    verdict.addEventListener("change", apply);
  }
  const folded = [...document.querySelectorAll("details")];
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folded.filter((one) => !one.open);
    closed.forEach((one) => (one.open = true));
  });
  addEventListener("afterprint", () => closed.forEach((one) => (one.open = false)));
})();
