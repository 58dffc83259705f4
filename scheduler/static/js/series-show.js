// A series: m on a row moves that visit.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!document.getElementById("keys-on")?.checked || document.querySelector("dialog[open]")) return;
  const link = document.activeElement?.closest("tr")?.querySelector("[data-move]");
  if (link) link.click();
});
