// The changes that this page makes in one bucket: each is a compare and set, and can be undone while no one else has changed the key.
// The page may show another bucket before a change has ended: it ends in its own bucket, and is not noted in that of the other.
import * as api from "./api.js";

const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const bodyOf = (row) => (row.text !== null ? row.text : bytesOf(row.base64));

export class Changes {
  #bucket;
  #rows;
  #done = [];
  #waiting = new Map(); // key -> sum of the clicks that are not sent yet
  #onChange;

  constructor(bucket, rows, onChange) {
    this.#bucket = bucket;
    this.#rows = rows;
    this.#onChange = onChange;
  }

  get canUndo() { return this.#done.length > 0; }

  #note(key, before, revision) {
    this.#done.push({ key, before, revision });
    if (this.#done.length > 100) this.#done.shift();
    this.#onChange();
  }

  async create(key, text) { this.#note(key, null, await api.write(this.#bucket, key, text, null)); }

  /// `last` is the revision that was read when the editing began. A refusal with status 412 has the value of now.
  async save(key, text, last) {
    const before = this.#rows.get(key);
    this.#note(key, before && before.revision === last ? bodyOf(before) : null, await api.write(this.#bucket, key, text, last));
  }

  async remove(key) {
    const row = this.#rows.get(key);
    if (!row) return;
    const before = row.truncated ? null : bodyOf(row);
    const revision = await api.remove(this.#bucket, key, row.revision);
    if (before !== null) this.#note(key, before, revision);
  }

  /// Returns the key.
  async undo() {
    const last = this.#done.pop();
    this.#onChange();
    if (!last) return undefined;
    if (last.before === null) await api.remove(this.#bucket, last.key, last.revision);
    else await api.write(this.#bucket, last.key, last.before, last.revision);
    return last.key;
  }

  /// Adds to a number, again from the value of now as often as someone else was faster, and never below 0. Returns the sum that was
  /// added. Clicks that come while a write is in flight are added together.
  async add(key, by) {
    if (this.#waiting.has(key)) {
      this.#waiting.set(key, this.#waiting.get(key) + by);
      return 0;
    }
    const row = this.#rows.get(key);
    if (!row) return 0;
    this.#waiting.set(key, by);
    let added = 0, { text, revision } = row;
    try {
      while (this.#waiting.get(key) !== 0) {
        const wanted = this.#waiting.get(key), next = Math.max(0, Number(text) + wanted);
        if (next === Number(text)) break;
        try {
          revision = await api.write(this.#bucket, key, String(next), revision);
        } catch (error) {
          const now = error.problem?.current;
          if (error.status !== 412 || !/^-?\d+$/.test(now?.value ?? "")) throw error;
          ({ value: text, revision } = now);
          continue;
        }
        added += next - Number(text);
        text = String(next);
        this.#waiting.set(key, this.#waiting.get(key) - wanted);
      }
    } finally {
      this.#waiting.delete(key);
    }
    return added;
  }
}
