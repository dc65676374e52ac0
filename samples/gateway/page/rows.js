// The keys of a bucket as this page knows them.

/// The text of an entry as it is shown; null: it has none that could be edited.
export function textOf(entry) {
  return entry.value ?? null;
}

export function isNumber(row) {
  return row.text !== null && /^-?\d{1,15}$/.test(row.text);
}

export class Rows {
  #rows = new Map();
  #unseen = null; // the keys that a snapshot has not named yet

  get size() { return this.#rows.size; }
  get(key) { return this.#rows.get(key); }
  clear() {
    this.#rows.clear();
    this.#unseen = null;
  }

  /// All keys follow if `from` is 0: those that are missing exist no more.
  begin(from) {
    this.#unseen = from === 0 ? new Set(this.#rows.keys()) : null;
  }

  /// Returns the keys that have gone.
  done() {
    const gone = [...(this.#unseen ?? [])];
    this.#unseen = null;
    for (const key of gone) this.#rows.delete(key);
    return gone;
  }

  /// Returns the row if its value has changed, null if its removal is new, undefined if nothing is new.
  apply(entry) {
    const key = entry.key ?? `base64:${entry.key_base64}`;
    this.#unseen?.delete(key);
    const old = this.#rows.get(key);
    if (entry.operation === "expired") return this.#rows.delete(key) ? null : undefined;
    // A bucket that was made again may have other entries with the same revisions.
    if (old && old.revision === entry.revision && old.created === Date.parse(entry.created)) return undefined;
    if (entry.operation !== "put") return this.#rows.delete(key) ? null : undefined;
    const row = {
      key, writable: entry.key !== undefined, revision: entry.revision, created: Date.parse(entry.created),
      size: entry.size, text: textOf(entry), base64: entry.value_base64 ?? null, truncated: entry.truncated ?? false,
      past: old?.past ?? [], known: old?.known ?? false,
    };
    if (row.text !== null) row.past = [...row.past, row.text].slice(-24);
    this.#rows.set(key, row);
    return row;
  }

  /// Sorted keys that contain the words of the filter, in the key or in the value.
  matching(filter) {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    for (const row of this.#rows.values()) {
      const text = words.length ? `${row.key}\n${row.text ?? ""}`.toLowerCase() : "";
      if (words.every((word) => text.includes(word))) found.push(row.key);
    }
    return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }
}
