// Dialogs that return what was chosen in them.
const find = (selector) => document.querySelector(selector);

function opened(dialog) {
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
}

for (const each of document.querySelectorAll("dialog .cancel")) {
  each.addEventListener("click", () => each.closest("dialog").close(""));
}

/// Returns "keep", "take", or "" to go on editing.
export function conflict(key, mine, current) {
  const dialog = find("#conflict");
  const gone = !current || current.operation !== "put";
  dialog.querySelector(".about").textContent = gone
    ? `${key} was deleted while you were editing it.`
    : `${key} has revision ${current.revision} now.`;
  dialog.querySelector(".mine").textContent = mine;
  dialog.querySelector(".theirs").textContent = gone ? "(deleted)" : current.value ?? `(${current.size} bytes)`;
  dialog.querySelector(".keep").onclick = () => dialog.close("keep");
  dialog.querySelector(".take").onclick = () => dialog.close("take");
  return opened(dialog);
}

/// Calls `use` with the fields of a form until it returns nothing: otherwise its result is shown as an error.
function asked(selector, use) {
  const dialog = find(selector), form = dialog.querySelector("form"), error = dialog.querySelector(".error");
  form.reset();
  error.textContent = "";
  form.onsubmit = async (event) => {
    event.preventDefault();
    error.textContent = (await use(Object.fromEntries(new FormData(form)))) ?? "";
    if (!error.textContent) dialog.close("done");
  };
  return opened(dialog);
}

export const create = (use) => asked("#create", use);
export const token = (use) => asked("#token", use);
export const keyboard = () => opened(find("#keys"));

let hiding;
export function toast(words, undo = false) {
  const box = find("#toast");
  box.querySelector(".words").textContent = words;
  box.querySelector(".undo").hidden = !undo;
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, 6000);
}
export function hideToast() { find("#toast").hidden = true; }
/// The page no longer shows what the toast offers to undo.
export function withdrawUndo() { find("#toast .undo").hidden = true; }
