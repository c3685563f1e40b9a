// The page is whole without this: it sorts and filters the table of results, and opens what is folded.
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
    const [words, verdict, said] = ["#words", "#verdicts", "#said"].map((name) => tools.querySelector(name));
    const rows = [...document.querySelectorAll("#results tbody tr")];
    const apply = () => {
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !wanted.every((word) => text.includes(word)) || !(verdict.value === "" || row.dataset.verdict === verdict.value);
        shown += row.hidden ? 0 : 1;
      }
      said.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} rows`;
    };
    words.addEventListener("input", apply);
    verdict.addEventListener("change", apply);
  }
  const folded = [...document.querySelectorAll("details")];
  let shut = [];
  addEventListener("beforeprint", () => {
    shut = folded.filter((one) => !one.open);
    shut.forEach((one) => (one.open = true));
  });
  addEventListener("afterprint", () => shut.forEach((one) => (one.open = false)));
})();
