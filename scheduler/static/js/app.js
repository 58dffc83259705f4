// What every page does beyond plain links and forms. Nothing here is needed to get work done.
"use strict";

const $ = (id) => document.getElementById(id);
const remembered = (name, otherwise) => { try { return localStorage.getItem(name) ?? otherwise; } catch { return otherwise; } };
const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };

// ---------- focus: the error summary, or what the page says ----------
function takeFocus(root) {
  const target = root.querySelector("[data-focus]");
  if (target) target.focus({ preventScroll: false });
}

// ---------- notes that go by themselves ----------
function letGo(root) {
  root.querySelectorAll(".ct-note[data-leaves]").forEach((note) => {
    const later = () => setTimeout(() => { if (note.matches(":hover, :focus-within")) later(); else note.remove(); }, 8000);
    note.removeAttribute("data-leaves");
    later();
  });
}

// ---------- dates: a calendar beside the text box ----------
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const dayText = (iso) => {
  const [y, m, d] = iso.split("-").map(Number);
  return `${WEEKDAYS[new Date(Date.UTC(y, m - 1, d)).getUTCDay()]} ${d} ${MONTHS[m - 1]} ${y}`;
};
const isoOf = (text) => {
  const found = text.match(/(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})/);
  const month = found ? MONTHS.indexOf(found[2][0].toUpperCase() + found[2].slice(1).toLowerCase()) : -1;
  return month < 0 ? "" : `${found[3]}-${String(month + 1).padStart(2, "0")}-${found[1].padStart(2, "0")}`;
};
function addCalendars(root) {
  root.querySelectorAll("input[data-day]:not([data-day=ready])").forEach((box) => {
    const native = document.createElement("input");
    if (!native.showPicker) return;
    box.dataset.day = "ready";
    Object.assign(native, { type: "date", tabIndex: -1, className: "ct-native-day" });
    native.setAttribute("aria-hidden", "true");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-quiet ct-day-button", tabIndex: -1 });
    const label = box.labels[0] ? box.labels[0].firstChild.textContent.trim() : "date";
    button.setAttribute("aria-label", `Calendar: ${label}`);
    button.innerHTML = '<svg class="ct-i" aria-hidden="true"><use href="#i-cal"/></svg>';
    button.addEventListener("click", () => { native.value = isoOf(box.value); native.showPicker(); });
    native.addEventListener("change", () => {
      if (!native.value) return;
      box.value = dayText(native.value);
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.dispatchEvent(new Event("change", { bubbles: true }));
      box.focus();
    });
    box.after(native, button);
  });
}

// ---------- rows of a list that grows ----------
function addRow(list) {
  const next = Number(list.dataset.next || list.querySelectorAll("[data-row]").length);
  const row = $(`${list.id}-row`).content.firstElementChild.cloneNode(true);
  row.querySelectorAll("*").forEach((one) => {
    for (const name of ["id", "name", "for", "aria-describedby", "aria-label"]) {
      if (one.hasAttribute(name)) one.setAttribute(name, one.getAttribute(name).replaceAll("__N__", next));
    }
  });
  list.dataset.next = next + 1;
  list.append(row);
  ready(row);
  row.querySelector("input, select, textarea")?.focus();
}

function dropRow(button) {
  const row = button.closest("[data-row]");
  const near = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  near?.querySelector("input, select, button")?.focus();
}

// ---------- forms: sent once, and the buttons keep their width ----------
const sendersOf = (form) => [...form.elements].filter((one) => one.matches("button:not([type=button])")); // also those outside of it

function freeze(form, submitter) {
  if (form.method === "dialog" || form.dataset.plain !== undefined) return;
  if (submitter?.name) {
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: submitter.name, value: submitter.value });
    kept.dataset.kept = "";
    form.append(kept); // a disabled button would not be sent
  }
  form.setAttribute("aria-busy", "true");
  sendersOf(form).forEach((button) => { button.disabled = true; });
}

function thaw(root) {
  root.querySelectorAll("form[aria-busy]").forEach((form) => {
    form.removeAttribute("aria-busy");
    form.querySelectorAll("[data-kept]").forEach((one) => one.remove());
    sendersOf(form).forEach((button) => { button.disabled = false; });
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute("hx-post") || form.hasAttribute("hx-get")) return;
  if (form.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
  freeze(form, event.submitter);
});
addEventListener("pageshow", () => thaw(document)); // the way back must not find dead buttons

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

// ---------- clicks ----------
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens], [data-closes], [data-rows], [data-drop-row]");
  if (!button) return;
  if (button.dataset.opens && $(button.dataset.opens)) {
    event.preventDefault(); // a link does the same without script
    $(button.dataset.opens).showModal();
  }
  else if (button.dataset.rows) addRow($(button.dataset.rows));
  else if (button.hasAttribute("data-drop-row")) dropRow(button);
  else button.closest("dialog")?.close();
});

// ---------- keys ----------
const typing = (element) => element.isContentEditable || element.matches?.("input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select");
let wentG = 0;

function plainKey(event) {
  if (event.key === "/") return $("find") && $("find").offsetParent ? $("find") : null;
  if (event.key === "n") return $("new-series");
  if (event.key === "t" && Date.now() - wentG < 1500) return document.querySelector('.ct-nav nav a[href="/"]');
  return document.querySelector(`[data-key="${CSS.escape(event.key)}"]:not([disabled])`);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form");
    if (form) { event.preventDefault(); form.requestSubmit(form.querySelector(".btn-primary:not([type=button])") || undefined); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !$("keys-on")?.checked) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") { event.preventDefault(); $("keys-help")?.showModal(); return; }
  if (event.key === "g") { wentG = Date.now(); return; }
  const target = plainKey(event);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, textarea, select")) { target.focus(); target.select?.(); } else target.click();
});

// ---------- find patient: arrows walk the list, Esc closes it ----------
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.(".ct-find");
  if (!box) return;
  const list = box.querySelector(".ct-found");
  const links = [...list.querySelectorAll("a")];
  if (event.key === "Escape") { list.replaceChildren(); box.querySelector("input:not([type=hidden])").focus(); return; }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const at = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  if (at < 0) box.querySelector("input:not([type=hidden])").focus(); else links[Math.min(at, links.length - 1)]?.focus();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest(".ct-find")) document.querySelector(".ct-find .ct-found")?.replaceChildren();
});

// ---------- clock ----------
function tick() {
  document.querySelectorAll("[data-clock]").forEach((shown) => {
    const text = new Date().toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit", timeZone: shown.dataset.zone });
    shown.textContent = text.replace(/\s/g, " ").toLowerCase();
  });
}
setInterval(tick, 15000);

// ---------- theme and keys: remembered on this machine ----------
function settings() {
  const theme = $("theme-choice");
  if (!theme) return;
  const chosen = theme.querySelector(`[value="${window.chairtimeTheme.choice()}"]`);
  if (chosen) chosen.checked = true;
  theme.addEventListener("change", (event) => window.chairtimeTheme.set(event.target.value));
  $("keys-on").checked = remembered("keys", "on") === "on";
  $("keys-on").addEventListener("change", (event) => remember("keys", event.target.checked ? "on" : "off"));
}

// ---------- the line is down ----------
function offline(isOff) {
  const line = $("offline");
  if (!line || line.hidden === !isOff) return;
  line.hidden = !isOff;
  if (isOff) $("offline-since").textContent = new Date().toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" }).toLowerCase();
  document.querySelectorAll("main button:not([type=button])").forEach((button) => { button.disabled = isOff; });
}
addEventListener("offline", () => offline(true));
addEventListener("online", () => offline(false));
document.addEventListener("htmx:sendError", () => offline(true));
document.addEventListener("htmx:afterOnLoad", () => offline(false));

// ---------- signed in but away: ask one minute before the end ----------
const IDLE_MS = (Number(document.body.dataset.idleMinutes || 15) - 1) * 60 * 1000;
let lastAnswer = Date.now();
function idle() {
  if (!$("user-menu")) return;
  const away = Date.now() - lastAnswer;
  $("idle").hidden = away < IDLE_MS;
  document.documentElement.toggleAttribute("data-blank", away > IDLE_MS + 60000);
}
setInterval(idle, 5000);
document.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.requestConfig?.headers?.["X-Poll"]) lastAnswer = Date.now(); });
$("stay")?.addEventListener("click", async () => {
  const answer = await fetch("/", { redirect: "manual" }); // any page counts as being here
  if (answer.ok) { lastAnswer = Date.now(); idle(); } else location.reload();
});

// ---------- long waits get words ----------
document.addEventListener("htmx:beforeRequest", (event) => {
  const line = event.detail.elt.closest("[hx-indicator]")?.getAttribute("hx-indicator");
  const busy = line && document.querySelector(line);
  if (busy) busy.waiting = setTimeout(() => busy.classList.add("is-long"), 2000);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const line = event.detail.elt.closest("[hx-indicator]")?.getAttribute("hx-indicator");
  const busy = line && document.querySelector(line);
  if (busy) { clearTimeout(busy.waiting); busy.classList.remove("is-long"); }
});

function ready(root) {
  letGo(root);
  addCalendars(root);
}
document.addEventListener("htmx:afterSwap", (event) => { ready(event.target); takeFocus(event.target); });
ready(document);
takeFocus(document);
settings();
tick();
