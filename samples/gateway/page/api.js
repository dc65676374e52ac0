// Requests to the gateway, and the stream of events.

const path = (...parts) => "/v1/" + parts.map(encodeURIComponent).join("/");

/// The answer to a request that the gateway has refused, or that has not reached it.
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? "the gateway cannot be reached");
    this.status = status;
    this.problem = problem ?? {};
  }
}

async function request(method, url, { headers = {}, body } = {}) {
  let response;
  try {
    response = await fetch(url, { method, headers, body, cache: "no-store" });
  } catch {
    throw new Refusal(0);
  }
  if (response.ok) return response;
  let problem;
  try {
    problem = await response.json();
  } catch {
    problem = { detail: response.statusText };
  }
  throw new Refusal(response.status, problem);
}

const tag = (revision) => `"${revision}"`;
const revisionOf = (response) => Number(response.headers.get("ETag").slice(1, -1));

export const session = () => request("GET", "/v1/session");
export const openSession = (token) =>
  request("POST", "/v1/session", { headers: { Authorization: `Bearer ${token}` } });
export const buckets = async () => (await (await request("GET", "/v1/buckets")).json()).buckets;
export const bucketInfo = async (bucket) => (await request("GET", path("buckets", bucket))).json();

export async function history(bucket, key) {
  const text = await (await request("GET", path("kv", bucket, key) + "/history")).text();
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/// Stores a value if `last` is the last revision of the key; `last` null: if the key has no value.
export async function write(bucket, key, value, last) {
  const headers = last === null ? { "If-None-Match": "*" } : { "If-Match": tag(last) };
  return revisionOf(await request("PUT", path("kv", bucket, key), { headers, body: value }));
}

export async function remove(bucket, key, last) {
  return revisionOf(await request("DELETE", path("kv", bucket, key), { headers: { "If-Match": tag(last) } }));
}

export const valueUrl = (bucket, key) => path("kv", bucket, key);

/// Calls the functions of `to`: begin(from), entry(data, id), done(id), upstream(connected), problem(data), open(), lost(closed). The
/// browser reconnects by itself, and names the last event that it has; `after` is the id of that of an earlier stream. Entries of a
/// snapshot have the id of before it. Returns a function that ends it.
export function watch(bucket, after, to) {
  const source = new EventSource(path("watch", bucket) + (after ? `?after=${encodeURIComponent(after)}` : ""));
  const on = (name, use) => source.addEventListener(name, (event) => use(JSON.parse(event.data), event.lastEventId));
  source.addEventListener("open", () => to.open());
  source.addEventListener("error", () => to.lost(source.readyState === EventSource.CLOSED));
  on("begin", (data) => to.begin(data.from));
  on("entry", (data, id) => to.entry(data, id));
  on("snapshot-done", (data, id) => to.done(id));
  on("upstream", (data) => to.upstream(data.connected));
  on("problem", (data) => to.problem(data));
  return () => source.close();
}
