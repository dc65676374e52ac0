// Streams of events: nothing is lost, one watch is shared, a slow viewer delays no other.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Events, Gateway, Nats, proxy_to, revision_in, until } from "./harness.mjs";

let nats, gateway;
before(async () => {
  nats = await Nats.start();
  gateway = await Gateway.start(nats.url, ["--heartbeat-ms", "100", "--viewer-events", "64"]);
  await gateway.make("B");
});
after(async () => {
  await gateway.stop();
  await nats.stop();
});

const open = (path, options) => Events.open(gateway.port, path, options);
const put = (bucket, key, value) => gateway.put(bucket, key, value);

test("a snapshot, its end, and then each change", async () => {
  await gateway.make("SNAP");
  await put("SNAP", "a", "1");
  await put("SNAP", "b", "2");
  await gateway.send("DELETE", "/v1/kv/SNAP/a");
  const viewer = await open("/v1/watch/SNAP");
  assert.deepEqual([viewer.status, viewer.type], [200, "text/event-stream"]);
  await viewer.done();
  assert.deepEqual(viewer.all.map((event) => event.event), ["begin", "entry", "snapshot-done"]);
  assert.deepEqual(viewer.all[0].data, { from: 0, entries: 1 });
  assert.deepEqual(viewer.all.map((event) => event.id && revision_in(event.id)), [undefined, undefined, 3]);
  const { revision } = (await put("SNAP", "c", "3")).json();
  const entry = await viewer.value("3");
  assert.equal(entry.revision, revision);
  assert.equal(revision_in(viewer.last_id), revision);
  await nats.put("SNAP", "d", "from another client");
  await viewer.value("from another client");
  viewer.close();
});

test("an empty bucket has an end of its snapshot, and a silent stream has comments", async () => {
  await gateway.make("EMPTY");
  const viewer = await open("/v1/watch/EMPTY");
  await viewer.done();
  await until("heartbeats", () => viewer.comments >= 2);
  assert.equal(viewer.entries.length, 0);
  viewer.close();
});

test("a filter", async () => {
  await put("B", "filter.in.x", "inside");
  await put("B", "filter.out", "outside");
  const viewer = await open("/v1/watch/B?filter=filter.in.%3E");
  await viewer.done();
  assert.deepEqual(viewer.entries.map((entry) => entry.key), ["filter.in.x"]);
  viewer.close();
});

test("many viewers share one watch on the server", async () => {
  await gateway.make("SHARED");
  const raw = await nats.raw();
  const consumers = async () => JSON.parse(await raw.request("$JS.API.STREAM.INFO.KV_SHARED", "")).state.consumer_count;
  const viewers = await Promise.all(Array.from({ length: 50 }, () => open("/v1/watch/SHARED")));
  await Promise.all(viewers.map((each) => each.done()));
  assert.equal(await consumers(), 1);
  await put("SHARED", "k", "to all");
  await Promise.all(viewers.map((each) => each.value("to all")));
  viewers.forEach((each) => each.close());
  await until("no viewer", async () => (await gateway.metric("gateway_viewers")) === 0);
  raw.close();
});

test("a viewer that does not read is conflated, and delays no other", async () => {
  await gateway.make("SLOW", { history: 1 });
  const slow = await open("/v1/watch/SLOW"), quick = await open("/v1/watch/SLOW");
  await Promise.all([slow.done(), quick.done()]);
  slow.response.pause();
  const large = "x".repeat(50_000);
  let rounds = 0;
  while (!(await gateway.metric("gateway_conflated_total")) && rounds < 2000) {
    ++rounds;
    await Promise.all(["a", "b", "c"].map((key) => put("SLOW", key, `${rounds} ${large}`)));
    await until("the quick one", () => quick.entries.filter((entry) => entry.value.startsWith(`${rounds} `)).length === 3);
  }
  assert.ok(await gateway.metric("gateway_conflated_total") > 0);
  await put("SLOW", "a", "the last one");
  await quick.value("the last one");
  slow.response.resume();
  await slow.value("the last one");
  assert.deepEqual(slow.revisions, [...slow.revisions].sort((a, b) => a - b));
  assert.ok(slow.revisions.length < quick.revisions.length);
  const newest = (viewer) => Object.fromEntries(viewer.entries.map((entry) => [entry.key, entry.value.slice(0, 20)]));
  assert.deepEqual(newest(slow), newest(quick));
  slow.close();
  quick.close();
});

test("kill -9 of the server, and a change of each kind meanwhile", async () => {
  const other = await Nats.start();
  const line = await proxy_to(other.port), alone = await Gateway.start(line.url);
  await alone.make("B");
  for (const key of ["stays", "changes", "goes", "traceless"]) await alone.put("B", key, "before");
  const viewer = await Events.open(alone.port, "/v1/watch/B");
  await viewer.done();
  line.refuse(true);
  await other.kill();
  await until("the news", () => viewer.named("upstream").at(-1)?.data.connected === false);
  await other.restart();
  await other.put("B", "changes", "after");
  await other.remove("B", "goes");
  await other.erase_traces("B", "traceless");
  line.refuse(false);
  await viewer.value("after");
  await until("connected", () => viewer.named("upstream").at(-1)?.data.connected === true);
  await until("both removals", () => Object.keys(viewer.state()).length === 2);
  assert.deepEqual(viewer.state(), { changes: "after", stays: "before" });
  assert.equal(viewer.closed, undefined);
  viewer.close();
  await alone.stop();
  line.close();
  await other.stop();
});

test("values of a bucket with a time to live leave the stream when they expire", async () => {
  await gateway.make("TTL", { ttl_seconds: 2 });
  const viewer = await open("/v1/watch/TTL");
  await viewer.done();
  await put("TTL", "soon", "gone");
  await viewer.value("gone");
  await until("its end", () => viewer.entries.at(-1).operation !== "put");
  viewer.close();
});

test("a bucket that is deleted ends the stream with the reason", async () => {
  await gateway.make("DELETED");
  const viewer = await open("/v1/watch/DELETED");
  await viewer.done();
  await gateway.send("DELETE", "/v1/buckets/DELETED");
  await until("the end", () => viewer.closed);
  assert.equal(viewer.named("problem")[0].data.type, "urn:kvco:problem:bucket-deleted");
});

test("a signal ends streams and requests in order", async () => {
  const ending = await Gateway.start(nats.url);
  await ending.ready();
  const viewer = await Events.open(ending.port, "/v1/watch/B");
  await viewer.done();
  const code = await ending.stop("SIGTERM");
  assert.equal(code, 0);
  await until("the end of the stream", () => viewer.closed);
  assert.equal(viewer.cut, undefined);
});
