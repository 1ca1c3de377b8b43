// Select2 names its boxes by what is chosen only; the field's own label says what for.
"use strict";
function nameBoxes(part) {
  for (const select of part.querySelectorAll("select.admin-autocomplete")) {
    const label = select.labels?.[0];
    const box = select.parentElement.querySelector(".select2-selection");
    if (!label || !box || select.name.includes("__prefix__")) continue;
    label.id ||= `label_${select.id}`;
    const chosen = box.getAttribute("aria-labelledby");
    if (!chosen?.startsWith(label.id)) box.setAttribute("aria-labelledby", chosen ? `${label.id} ${chosen}` : label.id);
  }
}
addEventListener("load", () => nameBoxes(document));
document.addEventListener("formset:added", (event) => nameBoxes(event.target));
