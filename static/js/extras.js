// Extras: every page is whole without them. "/" goes to the search field; texts to be copied get a button.
"use strict";
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector("main input[type=search]") || document.querySelector("input[type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// Without a clipboard to write to (an address without TLS) there is no button that would do nothing.
const fields = navigator.clipboard ? document.querySelectorAll(".copy-fields input[readonly]") : [];
const says = Object.assign(document.createElement("p"), { className: "label copy-says" });
says.setAttribute("role", "status");
for (const field of fields) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  const what = field.labels[0].textContent;
  button.setAttribute("aria-label", `Copy: ${what}`);
  button.addEventListener("click", async () => {
    says.textContent = "";
    try {
      await navigator.clipboard.writeText(field.value);
      says.textContent = `Copied: ${what}`;
    } catch {
      field.select();
      says.textContent = "The browser did not allow it. The text is selected.";
    }
  });
  field.after(button);
}
fields[0]?.closest(".copy-fields").append(says);
