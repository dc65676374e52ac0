// Viewers that come back: what they have missed reaches them, or all keys do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Events, Gateway, Nats, proxy_to, revision_in, until } from "./harness.mjs";

let nats, gateway;
before(async () => {
  nats = await Nats.start();
  gateway = await Gateway.start(nats.url, ["--recent-events", "200"]);
  await gateway.ready();
});
after(async () => {
  await gateway.stop();
  await nats.stop();
});

const open = (path, options) => Events.open(gateway.port, path, options);
const put = (bucket, key, value) => gateway.put(bucket, key, value);

test("a viewer that was cut off resumes after its last event, and gets each revision once", async () => {
  await gateway.make("CUT", { history: 64 });
  const proxy = await proxy_to(gateway.port);
  const written = [], seen = [];
  let stop = false;
  const writer = (async () => {
    for (let i = 0; !stop && i < 3000; ++i) written.push((await put("CUT", `k${i % 5}`, `v${i}`)).json().revision);
  })();
  let last;
  for (let round = 0; round < 10; ++round) {
    const viewer = await Events.open(proxy.port, "/v1/watch/CUT", { after: last });
    await until("events", () => viewer.revisions.length > 8);
    proxy.cut();
    await until("the cut", () => viewer.closed);
    assert.equal(viewer.named("begin").length, 1);
    assert.equal(viewer.named("begin")[0].data.from, last ? revision_in(last) : 0);
    seen.push(...viewer.revisions);
    last = viewer.last_id;
  }
  stop = true;
  await writer;
  const viewer = await open("/v1/watch/CUT", { after: last });
  await until("the end", () => viewer.revisions.at(-1) === written.at(-1));
  viewer.close();
  proxy.close();
  seen.push(...viewer.revisions);
  assert.deepEqual(seen.slice(1), [...seen.slice(1)].sort((a, b) => a - b));
  assert.equal(new Set(seen).size, seen.length);
  const begun = written.filter((revision) => revision >= seen[8]);
  assert.deepEqual(seen.filter((revision) => revision >= seen[8]), begun);
});

test("a Last-Event-ID that is too old, of the future, or of another stream begins from a snapshot", async () => {
  await gateway.make("OLD", { history: 1 });
  await put("OLD", "k", "0");
  const holds = await open("/v1/watch/OLD");
  await holds.done();
  const first = holds.last_id;
  for (let i = 1; i <= 260; ++i) await put("OLD", "k", String(i));
  await holds.value("260");
  const [created, feed, revision] = holds.last_id.split("-");
  const foreign = [`${BigInt(created) + 1n}-${feed}-${revision}`, `${created}-${Number(feed) + 1}-${revision}`];
  for (const after of [first, `${created}-${feed}-999999`, `${holds.last_id}.1`, ...foreign]) {
    const viewer = await open("/v1/watch/OLD", { after });
    await viewer.done();
    assert.equal(viewer.named("begin")[0].data.from, 0);
    assert.deepEqual(viewer.entries.map((entry) => entry.value), ["260"]);
    viewer.close();
  }
  holds.close();
});

/// A viewer that has seen all of a bucket with the values `k` and `soon`, and is cut off. `write` writes them, again if they expire
/// before it has seen both.
async function gone_viewer(bucket, { at = gateway, write = () => {} } = {}) {
  const viewer = await Events.open(at.port, `/v1/watch/${bucket}`);
  await viewer.done();
  await until("both keys", async () => {
    await write();
    return Object.keys(viewer.state()).length === 2;
  });
  viewer.close();
  return { last: viewer.last_id, had: viewer.state() };
}

test("a viewer that returns gets the removal of keys that have expired meanwhile", async () => {
  await gateway.make("AWAY", { ttl_seconds: 2 });
  const stays = await open("/v1/watch/AWAY");
  await stays.done();
  const write = async () => { for (const key of ["soon", "k"]) await put("AWAY", key, "1"); };
  const { last, had } = await gone_viewer("AWAY", { write });
  await until("both have expired", () => stays.entries.length > 2 && Object.keys(stays.state()).length === 0);
  assert.equal(stays.entries.at(-1).operation, "expired");
  const back = await open("/v1/watch/AWAY", { after: last });
  await back.done();
  assert.deepEqual(back.state(had), {});
  assert.equal(back.named("begin")[0].data.from, revision_in(last), "it resumes: the missing events are enough");
  const late = await open("/v1/watch/AWAY", { after: back.last_id });
  await late.done();
  assert.deepEqual(late.entries, [], "and not once more");
  for (const each of [stays, back, late]) each.close();
});

test("a viewer that returns after its feed has ended has the keys that are left", async () => {
  const brief = await Gateway.start(nats.url, ["--linger-ms", "0"]);
  await brief.make("FEEDLESS");
  for (const key of ["soon", "k"]) await brief.put("FEEDLESS", key, "1");
  const { last, had } = await gone_viewer("FEEDLESS", { at: brief });
  await until("no feed", async () => (await brief.metric("gateway_feeds")) === 0);
  await nats.erase_traces("FEEDLESS", "soon");
  const back = await Events.open(brief.port, "/v1/watch/FEEDLESS", { after: last });
  await back.done();
  assert.deepEqual(back.state(had), { k: "1" });
  back.close();
  await brief.stop();
});

test("a viewer that returns gets the marker of a key that has expired meanwhile", async () => {
  const raw = await nats.raw();
  const made = JSON.parse(await raw.request("$JS.API.STREAM.CREATE.KV_MARKED", JSON.stringify({ name: "KV_MARKED",
    subjects: ["$KV.MARKED.>"], max_msgs_per_subject: 1, allow_rollup_hdrs: true, allow_direct: true, discard: "new",
    storage: "memory", allow_msg_ttl: true, subject_delete_marker_ttl: 60_000_000_000 })));
  raw.close();
  assert.equal(made.error, undefined);
  const stays = await open("/v1/watch/MARKED");
  await put("MARKED", "k", "1");
  const { last, had } = await gone_viewer("MARKED", { write: () => nats.put("MARKED", "soon", "1", "Nats-TTL: 1s") });
  await until("the marker", () => stays.entries.at(-1)?.operation === "purge");
  const back = await open("/v1/watch/MARKED", { after: last });
  await back.done();
  assert.deepEqual(back.state(had), { k: "1" });
  for (const each of [stays, back]) each.close();
});

test("a bucket that was created again is another one, whatever its revisions are", async () => {
  const settings = { storage: "memory" };
  await gateway.make("AGAIN", settings);
  for (const key of ["soon", "k"]) await put("AGAIN", key, "old");
  const { last, had } = await gone_viewer("AGAIN");
  await gateway.send("DELETE", "/v1/buckets/AGAIN");
  await gateway.make("AGAIN", settings);
  for (const key of ["other", "k"]) await put("AGAIN", key, "new");
  let state = had, after = last, viewer;
  await until("the new bucket", async () => {
    if (viewer?.closed) { // the feed of the deleted bucket has ended: back, as a browser comes
      state = viewer.state(state);
      after = viewer.last_id ?? after;
      viewer = undefined;
    }
    viewer ??= await open("/v1/watch/AGAIN", { after });
    const now = viewer.state(state);
    return now.k === "new" && now.other === "new" && !("soon" in now);
  });
  await viewer.done();
  assert.notEqual(viewer.last_id.split("-")[0], last.split("-")[0]);
  assert.equal(revision_in(viewer.last_id), revision_in(last));
  viewer.close();
});

test("a viewer that is cut off among all keys loses none of the removals", async () => {
  await gateway.make("PARTS", { history: 1 });
  const stays = await open("/v1/watch/PARTS");
  await stays.done();
  for (const key of ["soon", "k"]) await put("PARTS", key, "1");
  const { last, had } = await gone_viewer("PARTS");
  await gateway.send("DELETE", "/v1/kv/PARTS/soon");
  for (let i = 0; i < 260; ++i) await put("PARTS", "k", String(i)); // the deletion is no recent event any more
  for (let i = 0; i < 40; ++i) await put("PARTS", `large${i}`, "x".repeat(60_000));
  await until("all events", () => Object.keys(stays.state()).length === 41);
  const cut = await open("/v1/watch/PARTS", { after: last });
  cut.response.pause();
  await until("a part of the keys", () => { cut.response.read(); return cut.entries.length > 1; });
  cut.close();
  assert.equal(cut.named("snapshot-done").length, 0);
  const back = await open("/v1/watch/PARTS", { after: cut.last_id ?? last });
  await back.done();
  assert.deepEqual(back.state(cut.state(had)), stays.state());
  for (const each of [stays, back]) each.close();
});
