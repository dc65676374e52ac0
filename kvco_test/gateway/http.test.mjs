// HTTP to keys: each promise of samples/gateway/README.md about requests and their answers.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { environment, Gateway, Nats, until } from "./harness.mjs";

let nats, gateway;
before(async () => {
  nats = await Nats.start();
  gateway = await Gateway.start(nats.url);
  await gateway.make("B");
});
after(async () => {
  await gateway.stop();
  await nats.stop();
});

const problem = (response, status, name) => {
  assert.equal(response.status, status, response.text);
  assert.equal(response.headers["content-type"], "application/problem+json");
  assert.equal(response.json().type, `urn:kvco:problem:${name}`);
  assert.equal(response.json().status, status);
  return response.json();
};

test("a value is read with its revision as entity tag", async () => {
  const put = await gateway.put("B", "read", "grüße");
  assert.equal(put.status, 200);
  const got = await gateway.get("B", "read");
  assert.equal(got.status, 200);
  assert.equal(got.text, "grüße");
  assert.equal(got.headers.etag, `"${put.json().revision}"`);
  assert.equal(got.headers.etag, put.headers.etag);
  assert.ok(Math.abs(Date.parse(got.headers["last-modified"]) - Date.now()) < 60_000);
  assert.equal(got.headers["content-type"], "text/plain; charset=utf-8");
});

test("bytes that are not text come back as they were", async () => {
  const bytes = Buffer.from([0, 255, 10, 13, 0xc3]);
  await gateway.put("B", "bytes", bytes);
  const got = await gateway.get("B", "bytes");
  assert.deepEqual(got.bytes, bytes);
  assert.equal(got.headers["content-type"], "application/octet-stream");
});

test("a value that looks like a page is text to a browser", async () => {
  await gateway.put("B", "html", "<script>alert(1)</script>");
  const got = await gateway.get("B", "html");
  assert.equal(got.headers["content-type"], "text/plain; charset=utf-8");
  assert.equal(got.headers["x-content-type-options"], "nosniff");
  assert.match(got.headers["content-security-policy"], /default-src 'none'.*sandbox/);
});

test("If-None-Match is answered with 304 while nothing has changed", async () => {
  const { etag } = (await gateway.put("B", "cached", "1")).headers;
  const same = await gateway.send("GET", "/v1/kv/B/cached", null, { "If-None-Match": `"1234567", ${etag}` });
  assert.equal(same.status, 304);
  assert.equal(same.text, "");
  assert.equal(same.headers.etag, etag);
  await gateway.put("B", "cached", "2");
  assert.equal((await gateway.send("GET", "/v1/kv/B/cached", null, { "If-None-Match": etag })).status, 200);
});

test("an older revision is read by its number", async () => {
  const first = (await gateway.put("B", "past", "old")).json().revision;
  await gateway.put("B", "past", "new");
  assert.equal((await gateway.send("GET", `/v1/kv/B/past?rev=${first}`)).text, "old");
  problem(await gateway.send("GET", "/v1/kv/B/past?rev=999999"), 404, "no-value");
  problem(await gateway.send("GET", "/v1/kv/B/past?rev=x"), 400, "invalid-argument");
  problem(await gateway.send("GET", "/v1/kv/B/past?rev=0"), 400, "invalid-argument");
});

test("If-None-Match: * creates, once", async () => {
  const star = { "If-None-Match": "*" };
  const made = await gateway.put("B", "made", "first", star);
  assert.equal(made.status, 201);
  const refused = problem(await gateway.put("B", "made", "second", star), 412, "key-exists");
  assert.equal(refused.current.value, "first");
  assert.equal(refused.current.revision, made.json().revision);
  await gateway.send("DELETE", "/v1/kv/B/made");
  assert.equal((await gateway.put("B", "made", "third", star)).status, 201);
});

test("If-Match is compare and set", async () => {
  const { etag } = (await gateway.put("B", "cas", "1")).headers;
  const next = await gateway.put("B", "cas", "2", { "If-Match": etag });
  assert.equal(next.status, 200);
  const refused = problem(await gateway.put("B", "cas", "3", { "If-Match": etag }), 412, "wrong-last-revision");
  assert.deepEqual([refused.current.revision, refused.current.value, refused.current.operation],
    [next.json().revision, "2", "put"]);
  problem(await gateway.put("B", "cas", "3", { "If-Match": `W/${next.headers.etag}` }), 412, "wrong-last-revision");
  problem(await gateway.put("B", "cas", "3", { "If-Match": '"abc"' }), 412, "wrong-last-revision");
  const { etag: last } = next.headers;
  for (const odd of ["*", '"1", "2"', "7", '"7', "", [last, '"2"']]) // the last one as two lines
    problem(await gateway.put("B", "cas", "3", { "If-Match": odd }), 400, "unsupported-condition");
  assert.equal((await gateway.get("B", "cas")).text, "2");
});

const dates = { old: "Sun, 06 Nov 1994 08:49:37 GMT", future: "Fri, 01 Jan 2100 00:00:00 GMT" };

test("a date is no condition of a write: it is refused, beside If-Match ignored", async () => {
  const { etag } = (await gateway.put("B", "dated", "1")).headers;
  for (const date of [dates.old, dates.future, "yesterday", ""]) {
    const since = { "If-Unmodified-Since": date };
    problem(await gateway.put("B", "dated", "2", since), 400, "unsupported-condition");
    problem(await gateway.put("B", "undated", "2", { ...since, "If-None-Match": "*" }), 400, "unsupported-condition");
    problem(await gateway.send("DELETE", "/v1/kv/B/dated", null, since), 400, "unsupported-condition");
    problem(await gateway.send("DELETE", "/v1/kv/B/dated?purge", null, since), 400, "unsupported-condition");
    problem(await gateway.send("GET", "/v1/kv/B/dated", null, since), 400, "unsupported-condition");
  }
  assert.equal((await gateway.get("B", "dated")).headers.etag, etag);
  assert.equal((await gateway.get("B", "undated")).status, 404);
  const both = await gateway.put("B", "dated", "2", { "If-Match": etag, "If-Unmodified-Since": dates.old });
  assert.equal(both.status, 200);
  const modified = await gateway.put("B", "dated", "3", { "If-Modified-Since": dates.future });
  assert.equal(modified.status, 200, "RFC 9110: only for GET and HEAD");
  assert.equal((await gateway.send("GET", "/v1/kv/B/dated", null, { "If-Modified-Since": dates.future })).text, "3");
});

test("If-Match of a read", async () => {
  const { etag } = (await gateway.put("B", "matched", "1")).headers;
  const read = (tags) => gateway.send("GET", "/v1/kv/B/matched", null, { "If-Match": tags });
  for (const tags of [etag, `"1234567", ${etag}`, "*"]) assert.equal((await read(tags)).text, "1");
  for (const tags of ['"1234567"', `W/${etag}`]) assert.equal(problem(await read(tags), 412, "wrong-last-revision").current.value, "1");
  problem(await read("7"), 400, "unsupported-condition");
});

test("a bucket has no conditions", async () => {
  await gateway.make("BARE");
  for (const headers of [{ "If-Match": '"1"' }, { "If-None-Match": "*" }, { "If-Unmodified-Since": dates.future }]) {
    for (const method of ["PUT", "DELETE"])
      problem(await gateway.send(method, "/v1/buckets/BARE", "", headers), 400, "unsupported-condition");
  }
  assert.equal((await gateway.send("GET", "/v1/buckets/BARE")).status, 200);
});

test("a deletion leaves its revision, with which the key can be written again", async () => {
  const { etag } = (await gateway.put("B", "gone", "x")).headers;
  problem(await gateway.send("DELETE", "/v1/kv/B/gone", null, { "If-Match": '"1"' }), 412, "wrong-last-revision");
  const deleted = await gateway.send("DELETE", "/v1/kv/B/gone", null, { "If-Match": etag });
  assert.equal(deleted.status, 200);
  const missing = problem(await gateway.get("B", "gone"), 404, "no-value");
  assert.deepEqual([missing.operation, missing.revision], ["erase", deleted.json().revision]);
  assert.equal((await gateway.put("B", "gone", "again", { "If-Match": deleted.headers.etag })).status, 200);
  const purged = await gateway.send("DELETE", "/v1/kv/B/gone?purge");
  assert.equal(purged.status, 200);
  assert.deepEqual((await gateway.send("GET", "/v1/kv/B/gone/history")).lines().map((e) => e.operation), ["purge"]);
  problem(await gateway.get("B", "never-written"), 404, "no-value");
});

test("history is lines of JSON, oldest first", async () => {
  for (const value of ["a", "b"]) await gateway.put("B", "story", value);
  await gateway.send("DELETE", "/v1/kv/B/story");
  const got = await gateway.send("GET", "/v1/kv/B/story/history");
  assert.equal(got.headers["content-type"], "application/x-ndjson");
  assert.deepEqual(got.lines().map((e) => [e.operation, e.value]), [["put", "a"], ["put", "b"], ["erase", undefined]]);
});

test("a list of keys is lines of JSON, by filter, with values if asked for", async () => {
  await gateway.make("LIST");
  for (const key of ["fruit.apple", "fruit.fig", "bread.rye"]) await gateway.put("LIST", key, `<${key}>`);
  await gateway.send("DELETE", "/v1/kv/LIST/fruit.fig");
  const all = (await gateway.send("GET", "/v1/kv/LIST")).lines();
  assert.deepEqual(all.map((e) => e.key).sort(), ["bread.rye", "fruit.apple"]);
  assert.deepEqual([all[0].value, all[0].size], [undefined, 13]);
  const some = (await gateway.send("GET", "/v1/kv/LIST?filter=fruit.*&values")).lines();
  assert.deepEqual(some.map((e) => [e.key, e.value]), [["fruit.apple", "<fruit.apple>"]]);
  assert.deepEqual((await gateway.send("GET", "/v1/kv/LIST?filter=none.*")).lines(), []);
  problem(await gateway.send("GET", "/v1/kv/LIST?filter=a..b"), 400, "invalid-filter");
});

test("keys may have slashes and equals signs, encoded", async () => {
  assert.equal((await gateway.put("B", "a/b=c.d", "odd")).status, 200);
  assert.equal((await gateway.get("B", "a/b=c.d")).text, "odd");
  assert.equal((await gateway.send("GET", "/v1/kv/B/a%2Fb%3Dc%2Ed")).text, "odd");
  problem(await gateway.send("GET", "/v1/kv/B/a/b=c.d"), 404, "not-found");
});

test("buckets are made, described, listed and deleted", async () => {
  const made = await gateway.send("PUT", "/v1/buckets/MADE", JSON.stringify({ history: 3, storage: "memory" }));
  assert.equal(made.status, 201);
  assert.deepEqual([made.json().history, made.json().storage], [3, "memory"]);
  assert.equal((await gateway.send("PUT", "/v1/buckets/MADE", JSON.stringify({ history: 3, storage: "memory" }))).status, 201);
  problem(await gateway.send("PUT", "/v1/buckets/MADE", JSON.stringify({ history: 4 })), 409, "bucket-exists");
  assert.ok((await gateway.send("GET", "/v1/buckets")).json().buckets.includes("MADE"));
  assert.equal((await gateway.send("GET", "/v1/buckets/MADE")).json().history, 3);
  assert.equal((await gateway.send("DELETE", "/v1/buckets/MADE")).status, 204);
  problem(await gateway.send("GET", "/v1/buckets/MADE"), 404, "bucket-not-found");
  problem(await gateway.send("DELETE", "/v1/buckets/MADE"), 404, "bucket-not-found");
  problem(await gateway.get("MADE", "k"), 404, "bucket-not-found");
  problem(await gateway.send("GET", "/v1/watch/MADE"), 404, "bucket-not-found");
  for (const body of ["{", "[]", '{"histroy":3}', '{"history":"3"}', '{"storage":"tape"}', '{"history":1e99}'])
    problem(await gateway.send("PUT", "/v1/buckets/ODD", body), 400, "invalid-setting");
  problem(await gateway.send("PUT", "/v1/buckets/ODD", '{"history":65}'), 400, "invalid-argument");
  problem(await gateway.send("PUT", "/v1/buckets/O%20D"), 400, "invalid-bucket-name");
});

test("limits of a bucket have their own statuses", async () => {
  await gateway.make("SMALL", { max_bytes: 2048, max_value_size: 1024, history: 1 });
  problem(await gateway.put("SMALL", "large", "x".repeat(1500)), 413, "value-too-large");
  let last;
  for (let i = 0; i < 10 && last?.status !== 507; ++i) last = await gateway.put("SMALL", `k${i}`, "x".repeat(500));
  problem(last, 507, "bucket-full");
});

test("HEAD is GET without the body", async () => {
  await gateway.put("B", "head", "12345");
  const got = await gateway.send("HEAD", "/v1/kv/B/head");
  assert.deepEqual([got.status, got.text, got.headers["content-length"]], [200, "", "5"]);
  assert.equal((await gateway.send("HEAD", "/v1/watch/B")).status, 200);
});

test("health, readiness and metrics", async () => {
  assert.equal((await gateway.send("GET", "/healthz")).text, "ok\n");
  assert.equal((await gateway.send("GET", "/readyz")).text, "ready\n");
  const metrics = await gateway.send("GET", "/metrics");
  assert.match(metrics.headers["content-type"], /^text\/plain; version=0\.0\.4/);
  assert.match(metrics.text, /kvco_operations_total\{operation="put",bucket="B",outcome="ok"\} \d+/);
  assert.match(metrics.text, /^gateway_viewers 0$/m);
});

test("the page may load only from the gateway", async () => {
  const page = await gateway.send("GET", "/");
  assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
  assert.match(page.headers["content-security-policy"], /default-src 'none'; script-src 'self'/);
  assert.doesNotMatch(page.headers["content-security-policy"], /unsafe|\*|https?:/);
  assert.equal(page.headers["access-control-allow-origin"], undefined);
  const again = await gateway.send("GET", "/", null, { "If-None-Match": page.headers.etag });
  assert.equal(again.status, 304);
  assert.equal(again.headers["content-security-policy"], page.headers["content-security-policy"]);
  assert.equal((await gateway.send("GET", "/page/app.js")).headers["content-type"], "text/javascript; charset=utf-8");
});

test("while NATS is away, requests are answered at once", async () => {
  const other = await Nats.start();
  const alone = await Gateway.start(other.url);
  await alone.make("B");
  await other.kill();
  await until("not ready", async () => (await alone.send("GET", "/readyz")).status === 503);
  assert.equal((await alone.send("GET", "/healthz")).status, 200);
  const refused = await alone.put("B", "k", "v");
  problem(refused, 503, "offline");
  assert.equal(refused.headers["retry-after"], "1");
  await other.restart();
  await alone.ready();
  assert.equal((await alone.put("B", "k", "v")).status, 200);
  await alone.stop();
  await other.stop();
});

test("each kind of problem is in README.md", () => {
  const folder = environment("KVCO_GATEWAY_SOURCE"), kinds = new Set();
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".cpp"))) {
    const source = readFileSync(join(folder, name), "utf8");
    for (const [, status, kind] of source.matchAll(/\b(\d{3}), "([a-z]+(?:-[a-z]+)*)"/g)) kinds.add(`${status} ${kind}`);
  }
  const documented = new Set();
  for (const [, statuses, text] of readFileSync(join(folder, "README.md"), "utf8").matchAll(/^\| ([\d, ]+)[^|]* \| (`.*) \|$/gm)) {
    const groups = text.split(";");
    statuses.split(",").forEach((status, i) => {
      for (const [, kind] of groups[Math.min(i, groups.length - 1)].matchAll(/`([a-z-]+)`/g)) documented.add(`${status.trim()} ${kind}`);
    });
  }
  assert.ok(kinds.size > 30, [...kinds].join());
  assert.deepEqual([...documented].filter((each) => !/ current$/.test(each)).sort(), [...kinds].sort());
});

test("a thousand sales by ten clients end at exactly nothing", async () => {
  await gateway.put("B", "stock", "1000");
  const seen = [];
  const sell = async () => {
    for (let sold = 0; sold < 100;) {
      const now = await gateway.get("B", "stock"), left = Number(now.text) - 1;
      seen.push(left);
      const put = await gateway.put("B", "stock", String(left), { "If-Match": now.headers.etag });
      if (put.status === 200) ++sold;
      else assert.equal(put.status, 412, put.text);
    }
  };
  await Promise.all(Array.from({ length: 10 }, sell));
  assert.equal((await gateway.get("B", "stock")).text, "0");
  assert.equal(Math.min(...seen), 0);
});
