// Editing a value in its cell. The page may show another bucket before it has ended.
import * as dialogs from "./dialogs.js";

export class Editor {
  #rows;
  #table;
  #changes;

  /// `changes` returns those of the bucket that is shown.
  constructor(rows, table, changes) {
    this.#rows = rows;
    this.#table = table;
    this.#changes = changes;
  }

  open(key) {
    const row = this.#rows.get(key), tr = this.#table.elementOf(key);
    if (!row || !tr || tr.dataset.editing) return;
    if (row.text === null || !row.writable) {
      dialogs.toast("This value cannot be edited as text.");
      return;
    }
    const revision = row.revision; // the one that the change builds on, whatever comes meanwhile
    const changes = this.#changes();
    const area = document.createElement("textarea");
    area.value = row.text;
    area.rows = Math.min(8, row.text.split("\n").length);
    area.setAttribute("aria-label", `Value of ${key}`);
    area.spellcheck = false;
    tr.dataset.editing = "yes";
    this.#table.valueCell(key).replaceChildren(area);
    area.focus();
    area.select();
    let saving = false;
    const close = () => {
      delete tr.dataset.editing;
      if (this.#table.elementOf(key) !== tr) return; // the key, or its bucket, is no longer shown
      this.#table.update(key, false);
      tr.focus();
    };
    area.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") close();
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (saving) return;
      saving = true;
      if (await this.#save(changes, key, area.value, revision)) close();
      else area.focus();
      saving = false;
    });
  }

  /// True: the editing has ended.
  async #save(changes, key, text, last) {
    while (true) {
      try {
        await changes.save(key, text, last);
        dialogs.toast(`Saved ${key}.`, changes === this.#changes());
        return true;
      } catch (error) {
        if (error.status !== 412) {
          dialogs.toast(`Not saved: ${error.message}`);
          return false;
        }
        const current = error.problem.current;
        const choice = await dialogs.conflict(key, text, current);
        if (choice === "take") return true;
        if (choice !== "keep") return false;
        last = current?.revision ?? null;
      }
    }
  }
}
