// Why a visit cannot stand where somebody holds it, or looks: marks on the board, a tip, and the list in the panel.

import { openPanel } from "./panel.js";
import { byId, el, page, say, state, tell } from "./page.js";

const tip = el("div", "ct-tip");
tip.id = "board-tip";
tip.setAttribute("role", "tooltip");
tip.hidden = true;

// Wall times are plain text: "2027-01-11T13:30" sorts as it should.
const runAt = (told, chair, wall) => told.runs.find((run) => run.chair === chair && run.first <= wall && wall <= run.last);
const words = (told, run) => run.against.map((number) => told.sentences[number]);

export function askPlaces(visit) {
  const url = page.today.dataset.places.replace("/0/", `/${visit.id}/`);
  return fetch(`${url}?on=${state.facts.date}`, { headers: { Accept: "application/json" }, redirect: "manual" })
    .then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
}

// The sentences against a place; none where it is free or not known.
export function against(told, place) {
  if (!told || place.wall.slice(0, 10) !== told.on) return [];
  const run = runAt(told, place.chair, place.wall);
  return run ? [...told.whole_day, ...words(told, run)] : told.whole_day;
}

export function showTip(sentences, x, y) {
  if (!sentences.length) { hideTip(); return; }
  tip.replaceChildren(...sentences.map((sentence) => el("p", "mb-0", sentence)));
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - width - 8))}px`;
  tip.style.top = `${y + 18 + height > innerHeight ? Math.max(8, y - height - 12) : y + 18}px`;
}

export function hideTip() { tip.hidden = true; }

// What the calendar draws over the places that are refused; nothing on another day or in a week.
export function marks({ date, week }) {
  const told = state.places;
  if (!told || week || told.on !== date) return [];
  const refused = told.runs.filter((run) => run.against.length);
  return refused.map((run, number) => ({
    id: `why-${number}`, resourceIds: [run.chair], start: run.first, end: run.ends, title: "", display: "background",
    classNames: ["is-refused"], extendedProps: { why: words(told, run), span: `${run.first.slice(11)} to ${run.last.slice(11)}` },
  }));
}

export function markButton({ why, span }) {
  const made = el("button", "ct-why-mark", el("span", "visually-hidden", `Not here, ${span}: ${why.join(" ")}`));
  made.type = "button";
  made.addEventListener("focus", () => tipBeside(made, why));
  made.addEventListener("blur", hideTip);
  made.why = why;
  return made;
}

// The calendar's own cells lie over the marks, so the board looks for the mark under the pointer.
function tipUnder(event) {
  if (!state.places || state.drag) return;
  const under = document.elementsFromPoint(event.clientX, event.clientY);
  const mark = under.some((one) => one.closest?.("[data-visit]")) ? null : under.find((one) => one.classList.contains("ct-why-mark"));
  if (mark) showTip(mark.why, event.clientX, event.clientY); else if (event.type === "pointermove") hideTip();
}

function tipBeside(mark, why) {
  const box = mark.getBoundingClientRect();
  showTip(why, box.left, Math.max(box.top, 0) + 4);
}

// The day changed while somebody looks: what stands against each place may be another rule now.
export async function renewPlaces() {
  const panel = byId("places");
  if (!state.places || !panel) return;
  state.places = (await askPlaces({ id: Number(panel.dataset.placesOf) })) || state.places;
  state.redraw();
}

async function open(link) {
  const answer = await fetch(`${link.href}&part=1`, { redirect: "manual" }).catch(() => ({ ok: false }));
  if (!answer.ok) { tell("bad", "We could not look for places.", "Try again."); return; }
  page.panel.innerHTML = await answer.text();
  byId("places-title")?.focus();
  const on = byId("places").dataset.placesOn;
  const visit = { id: Number(byId("places").dataset.placesOf) };
  state.places = on === state.facts.date ? await askPlaces(visit) : null;
  state.redraw();
  if (state.places) say("Places that are refused are hatched on the board. Each says why.");
}

export function closePlaces() {
  if (!state.places) return;
  state.places = null;
  hideTip();
  state.redraw();
}

export function startPlaces() {
  page.today.append(tip);
  ["pointermove", "click"].forEach((what) => page.board.addEventListener(what, tipUnder));
  page.board.addEventListener("pointerleave", hideTip);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });
  page.today.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a[data-places]");
    const back = event.target.closest("[data-close-places]");
    if (!link && !back) { if (event.target.closest("[data-visit-link], [data-visit-block], [data-close-panel]")) closePlaces(); return; }
    event.preventDefault();
    if (link) { open(link); return; }
    const visit = Number(byId("places").dataset.placesOf);
    closePlaces();
    openPanel(visit, true);
  });
}
