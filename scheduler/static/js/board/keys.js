// Keys on the board: arrows walk the blocks, m moves by the form. Enter is the button's own click.

import { blocks, buttonOf, mayMove, page, say, visitOf } from "./page.js";

const middle = (block) => {
  const box = block.getBoundingClientRect();
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, width: box.width };
};

// The nearest block in that direction: sideways in another column, up and down in the same one.
function beside(block, key) {
  const from = middle(block);
  const sideways = key === "ArrowLeft" || key === "ArrowRight";
  const ahead = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  const found = [];
  for (const other of blocks()) {
    const at = middle(other);
    const along = (sideways ? at.x - from.x : at.y - from.y) * ahead;
    const across = Math.abs(sideways ? at.y - from.y : at.x - from.x);
    const sameColumn = Math.abs(at.x - from.x) < Math.min(at.width, from.width);
    if (other !== block && along > 1 && sameColumn !== sideways) found.push({ other, cost: sideways ? along * 4 + across : along });
  }
  return found.sort((a, b) => a.cost - b.cost)[0]?.other;
}

function walk(block, key) {
  const next = beside(block, key);
  if (!next) return;
  blocks().forEach((other) => { buttonOf(other).tabIndex = -1; });
  buttonOf(next).tabIndex = 0;
  buttonOf(next).focus();
}

export function startKeys() {
  page.board.addEventListener("keydown", (event) => {
    const block = event.target.closest?.(".ec-event[data-visit]");
    if (!block || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      walk(block, event.key);
    } else if (event.key === "m" && mayMove()) {
      event.preventDefault();
      event.stopPropagation();
      const visit = visitOf(block.dataset.visit);
      if (visit?.movable) location.href = visit.move; else say("This visit cannot be moved any more.");
    }
  });
}
