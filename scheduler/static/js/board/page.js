// What the parts of the board share: the page's elements, what is known of the day, and how to say something.

const SVG = "http://www.w3.org/2000/svg";
export const byId = (id) => document.getElementById(id);

export const page = { today: byId("today"), board: byId("board"), panel: byId("panel"), dialog: byId("drop") };

// facts: the server's data of the day or week. picked: id of the visit in the panel. drag: the block in
// the air, until its answer is there. places: where a visit can go, while somebody looks. redraw: draws
// the board again from what is known. refresh: asks the server for the day anew (set by board.js).
export const state = { facts: {}, etag: "", picked: null, drag: null, places: null, refresh: async () => {}, redraw: () => {} };
export const mayMove = () => page.board.dataset.mayMove === "yes";

export const el = (tag, cls, ...kids) => {
  const made = document.createElement(tag);
  if (cls) made.className = cls;
  made.append(...kids);
  return made;
};

export const svg = (tag, attributes, ...kids) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...kids);
  return made;
};

export const icon = (name, cls = "ct-i") => svg("svg", { class: cls, "aria-hidden": "true" }, svg("use", { href: `#${name}` }));

export const note = (kind, lead, rest = "") => {
  const shapes = { ok: "s-done", warn: "s-risk", bad: "s-stop", info: "i-info" };
  return el("div", `ct-note ct-note-${kind}`, icon(shapes[kind]), el("div", "", el("b", "", lead), ` ${rest}`));
};

// For who does not see the board.
export const say = (text) => { byId("board-said").textContent = text; };

// For everybody: one note above the page, until it is closed or replaced.
export function tell(kind, lead, rest = "") {
  const told = note(kind, lead, rest);
  told.setAttribute("role", kind === "bad" ? "alert" : "status");
  const close = el("button", "btn btn-quiet px-2", icon("i-close"));
  close.type = "button";
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", () => told.remove());
  told.append(close);
  byId("flashes").replaceChildren(told);
  told.scrollIntoView({ block: "nearest" });
}

// Asks for JSON. A session that has ended goes to the sign-in page.
export async function ask(url, how = {}) {
  const answer = await fetch(url, { redirect: "manual", ...how, headers: { Accept: "application/json", ...how.headers } });
  if (answer.type === "opaqueredirect" || answer.status === 401) { location.reload(); throw new Error("signed out"); }
  const body = await answer.json().catch(() => ({ message: "This did not work. Nothing was changed." }));
  return { status: answer.status, body };
}

export const blocks = () => [...page.board.querySelectorAll(".ec-event[data-visit]")];
// The block on the chair: the one that is moved. A visit that goes on in a bay has a second block there.
export const blockOf = (id) => page.board.querySelector(`.ec-event[data-visit="${id}"]:not(.is-bay)`);
export const buttonOf = (block) => block?.querySelector("button");
export const visitOf = (id) => state.facts.visits.find((visit) => String(visit.id) === String(id));
