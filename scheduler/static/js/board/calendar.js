// Draws the day, or the week, with Event Calendar out of the server's data.

import { drop, hover, lift } from "./drag.js";
import { mark } from "./panel.js";
import { markButton, marks } from "./places.js";
import { blockOf, buttonOf, el, icon, mayMove, page, state, svg } from "./page.js";

const OFTEN_CHANGED = ["hiddenDays", "slotMinTime", "slotMaxTime", "timeZone", "resources", "events"];
let calendar = null;

function rail(parts) {
  const total = parts.reduce((sum, [, minutes]) => sum + minutes, 0) || 1;
  const box = svg("svg", { class: "ct-visit-rail", viewBox: `0 0 9 ${total}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  let from = 0;
  for (const [name, minutes] of parts) {
    box.append(svg("rect", { class: `p-${name}`, x: 0, y: from + 0.4, width: 9, height: Math.max(minutes - 0.8, 0) }));
    from += minutes;
  }
  return box;
}

// A button that says in words what the block shows by its place.
function button(cls, visit, ...kids) {
  const made = el("button", cls, ...kids, el("span", "visually-hidden", visit.said));
  made.type = "button";
  made.tabIndex = -1;
  made.dataset.visitBlock = visit.id;
  return made;
}

function content({ event }) {
  const { visit, why } = event.extendedProps;
  if (why) return { domNodes: [markButton(event.extendedProps)] };
  if (!visit) return { domNodes: [el("span", "ct-bg-label", event.title)] };
  if (state.facts.week) return { domNodes: [button("ct-visit-chip", visit, icon(visit.icon), visit.clock, el("b", "", visit.name))] };
  const body = el("span", "ct-visit-body", el("b", "", visit.name), el("span", "ct-visit-top", visit.at), el("span", "ct-visit-state", icon(visit.icon), visit.state));
  if (visit.note) body.append(el("span", "", visit.note));
  return { domNodes: [button("ct-visit", visit, rail(visit.parts), body)] };
}

const asEvents = ({ visits, shut, week }) => [
  ...visits.map((visit) => ({
    id: `${visit.id}${visit.in_bay ? "-bay" : ""}`, resourceIds: [visit.chair], start: visit.begins, end: visit.ends, title: visit.name, extendedProps: { visit },
    startEditable: mayMove() && visit.movable, classNames: [`v-${visit.look}`, ...(visit.movable ? [] : ["is-still"]), ...(visit.in_bay ? ["is-bay"] : [])],
  })),
  ...shut.map((one) => ({ id: one.id, resourceIds: one.chairs, start: one.begins, end: one.ends, title: one.why, display: "background", allDay: week })),
];

const hourText = (date) => date.toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" }).replace(/\s/g, " ").toLowerCase();
const dayText = (date) => `${date.toLocaleDateString("en-US", { weekday: "short" })} ${date.getDate()}`;

// A day: chairs beside each other, time downwards. A week: chairs below each other, one cell a day.
const layout = (facts) => facts.week
  ? { view: "resourceTimelineMonth", duration: { weeks: 1 }, slotDuration: { days: 1 }, columnWidth: "minmax(6.5rem, 1fr)", nowIndicator: false }
  : {
    view: "resourceTimeGridDay", slotDuration: "00:15", slotLabelInterval: "01:00", slotHeight: 17, snapDuration: facts.step, nowIndicator: true,
    slotMinTime: facts.hours[0], slotMaxTime: facts.hours[1], columnWidth: "minmax(6.25rem, 1fr)",
  };

// timeZone is the site's offset of this moment: it places the line of the present and nothing else,
// because every other time comes as wall time without a zone.
const options = (facts) => ({
  ...layout(facts), date: facts.date, firstDay: 1, hiddenDays: facts.hidden, timeZone: facts.offset, locale: "en-US",
  headerToolbar: { start: "", center: "", end: "" }, allDaySlot: false, slotEventOverlap: false,
  slotLabelFormat: hourText, dayHeaderFormat: dayText, resources: facts.chairs, events: [...asEvents(facts), ...marks(facts)], eventContent: content,
  eventStartEditable: false, eventDurationEditable: false, longPressDelay: 400,
  eventDidMount: ({ event, el: block }) => { if (event.extendedProps.visit) block.dataset.visit = event.extendedProps.visit.id; },
  eventAllUpdated: settle, eventDragStart: lift, dragConstraint: hover, eventDrop: drop,
});

function settle() {
  page.board.querySelectorAll(".ec-row-head").forEach((head) => head.removeAttribute("role")); // no row is around it
  page.board.querySelectorAll(".ec-main, .ec-body").forEach((part) => { part.tabIndex = 0; });
  mark();
}

export function draw() {
  if (!page.board.getClientRects().length) return; // a narrow screen shows the table
  if (!calendar) { calendar = EventCalendar.create(page.board, options(state.facts)); return; }
  const focused = document.activeElement?.dataset?.visitBlock;
  const fresh = options(state.facts);
  for (const name of OFTEN_CHANGED) if (name in fresh) calendar.setOption(name, fresh[name]);
  if (focused) requestAnimationFrame(() => buttonOf(blockOf(focused))?.focus());
}
