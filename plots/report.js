"use strict";
// A click on a column's title sorts the table by it; without a script the tables stay as they were printed.
for (const table of document.querySelectorAll("table")) {
  const titles = [...table.tHead.rows[0].cells];
  const value = (row, column) => row.cells[column].dataset.v ?? row.cells[column].textContent;
  const order = (column, sign) => (a, b) => {
    const x = value(a, column), y = value(b, column);
    if (x === "-" || y === "-") return (x === "-") - (y === "-");
    return sign * (x - y || x.localeCompare(y));
  };
  titles.forEach((title, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...title.childNodes);
    title.append(button);
    button.addEventListener("click", () => {
      const up = title.getAttribute("aria-sort") !== "ascending";
      for (const other of titles) other.removeAttribute("aria-sort");
      title.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].sort(order(column, up ? 1 : -1));
      table.tBodies[0].append(...rows);
    });
  });
}
// Sources are folded on a screen, and whole on paper.
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details")) part.open = true;
});
