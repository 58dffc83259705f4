// The Today board: drawn from the server's data, kept fresh, with a panel, keys and dragging.
// The table and the forms do all of this without a script.

import { draw } from "./board/calendar.js";
import { startDrag } from "./board/drag.js";
import { startKeys } from "./board/keys.js";
import { byId, page, say, state } from "./board/page.js";
import { mark, startPanel } from "./board/panel.js";
import { renewPlaces, startPlaces } from "./board/places.js";

const POLL_MS = 4000;
const wide = matchMedia("(min-width: 768px)");
let asking = null; // the question under way

function read() {
  const source = byId("board-data");
  state.facts = JSON.parse(source.textContent);
  state.etag = source.dataset.etag;
}

// Without a view in the address the width of the screen decides; the buttons say what it decided.
function showView() {
  if (page.today.classList.contains("is-auto")) {
    document.querySelectorAll("[data-view]").forEach((link) => {
      const here = link.dataset.view === (wide.matches ? "day" : "table");
      link.classList.toggle("active", here);
      if (here) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
  }
  draw();
}

// Asks whether the day changed: 304 costs next to nothing. `X-Poll` says that this is nobody's click.
async function refresh(always = false) {
  if (!always && (asking || state.drag)) return;
  await asking;
  asking = question(always);
  await asking;
  asking = null;
}

async function question(always) {
  try {
    const headers = { "X-Poll": "1", ...(always ? {} : { "If-None-Match": `"${state.etag}"` }) };
    const answer = await fetch(page.today.dataset.refresh, { redirect: "manual", cache: "no-store", headers });
    if (answer.type === "opaqueredirect") location.reload();
    document.dispatchEvent(new Event("htmx:afterOnLoad")); // the line is up: app.js takes its note away
    if (answer.status === 200) renew(await answer.text());
  } catch {
    document.dispatchEvent(new Event("htmx:sendError"));
  }
}

function renew(html) {
  if (state.drag || page.dialog?.open) return;
  const focused = document.activeElement;
  const again = focused?.dataset?.visitLink ? `[data-visit-link="${focused.dataset.visitLink}"]` : focused?.id ? `[id="${focused.id}"]` : null;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  fresh.querySelectorAll("[data-part]").forEach((part) => byId(part.dataset.part).replaceChildren(...part.childNodes));
  read();
  draw();
  mark();
  renewPlaces();
  if (again && !focused.isConnected) document.querySelector(again)?.focus();
  say("The board was brought up to date.");
}

if (page.today && page.board) {
  state.refresh = refresh;
  state.redraw = draw;
  read();
  startPanel();
  startKeys();
  startDrag();
  if (page.today.dataset.places) startPlaces();
  showView();
  mark();
  wide.addEventListener("change", showView);
  setInterval(() => { if (!document.hidden && !page.dialog?.open) refresh(); }, POLL_MS);
}
