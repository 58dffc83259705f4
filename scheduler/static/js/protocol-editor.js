// Template editor: one phase at a time, dates and errors while one types, bars that follow the minutes.
"use strict";

(() => {
  const form = document.getElementById("editor");
  if (!form) return;
  const PARTS = { checkin: "p-checkin", prep: "p-prep", premed: "p-premed", infusion: "p-infusion", recovery: "p-recovery", discharge: "p-discharge", turnaround: "p-turn" };
  const all = (selector, root = form) => [...root.querySelectorAll(selector)];

  // ---------- phases as tabs; without script they stand one below the other ----------
  function show(id) {
    const tabs = all("[data-tab]");
    const chosen = tabs.some((tab) => tab.dataset.tab === id) ? id : tabs[0].dataset.tab;
    document.getElementById("at").value = chosen;
    tabs.forEach((tab) => {
      const here = tab.dataset.tab === chosen;
      tab.classList.toggle("active", here);
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
    });
    all("[data-phase]").forEach((panel) => { panel.hidden = panel.dataset.phase !== chosen; });
  }

  function makeTabs() {
    const list = document.getElementById("phase-tabs");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Phases");
    all("li", list).forEach((item) => item.setAttribute("role", "presentation"));
    all("[data-tab]", list).forEach((tab) => {
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", `phase-${tab.dataset.tab}`);
    });
    all("[data-phase]").forEach((panel) => panel.setAttribute("role", "tabpanel"));
    show(document.getElementById("at").value);
  }

  form.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (!tab) return;
    event.preventDefault();
    show(tab.dataset.tab);
  });

  form.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !event.target.matches("[data-tab]")) return;
    event.preventDefault();
    const tabs = all("[data-tab]");
    const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
    show(next.dataset.tab);
    next.focus();
  });

  // A link to a field opens what hides it.
  function reveal(box) {
    const panel = box.closest("[data-phase]");
    if (panel) show(panel.dataset.phase);
    box.closest("details")?.setAttribute("open", "");
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest('#fields .ct-note a[href^="#"]');
    const box = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!box) return;
    event.preventDefault();
    reveal(box);
    box.focus();
  });

  // ---------- bars and totals follow the minutes ----------
  const SVG = "http://www.w3.org/2000/svg";
  const length = (minutes) => (minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${String(minutes % 60).padStart(2, "0")}` : ""}`);

  function drawBar(profile) {
    const bar = profile.querySelector("[data-bar] svg");
    const parts = Object.keys(PARTS).map((part) => {
      const box = all("input", profile).find((one) => one.name.endsWith(`.parts.${part}`));
      const minutes = /^\d{1,4}$/.test(box?.value.trim() ?? "") ? Number(box.value) : 0;
      return { part, minutes, label: box?.labels[0]?.firstChild.textContent.trim() ?? part };
    }).filter((one) => one.minutes > 0);
    const total = parts.reduce((sum, one) => sum + one.minutes, 0);
    const without = (name) => total - (parts.find((one) => one.part === name)?.minutes ?? 0);
    profile.querySelector("[data-totals]").textContent = `patient ${length(without("turnaround"))}, chair ${length(without("checkin"))}`;
    if (!bar || !total) return;
    bar.setAttribute("viewBox", `0 0 ${total} 10`);
    bar.setAttribute("aria-label", parts.map((one) => `${one.label} ${one.minutes} minutes`).join(", "));
    let at = 0;
    bar.replaceChildren(...parts.map((one) => {
      const rect = document.createElementNS(SVG, "rect");
      const gap = Math.min(0.35, one.minutes / 4);
      Object.entries({ class: PARTS[one.part], x: at + gap, y: 0, width: one.minutes - 2 * gap, height: 10 }).forEach(([name, value]) => rect.setAttribute(name, value));
      at += one.minutes;
      return rect;
    }));
  }

  // ---------- what is typed is previewed: 400 ms after the last key ----------
  let waiting = 0;
  let dirty = form.querySelector(".is-invalid") !== null;
  function refresh(delay) {
    clearTimeout(waiting);
    waiting = setTimeout(() => htmx.ajax("POST", form.dataset.preview, { source: "#preview", target: "#preview", swap: "innerHTML" }), delay);
  }
  form.addEventListener("input", (event) => {
    if (event.target.closest("#preview")) return;
    dirty = true;
    const profile = event.target.closest("[data-profile]");
    if (profile) drawBar(profile);
    refresh(400);
  });
  form.addEventListener("change", (event) => { if (event.target.closest("#preview")) refresh(0); });

  // ---------- what the preview refuses stands at its field, and goes when it is right ----------
  function placeErrors() {
    const said = document.getElementById("said");
    if (!said) return;
    const fields = document.getElementById("fields");
    document.querySelectorAll("button[value=submit]").forEach((one) => { one.disabled = said.dataset.noPlan !== undefined; });
    all(".invalid-feedback", fields).forEach((one) => one.remove());
    all("[aria-invalid]", fields).forEach((one) => {
      one.removeAttribute("aria-invalid");
      one.classList.remove("is-invalid");
      const rest = (one.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && !id.endsWith("-wrong"));
      if (rest.length) one.setAttribute("aria-describedby", rest.join(" ")); else one.removeAttribute("aria-describedby");
    });
    all("li", said).forEach((line) => {
      const box = document.getElementById(line.dataset.wrong);
      if (!box) return;
      const text = document.createElement("div");
      Object.assign(text, { className: "invalid-feedback d-block", id: `${box.id}-wrong`, textContent: line.textContent });
      if (box.matches("input, select")) {
        box.classList.add("is-invalid");
        box.setAttribute("aria-invalid", "true");
      }
      box.setAttribute("aria-describedby", `${box.getAttribute("aria-describedby") || ""} ${text.id}`.trim());
      (box.closest(".ct-field") || box).append(text);
    });
  }

  // ---------- swaps: tabs and unfolded parts stay as they were ----------
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "fields") return;
    unfolded = all("details[open]").map((one) => one.id);
    dirty = true;
  });
  document.addEventListener("htmx:afterSwap", () => {
    unfolded.forEach((id) => id && document.getElementById(id)?.setAttribute("open", ""));
    if (!document.querySelector("#phase-tabs[role]")) makeTabs();
  });
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "preview") placeErrors(); });

  // ---------- leaving with unsaved changes ----------
  form.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

  makeTabs();

  // What was typed before this script ran, or what the browser brought back, is previewed too.
  const typed = (box) => (box.type === "checkbox" ? box.checked !== box.defaultChecked : box.value !== box.defaultValue);
  if (all("input:not([type=hidden])").some(typed)) refresh(0);
})();
