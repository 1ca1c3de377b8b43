// Below each field of a statement's words: others of the same speaker that say the same, asked for without saving.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const near = (field, name) => document.getElementById(field.id.replace(/text$/, name));
  const ofPage = () => location.pathname.match(/\/statement\/(\d+)\/change\//)?.[1] || "";

  function box(field) {
    const id = `${field.id}-likely`;
    const there = document.getElementById(id);
    if (there) return there;
    const made = Object.assign(document.createElement("div"), { id, className: "likely-here" });
    made.setAttribute("role", "status");
    field.after(made);
    return made;
  }

  async function look(field) {
    const value = (name) => near(field, name)?.value || "";
    if (!field.value.trim() || !value("speaker") || !value("said_on")) { box(field).textContent = ""; return; }
    const form = new FormData();
    form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    form.set("statement", field.id === "id_text" ? ofPage() : value("id"));
    form.set("text", field.value);
    for (const name of ["speaker", "said_on", "variant_of"]) form.set(name, value(name));
    const words = field.id === "id_text" ? document.querySelectorAll("textarea[name^=passages-][name$=exact]") : [near(field, "exact")];
    for (const one of words) if (one && one.value) form.append("exact", one.value);
    const answer = await fetch("/admin/talks/statement/likely/", { method: "POST", body: form });
    if (answer.ok) box(field).innerHTML = (await answer.json()).html;
  }

  // Choosing in a list of Select2 is told through jQuery only.
  django.jQuery(document).on("change", "[name$=text], [name$=speaker], [name$=said_on]", (event) => {
    const field = document.getElementById(event.target.id.replace(/(text|speaker|said_on)$/, "text"));
    if (field && near(field, "speaker")) look(field);
  });
});
