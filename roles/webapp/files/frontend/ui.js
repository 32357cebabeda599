// What all parts of the page use: finding and making elements, lines of status, buttons that are busy.

export const $ = (id) => document.getElementById(id);

export function element(tag, properties = {}, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export function status(id, state, sentence) {
  $(id).dataset.state = state;
  $(id).textContent = sentence;
}

export function busy(button, is) {
  button.disabled = is;
  button.setAttribute("aria-busy", is);
}

// Whoever watches the API's health hears of each call that failed.
export function failed(error) {
  document.dispatchEvent(new CustomEvent("call-failed", { detail: error }));
}

// Do some work, and say in this line how it went. True if it went well.
export async function attempt(line, button, work) {
  if (button) busy(button, true);
  status(line, "busy", "Working…");
  try {
    status(line, "good", await work());
    return true;
  } catch (error) {
    status(line, "bad", error.message);
    failed(error);
    return false;
  } finally {
    if (button) busy(button, false);
  }
}

export function refuse(field, line, sentence) {
  field.setAttribute("aria-invalid", "true");
  field.focus();
  status(line, "bad", sentence);
}

export function submitted(form, work) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const field of form.elements) field.removeAttribute("aria-invalid");
    if (!event.submitter?.disabled) work();
  });
}
