// Beside each field of quoted words: a button that looks for them in the source's text, without saving.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const near = (field, name) => document.getElementById(field.id.replace(/exact$/, name));
  const source = (field) => document.getElementById(field.id.replace(/exact$/, "source")) || document.getElementById("id_source");

  async function check(field, says) {
    const form = new FormData();
    form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    form.set("source", source(field)?.value || "");
    form.set("exact", field.value);
    const answer = await fetch("/admin/talks/statement/check/", { method: "POST", body: form });
    if (!answer.ok) { says.textContent = `The check did not work (${answer.status}).`; return; }
    const told = await answer.json();
    if (told.html) says.innerHTML = told.html; else says.textContent = told.says;
    for (const name of ["start", "end", "prefix", "suffix"]) {
      const input = near(field, name);
      if (told.found && input) input.value = told[name];
    }
  }

  function equip(field) {
    // Django copies its hidden row for each new one, and a copy would lose what listens here.
    if (field.name.includes("__prefix__")) return;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Check", className: "check-button" });
    const says = document.createElement("div");
    says.setAttribute("role", "status");
    button.addEventListener("click", () => check(field, says));
    field.after(button, says);
  }
  const equipAll = (part) => part.querySelectorAll("textarea[name$=exact]").forEach(equip);
  equipAll(document);
  document.addEventListener("formset:added", (event) => equipAll(event.target));
  document.addEventListener("click", (event) => {
    if (!event.target.matches(".check-take")) return;
    const field = event.target.closest(".form-row, fieldset, .fieldBox").querySelector("textarea[name$=exact]");
    if (field) { field.value = event.target.dataset.exact; field.focus(); }
  });
});
