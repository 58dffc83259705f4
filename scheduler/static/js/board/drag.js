// Dragging a visit: what a place would mean while it is in the air, the question, and the server's answer.
// The server decides; whatever it refuses goes back to where it was.

import { mark, openPanel } from "./panel.js";
import { against, askPlaces, hideTip, showTip } from "./places.js";
import { ask, blockOf, buttonOf, byId, el, note, page, say, state, tell } from "./page.js";

const HOVER_MS = 150;
const pointer = { x: 0, y: 0 };

// Wall times are plain text here, so that the browser's own zone has no say.
function shifted(wall, delta) {
  const at = new Date(`${wall}:00Z`);
  at.setUTCSeconds(at.getUTCSeconds() + delta.days * 24 * 3600 + delta.seconds);
  return at.toISOString().slice(0, 16);
}

const placeOf = (visit, info) => ({ chair: Number(info.newResource?.id ?? visit.chair), wall: shifted(visit.begins, info.delta) });
const isHome = (visit, place) => place.chair === visit.chair && place.wall === visit.begins;

export function lift({ event }) {
  const { visit } = event.extendedProps;
  state.drag = { visit, previews: new Map(), panel: [...page.panel.childNodes], timer: 0, asked: false, givenUp: false, places: null };
  const { drag } = state;
  if (!state.facts.week) askPlaces(visit).then((told) => { drag.places = told; });
  const head = el("div", "ct-card-head", el("h2", "", "If you drop it here"), el("span", "ct-small", el("kbd", "", "Esc"), " puts it back"));
  const body = el("div", "ct-card-body ct-stack", el("p", "ct-strong mb-0", visit.name), el("div", "ct-drag-effect ct-stack", "Hold it over a place."));
  page.panel.replaceChildren(el("section", "ct-card", head, body));
}

// Called for every step of the pointer; never forbids a place, because only the server knows.
export function hover(info) {
  const { drag } = state;
  if (!drag || drag.asked) return true;
  const place = placeOf(drag.visit, info);
  clearTimeout(drag.timer);
  showTip(isHome(drag.visit, place) ? [] : against(drag.places, place), pointer.x, pointer.y);
  drag.timer = setTimeout(async () => {
    const told = isHome(drag.visit, place) ? { html: "This is where it is now." } : await preview(drag, place);
    const box = page.panel.querySelector(".ct-drag-effect");
    if (state.drag === drag && !drag.asked && box) box.innerHTML = told.html;
  }, HOVER_MS);
  return true;
}

function preview(drag, place) {
  const key = `${place.chair}|${place.wall}`;
  if (!drag.previews.has(key)) drag.previews.set(key, askPreview(drag.visit, place));
  return drag.previews.get(key);
}

async function askPreview(visit, place) {
  const query = new URLSearchParams({ chair_id: place.chair, starts_local: place.wall, version: visit.version });
  const { status, body } = await ask(`${visit.preview}?${query}`).catch(() => ({ status: 0, body: { message: "The server did not answer." } }));
  return status === 200 ? body : { allowed: false, message: body.message, html: note("bad", body.message).outerHTML };
}

export async function drop(info) {
  const { drag } = state;
  if (!drag) { info.revert(); return; }
  clearTimeout(drag.timer);
  const place = placeOf(drag.visit, info);
  if (drag.givenUp || isHome(drag.visit, place)) { putBack(info); return; }
  drag.asked = true;
  const told = await preview(drag, place);
  if (told.allowed) question(info, drag, place, told);
  else putBack(info, told.message || (told.broken || []).join(" ") || "It cannot go there.");
}

function settle() {
  hideTip();
  clearTimeout(state.drag?.timer);
  if (state.drag) page.panel.replaceChildren(...state.drag.panel);
  state.drag = null;
  mark();
}

function putBack(info, why) {
  info.revert();
  settle();
  if (why) tell("bad", why, "It was put back; nothing was moved.");
  say(why ? `${why} It was put back.` : "It was put back.");
}

// Names what would change, and asks why; closing it in any way puts the block back.
function question(info, drag, place, told) {
  const { dialog } = page;
  const form = dialog.querySelector("form");
  const overrideRow = byId("drop-override-row");
  const token = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  byId("drop-effect").innerHTML = told.html;
  form.elements.words.value = "";
  if (overrideRow) { overrideRow.hidden = !told.needs_provider; form.elements.override.checked = false; }
  let accepted = false;
  const accept = (event) => {
    event.preventDefault();
    accepted = true;
    dialog.close();
    const reason = [form.elements.why.value, form.elements.words.value.trim()].filter(Boolean).join(": ");
    const override = Boolean(form.elements.override?.checked);
    send(info, drag, { chair_id: place.chair, starts_local: place.wall, version: drag.visit.version, token, reason, override });
  };
  form.addEventListener("submit", accept, { once: true });
  dialog.addEventListener("close", () => { form.removeEventListener("submit", accept); if (!accepted) putBack(info); }, { once: true });
  dialog.showModal();
  form.querySelector(".btn-primary").focus();
}

async function send(info, drag, wanted) {
  const { visit } = drag;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": page.dialog.querySelector("[name=csrf_token]").value };
  const { status, body } = await ask(visit.move, { method: "POST", headers, body: JSON.stringify(wanted) }).catch(() => ({ status: 0, body: {} }));
  if (status !== 200) {
    putBack(info, body.message || "The server did not answer. Look at the board again before you repeat it.");
    await state.refresh(true);
    return;
  }
  settle();
  tell(body.broken?.length ? "warn" : "ok", body.note, (body.broken || []).join(" "));
  await state.refresh(true);
  if (state.picked === visit.id) await openPanel(visit.id, false);
  buttonOf(blockOf(visit.id))?.focus();
}

// Esc while the block is in the air: letting it go puts it back.
export function startDrag() {
  document.addEventListener("pointermove", (event) => { pointer.x = event.clientX; pointer.y = event.clientY; }, { passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !state.drag || state.drag.asked) return;
    state.drag.givenUp = true;
    const box = page.panel.querySelector(".ct-drag-effect");
    if (box) box.textContent = "Let it go: it will be put back.";
  });
}
