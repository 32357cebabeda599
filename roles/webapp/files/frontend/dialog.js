// Questions and forms that stand before the page until they are answered. Escape is the same as Cancel.

import { busy, element, failed } from "./ui.js";

let fields = 0; // for ids

// Ask before something that cannot be undone. True if the answer is the verb.
export async function confirmed(question, verb = "Delete") {
  return (await openForm(question, verb, [], async () => true, "danger")) !== null;
}

// What submit(data) gives, or null if nobody wants it any more. What it throws is shown, and one can try again.
export function openForm(title, verb, nodes, submit, kind = "main") {
  const heading = element("h2", { id: `dialog-title-${++fields}`, textContent: title });
  const problem = element("p", { className: "status" });
  problem.setAttribute("role", "alert");
  problem.dataset.testid = "dialog-status";
  const cancel = element("button", { type: "button", className: "quiet", textContent: "Cancel" });
  cancel.dataset.testid = "dialog-cancel";
  const save = element("button", { type: "submit", className: kind, textContent: verb });
  save.dataset.testid = "dialog-save";
  const form = element("form", {}, [heading, ...nodes, problem, element("div", { className: "row end" }, [cancel, save])]);
  const dialog = element("dialog", {}, [form]);
  dialog.dataset.testid = "dialog";
  dialog.setAttribute("aria-labelledby", heading.id);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let result = null;
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      busy(save, true);
      problem.textContent = "";
      try {
        result = await submit(new FormData(form));
        dialog.close();
      } catch (error) {
        problem.dataset.state = "bad";
        problem.textContent = error.message;
        failed(error);
        busy(save, false);
        save.focus();
      }
    });
    dialog.showModal();
  });
}

// A labelled input; `properties` are the input's.
export function field(label, properties, hint = "") {
  const input = element("input", { autocomplete: "off", ...properties, id: `field-${++fields}` });
  return labelled(label, input, hint);
}

// A labelled choice of [value, text].
export function choice(label, name, options, value) {
  const made = options.map(([key, text]) => element("option", { value: key, textContent: text }));
  const select = element("select", { name, id: `field-${++fields}` }, made);
  select.value = value;
  return labelled(label, select);
}

// A labelled input that finds rows by their name: search(text) gives [{ id, name }], and idOf() reads what was chosen.
export function picker(label, name, search) {
  const list = element("datalist", { id: `field-${++fields}` });
  const input = element("input", { name, type: "text", required: true, autocomplete: "off", placeholder: "Type a part of the name", id: `field-${++fields}` });
  input.setAttribute("list", list.id);
  let found = [];
  let timer;
  const look = async () => {
    found = await search(input.value).catch((error) => (failed(error), []));
    list.replaceChildren(...found.map((row) => element("option", { value: labelOf(row) })));
  };
  const check = () => input.setCustomValidity(idOf(input.value) ? "" : "Choose one of the list.");
  input.addEventListener("focus", look, { once: true });
  input.addEventListener("input", () => {
    check();
    clearTimeout(timer);
    if (!idOf(input.value)) timer = setTimeout(look, 200);
  });
  input.addEventListener("change", async () => {
    clearTimeout(timer);
    if (!input.value || idOf(input.value)) return;
    await look();
    if (found.length === 1) input.value = labelOf(found[0]);
    check();
  });
  return labelled(label, input, "", [list]);
}

const labelOf = ({ id, name }) => `${name} (${id})`;
export const idOf = (text) => Number(/\(([0-9]+)\)$/.exec(text)?.[1] ?? 0);

function labelled(text, input, hint = "", more = []) {
  input.dataset.testid = `field-${input.name}`;
  const label = element("label", { htmlFor: input.id, textContent: text });
  const note = element("p", { className: "hint below", textContent: hint, id: `${input.id}-hint`, hidden: !hint });
  if (hint) input.setAttribute("aria-describedby", note.id);
  return element("div", { className: "field" }, [label, input, note, ...more]);
}
