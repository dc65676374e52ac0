// The page: a bucket, live.
import * as api from "./api.js";
import { Changes } from "./changes.js";
import * as dialogs from "./dialogs.js";
import { Editor } from "./edit.js";
import { Rows } from "./rows.js";
import { Table } from "./table.js";

const find = (selector) => document.querySelector(selector);
const rows = new Rows();
let changes; // of the bucket that is shown: an action takes them before it waits
const table = new Table(rows, {
  edit: (key) => editor.open(key),
  change: (key, by) => attempt(() => changes.add(key, by), "Not changed"),
  remove: (key) => attempt(async () => {
    const mine = changes;
    await mine.remove(key);
    dialogs.toast(`Deleted ${key}.`, mine === changes && mine.canUndo);
  }, "Not deleted"),
  history: (key) => loadHistory(key),
});
const editor = new Editor(rows, table, () => changes);
const state = { bucket: null, info: {}, end: () => {}, loaded: false, upstream: true, open: false, last: "" };

async function attempt(action, words) {
  try {
    await action();
  } catch (error) {
    dialogs.toast(`${words}: ${error.status === 412 ? "someone else has changed it" : error.message}`);
  }
}

// --- the connection ------------------------------------------------------------------------------

function showConnection() {
  const words = !state.bucket ? ["empty", "no bucket"]
    : !state.open ? [state.loaded ? "reconnecting" : "connecting", state.loaded ? "reconnecting" : "connecting"]
    : !state.upstream ? ["reconnecting", "reconnecting to NATS"]
    : state.loaded ? ["live", "live"] : ["connecting", "loading"];
  find("#badge").dataset.state = words[0];
  find("#badge .words").textContent = words[1];
}

function follow(bucket, info) {
  Object.assign(state, { bucket, info, loaded: false, upstream: true, last: "" });
  rows.clear();
  table.clear();
  wanted.length = 0;
  dialogs.withdrawUndo();
  changes = bucket ? new Changes(bucket, rows, showUndo) : undefined;
  showUndo();
  render();
  connect();
}

function connect() {
  const { bucket } = state;
  state.end();
  state.open = false;
  if (bucket && !document.hidden) state.end = api.watch(bucket, state.last, {
    open: () => { state.open = state.upstream = true; showConnection(); },
    lost: (closed) => { state.open = false; showConnection(); if (closed) comeBack(bucket); },
    upstream: (connected) => { state.upstream = connected; showConnection(); note(connected ? "connected" : "disconnected"); },
    problem: (problem) => { dialogs.toast(problem.detail); },
    begin: (from) => { rows.begin(from); },
    entry: (entry, id) => { state.last = id; apply(entry); },
    done: (id) => {
      state.last = id;
      for (const key of rows.done()) note("gone", key);
      state.loaded = true;
      showConnection();
      render();
    },
  });
  showConnection();
}

// A browser opens six connections to one host: a page in the background gives up its own, and resumes after its last event.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) state.end();
  else connect();
});

/// The gateway has refused the stream, or ended it: the browser does not repeat that by itself.
function comeBack(bucket) {
  const turn = choosing;
  state.end();
  setTimeout(() => { if (turn === choosing) chooseBucket(bucket); }, 1000);
}

async function allowed() {
  try {
    await api.session();
  } catch (error) {
    if (error.status !== 401) throw error;
    await dialogs.token(async ({ token }) => {
      try {
        await api.openSession(token);
      } catch (refusal) {
        return refusal.status === 401 ? "This is not the token." : refusal.message;
      }
    });
    return allowed();
  }
}

// --- what comes ----------------------------------------------------------------------------------

function apply(entry) {
  const row = rows.apply(entry);
  if (row === undefined) return;
  if (state.loaded) note(entry.operation, entry.key, entry.value ?? "", entry.revision);
  if (row && table.elementOf(row.key)) table.update(row.key, state.loaded);
  schedule();
}

let scheduled = false;
function schedule() {
  if (scheduled || !state.loaded) return;
  scheduled = true;
  requestAnimationFrame(() => { scheduled = false; render(); });
}

function render() {
  const keys = rows.matching(find("#filter").value);
  table.show(keys);
  const all = `${rows.size.toLocaleString("en")} ${rows.size === 1 ? "key" : "keys"}`;
  find("#count").textContent = keys.length === rows.size ? all : `${keys.length.toLocaleString("en")} of ${all}`;
  find("#nothing").hidden = keys.length > 0;
  find("#nothing").textContent = !state.bucket ? "There is no bucket yet."
    : !state.loaded ? "Loading…" : rows.size ? "No key matches the filter." : "This bucket is empty.";
}

function note(what, key = "", value = "", revision = "") {
  const words = { put: "put", erase: "deleted", purge: "purged", expired: "expired" }[what] ?? what;
  const item = document.createElement("li");
  item.dataset.kind = what;
  const parts = [["time", new Date().toLocaleTimeString("en-GB")], ["what", words], ["key", key],
    ["value", value.length > 80 ? `${value.slice(0, 80)}…` : value], ["rev", revision === "" ? "" : `r${revision}`]];
  for (const [name, text] of parts) {
    if (text === "") continue;
    const span = document.createElement("span");
    span.className = name;
    span.textContent = text;
    item.append(span);
  }
  const log = find("#log");
  log.prepend(item);
  while (log.children.length > 100) log.lastElementChild.remove();
}

const wanted = [];
let loading = 0;
function loadHistory(key) {
  if ((state.info.history ?? 1) < 2 || rows.get(key)?.known !== false) return;
  rows.get(key).known = true;
  wanted.push(key);
  if (loading < 3) loadNext();
}

async function loadNext() {
  const key = wanted.shift(), mine = changes;
  if (key === undefined) return;
  loading += 1;
  try {
    const past = await api.history(state.bucket, key), row = rows.get(key);
    if (row && mine === changes) {
      const texts = past.filter((entry) => entry.operation === "put" && entry.value !== undefined).map((entry) => entry.value);
      row.past = texts.slice(-24);
      table.update(key, false);
    }
  } catch { /* it is only the line */ }
  loading -= 1;
  loadNext();
}

// --- what the user does --------------------------------------------------------------------------

async function undo() {
  dialogs.hideToast();
  await attempt(async () => {
    const key = await changes?.undo();
    if (key) dialogs.toast(`Undone: ${key}.`);
  }, "Not undone");
}

async function createKey() {
  const mine = changes;
  if (!mine) return dialogs.toast("There is no bucket yet.");
  await dialogs.create(async ({ key, value }) => {
    try {
      await mine.create(key, value);
      dialogs.toast(`Created ${key}.`, mine === changes);
    } catch (error) {
      return error.status === 412 ? "This key has a value already." : error.message;
    }
  });
}

const shortcuts = { "/": () => find("#filter").focus(), n: createKey, u: undo, "?": dialogs.keyboard };
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
  if (event.ctrlKey || event.metaKey || event.altKey || !shortcuts[event.key]) return;
  event.preventDefault();
  shortcuts[event.key]();
});
find("#filter").addEventListener("input", render);
find("#filter").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" && event.key !== "ArrowDown") return;
  if (event.key === "Escape") { find("#filter").value = ""; render(); }
  find('#rows [tabindex="0"]')?.focus();
  event.preventDefault();
});
find("#new").addEventListener("click", createKey);
find("#undo").addEventListener("click", undo);
find("#toast .undo").addEventListener("click", undo);
find("#help").addEventListener("click", () => dialogs.keyboard());
find("#bucket").addEventListener("change", (event) => {
  history.replaceState(null, "", `?bucket=${encodeURIComponent(event.target.value)}`);
  chooseBucket(event.target.value);
});
function showUndo() { find("#undo").disabled = !changes?.canUndo; }

let choosing = 0;
/// Shows the bucket `wish`, or another one if there is none of that name, as soon as it can. Only the last call counts: an earlier one
/// that still waits ends without an effect.
async function chooseBucket(wish) {
  const turn = ++choosing;
  const again = (milliseconds) => setTimeout(() => { if (turn === choosing) chooseBucket(wish); }, milliseconds);
  try {
    await allowed();
    const names = await api.buckets();
    const bucket = names.includes(wish) ? wish : names[0] ?? null;
    const info = bucket ? await api.bucketInfo(bucket) : {};
    if (turn !== choosing) return;
    find("#bucket").replaceChildren(...names.map((name) => new Option(name, name, false, name === bucket)));
    document.title = bucket ? `${bucket} · kvco gateway` : "kvco gateway";
    follow(bucket, info);
    if (!bucket) again(2000);
  } catch (error) {
    if (turn !== choosing) return;
    showFailure(error);
    again(1000);
  }
}

function showFailure(error) {
  find("#badge").dataset.state = "reconnecting";
  find("#badge .words").textContent = "reconnecting";
  if (rows.size > 0) return;
  find("#nothing").hidden = false;
  find("#nothing").textContent = error.message;
}
chooseBucket(new URLSearchParams(location.search).get("bucket"));
