// The table: one element for each key that is shown, changed in place.
import { isNumber } from "./rows.js";
import { age, spark } from "./spark.js";

const step = 150; // how many rows are added when the end comes into view
const element = (name, className, text) => {
  const out = document.createElement(name);
  if (className) out.className = className;
  if (text !== undefined) out.textContent = text;
  return out;
};
const button = (label, name, text) => {
  const out = element("button", name, text);
  out.type = "button";
  out.tabIndex = -1;
  out.dataset.do = name;
  out.setAttribute("aria-label", label);
  return out;
};

export class Table {
  #body = document.querySelector("#rows");
  #shown = step;
  #elements = new Map();
  #keys = [];
  #rows;
  #actions;
  #seen;

  /// `actions` has edit(key), change(key, by), remove(key) and history(key), the last one for rows that come into view.
  constructor(rows, actions) {
    this.#rows = rows;
    this.#actions = actions;
    this.#body.addEventListener("click", (event) => this.#click(event));
    this.#body.addEventListener("dblclick", (event) => this.#doubleClick(event));
    this.#body.addEventListener("keydown", (event) => this.#key(event));
    this.#body.addEventListener("focusin", (event) => this.#setCurrent(event.target.closest("tr")));
    this.#seen = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) this.#actions.history(entry.target.dataset.key);
    });
    new IntersectionObserver((entries) => {
      if (!entries.at(-1).isIntersecting || this.#shown >= this.#keys.length) return;
      this.#shown += step;
      this.show(this.#keys);
    }, { rootMargin: "600px" }).observe(document.querySelector("#more"));
    setInterval(() => this.#tick(), 1000);
  }

  elementOf(key) { return this.#elements.get(key); }
  valueCell(key) { return this.#elements.get(key)?.children[1]; }

  clear() {
    for (const row of this.#elements.values()) row.remove();
    this.#elements.clear();
    this.#shown = step;
  }

  /// Shows these keys in this order. Elements that stay are not moved, so that they keep the focus.
  show(keys) {
    this.#keys = keys;
    const wanted = keys.slice(0, this.#shown);
    const keep = new Set(wanted);
    for (const [key, row] of this.#elements) if (!keep.has(key)) this.#drop(key, row);
    let next = this.#body.firstElementChild;
    for (const key of wanted) {
      const row = this.#elements.get(key) ?? this.#make(key);
      if (row === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row, next);
    }
    if (!this.#body.querySelector('[tabindex="0"]')) this.#body.firstElementChild?.setAttribute("tabindex", "0");
  }

  update(key, flash) {
    const tr = this.#elements.get(key);
    const row = this.#rows.get(key);
    if (!tr || !row) return;
    const [, value, history, revision, time, actions] = tr.children;
    if (!tr.dataset.editing) this.#fillValue(value, row);
    history.replaceChildren(...(row.past.length > 1 ? [spark(row.past)] : []));
    revision.textContent = row.revision;
    time.textContent = age(Date.now() - row.created);
    time.title = new Date(row.created).toLocaleString();
    for (const each of actions.querySelectorAll(".less, .more")) each.hidden = !isNumber(row);
    if (flash) tr.classList.toggle("flash-b", !tr.classList.toggle("flash-a"));
  }

  #fillValue(cell, row) {
    const text = element("span", "text");
    if (row.text !== null) text.textContent = row.text;
    else if (row.base64 !== null) text.append(element("em", "", `${row.size} bytes that are not text`));
    else text.append(element("em", "", `${row.size} bytes, too many to show here`));
    if (row.text === "") text.append(element("em", "", "empty"));
    cell.replaceChildren(text);
  }

  #make(key) {
    const tr = element("tr");
    tr.dataset.key = key;
    tr.tabIndex = -1;
    tr.setAttribute("role", "row");
    const head = element("th", "key", key);
    head.scope = "row";
    const cells = [head, element("td", "value"), element("td", "spark"), element("td", "num"), element("td", "num"),
      element("td", "actions")];
    cells.forEach((cell, i) => cell.setAttribute("role", i ? "gridcell" : "rowheader"));
    cells[5].append(button(`One less of ${key}`, "less", "−"), button(`One more of ${key}`, "more", "+"),
      button(`Edit ${key}`, "edit", "Edit"), button(`Delete ${key}`, "delete", "Delete"));
    tr.append(...cells);
    this.#elements.set(key, tr);
    this.update(key, false);
    this.#seen.observe(tr);
    return tr;
  }

  #drop(key, tr) {
    const next = tr.nextElementSibling ?? tr.previousElementSibling;
    const focused = tr.contains(document.activeElement);
    const current = tr.tabIndex === 0;
    this.#seen.unobserve(tr);
    this.#elements.delete(key);
    tr.remove();
    if (current && next) this.#setCurrent(next);
    if (focused) next?.focus();
  }

  #setCurrent(tr) {
    if (!tr || tr.tabIndex === 0) return;
    for (const each of this.#body.querySelectorAll('[tabindex="0"]')) {
      each.tabIndex = -1;
      for (const one of each.querySelectorAll("button")) one.tabIndex = -1;
    }
    tr.tabIndex = 0;
    for (const one of tr.querySelectorAll("button")) one.tabIndex = 0;
  }

  #do(name, key) {
    if (name === "edit") this.#actions.edit(key);
    if (name === "delete") this.#actions.remove(key);
    if (name === "less" || name === "more") this.#actions.change(key, name === "more" ? 1 : -1);
  }

  #click(event) {
    const name = event.target.closest("button")?.dataset.do;
    if (name) this.#do(name, event.target.closest("tr").dataset.key);
  }

  #doubleClick(event) {
    const tr = event.target.closest("td.value")?.parentElement;
    if (tr && !tr.dataset.editing) this.#actions.edit(tr.dataset.key);
  }

  #key(event) {
    const tr = event.target;
    if (tr.tagName !== "TR" || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = { ArrowDown: tr.nextElementSibling, ArrowUp: tr.previousElementSibling,
      Home: this.#body.firstElementChild, End: this.#body.lastElementChild };
    const action = { Enter: "edit", F2: "edit", Delete: "delete", "+": "more", "-": "less" }[event.key];
    if (event.key in move) move[event.key]?.focus();
    else if (action) this.#do(action, tr.dataset.key);
    else return;
    event.preventDefault();
  }

  #tick() {
    for (const [key, tr] of this.#elements) {
      const row = this.#rows.get(key);
      if (!row) continue; // it is removed with the next frame
      const text = age(Date.now() - row.created);
      if (tr.children[4].textContent !== text) tr.children[4].textContent = text;
    }
  }
}
