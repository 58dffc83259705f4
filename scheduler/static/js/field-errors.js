// A part that htmx swaps in may say what is wrong with a field of its form: it stands at the field, and goes when it is right.
"use strict";

(() => {
  function clear(form) {
    form.querySelectorAll(".invalid-feedback").forEach((one) => one.remove());
    form.querySelectorAll("[aria-invalid]").forEach((one) => {
      one.removeAttribute("aria-invalid");
      one.classList.remove("is-invalid");
    });
  }

  function say(box, text) {
    const said = document.createElement("div");
    Object.assign(said, { className: "invalid-feedback d-block", id: `${box.id}-wrong`, textContent: text });
    box.setAttribute("aria-invalid", "true");
    box.setAttribute("aria-describedby", said.id);
    if (box.matches("input, select, textarea")) box.classList.add("is-invalid");
    (box.closest(".ct-field") || box.parentElement).append(said);
    box.closest("details")?.setAttribute("open", "");
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    const form = document.getElementById(event.target.dataset?.errorsOf || "");
    if (!form) return;
    clear(form);
    event.target.querySelectorAll("[data-wrong]").forEach((wrong) => {
      const box = document.getElementById(wrong.dataset.wrong);
      if (box && form.contains(box)) say(box, wrong.textContent);
    });
  });
})();
