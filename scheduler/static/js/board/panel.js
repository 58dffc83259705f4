// The selected visit beside the board, and which block and row are marked as selected.

import { blockOf, blocks, buttonOf, byId, page, state, tell } from "./page.js";

// One block is in the tab order; the arrows walk the others (roving tabindex).
export function mark() {
  const all = blocks();
  all.forEach((block) => {
    block.classList.toggle("is-picked", block.dataset.visit === String(state.picked));
    buttonOf(block).tabIndex = -1;
  });
  const entry = all.find((block) => block.contains(document.activeElement)) || blockOf(state.picked) || all[0];
  if (entry) buttonOf(entry).tabIndex = 0;
  document.querySelectorAll("#table tr[id]").forEach((row) => row.classList.toggle("is-picked", row.id === `row-${state.picked}`));
}

function keepInAddress() {
  const url = new URL(location.href);
  if (state.picked) url.searchParams.set("visit", state.picked); else url.searchParams.delete("visit");
  history.replaceState(null, "", url);
}

export async function openPanel(id, takeFocus) {
  const answer = await fetch(page.today.dataset.panel.replace("/0", `/${id}`), { redirect: "manual" });
  if (answer.type === "opaqueredirect") { location.reload(); return; }
  if (!answer.ok) { tell("bad", "We could not open this visit.", "The board is asked anew."); state.refresh(true); return; }
  state.picked = id;
  page.panel.innerHTML = await answer.text();
  keepInAddress();
  mark();
  if (takeFocus) byId("panel-title")?.focus();
  else if (page.panel.getBoundingClientRect().top > innerHeight * 0.8) page.panel.scrollIntoView({ block: "start" });
}

function closePanel() {
  const was = state.picked;
  state.picked = null;
  page.panel.replaceChildren(byId("no-panel").content.cloneNode(true));
  keepInAddress();
  mark();
  (buttonOf(blockOf(was)) || document.querySelector(`[data-visit-link="${was}"]`))?.focus();
}

export function startPanel() {
  state.picked = Number(page.panel.querySelector("[data-visit-panel]")?.dataset.visitPanel) || null;
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("[data-visit-link], [data-visit-block], [data-close-panel]");
    if (!link) return;
    event.preventDefault();
    const byKey = event.detail === 0;
    if (link.hasAttribute("data-close-panel")) closePanel(); else openPanel(Number(link.dataset.visitLink || link.dataset.visitBlock), byKey);
  });
  page.panel.addEventListener("keydown", (event) => { if (event.key === "Escape" && state.picked) closePanel(); });
}
