// New series: 1, 2, 3 choose a plan, and Enter books it.
"use strict";

(() => {
  const plans = document.getElementById("plans");
  const wishes = document.getElementById("wishes");
  if (!plans || !wishes) return;

  // ---------- choose by digit: the Book button takes the focus, so Enter is its own key ----------
  const typing = (element) => element.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, [contenteditable]");

  function choose(button) {
    plans.querySelectorAll("[data-book]").forEach((one) => {
      const chosen = one === button;
      one.classList.toggle("btn-primary", chosen);
      one.classList.toggle("btn-plain", !chosen);
      one.closest(".ct-plan").classList.toggle("is-best", chosen);
    });
    button.focus();
    button.closest(".ct-plan").scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (!document.getElementById("keys-on")?.checked || document.querySelector("dialog[open]")) return;
    const button = /^[1-9]$/.test(event.key) ? plans.querySelector(`[data-book="${event.key}"]`) : null;
    if (!button) return;
    event.preventDefault();
    choose(button);
  });

  // ---------- plans for what was typed before cannot be booked while new ones are on their way ----------
  document.getElementById("asks").addEventListener("input", (event) => {
    if (event.target.name === "who") return;
    plans.classList.add("is-stale");
    plans.querySelectorAll("[data-book], [data-hold]").forEach((button) => { button.disabled = true; });
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target === plans) plans.classList.remove("is-stale"); });

  // ---------- arrows walk the patients that were found ----------
  wishes.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const found = [...wishes.querySelectorAll("#who, [name=pick]")];
    const at = found.indexOf(event.target);
    if (at < 0) return;
    event.preventDefault();
    found[Math.max(0, Math.min(found.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
  });
})();
