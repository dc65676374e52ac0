// A thousand viewers of one bucket: one watch on the server, and memory that does not grow with what they are sent.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import { after, before, test } from "node:test";
import { Gateway, Nats, until } from "./harness.mjs";

let nats, gateway;
before(async () => {
  nats = await Nats.start();
  gateway = await Gateway.start(nats.url);
});
after(async () => {
  await gateway.stop();
  await nats.stop();
});

/// A stream of events that only counts them: `entries` since the end of the snapshot.
function counted(path) {
  const out = { entries: 0, done: false, closed: false };
  return new Promise((resolve, reject) => {
    const request = http.get({ port: gateway.port, host: "127.0.0.1", path, agent: false }, (response) => {
      let rest = "";
      response.setEncoding("utf8").on("data", (text) => {
        const blocks = (rest + text).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) {
          if (block.includes("event: snapshot-done")) out.done = true;
          else if (out.done && block.includes("event: entry")) out.entries += 1;
        }
      }).on("error", () => {}).on("close", () => { out.closed = true; });
      out.close = () => request.destroy();
      resolve(out);
    }).on("error", reject);
  });
}

/// KiB.
const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.child.pid}/status`, "utf8"))[1]);

test("a thousand viewers share one watch, and nothing is kept of what they have been sent", async (t) => {
  const keys = 20, changes = 200, viewers = [];
  await gateway.make("CROWD", { history: 10, storage: "memory" });
  for (let i = 0; i < keys; ++i) await gateway.put("CROWD", `k${i}`, "x".repeat(100));
  const add = async (count) => {
    while (viewers.length < count)
      viewers.push(...await Promise.all(Array.from({ length: Math.min(50, count - viewers.length) }, () => counted("/v1/watch/CROWD"))));
    await until("all keys", () => viewers.every((each) => each.done), 120);
  };
  let written = 0;
  const change = async () => {
    for (let i = 0; i < changes; ++i, ++written) await gateway.put("CROWD", `k${i % keys}`, `${written} ${"y".repeat(100)}`);
    await until("all changes", () => viewers.every((each) => each.entries === written), 120);
  };
  await add(1);
  const one = resident();
  await add(1000);
  await change();
  const before = resident();
  await change();
  const per_viewer = (before - one) / 999, grown = resident() - before;
  t.diagnostic(`${per_viewer.toFixed(1)} KiB per viewer; ${grown} KiB more after ${changes * viewers.length} events`);
  assert.ok(per_viewer < 128, `${per_viewer} KiB per viewer`);
  assert.ok(grown < 8 * 1024, `${grown} KiB more, ${changes * viewers.length} events later`);
  const raw = await nats.raw();
  const { state } = JSON.parse(await raw.request("$JS.API.STREAM.INFO.KV_CROWD", ""));
  raw.close();
  assert.equal(state.consumer_count, 1);
  assert.deepEqual([await gateway.metric("gateway_viewers"), await gateway.metric("gateway_feeds")], [1000, 1]);
  assert.ok(viewers.every((each) => !each.closed));
  viewers.forEach((each) => each.close());
  await until("no viewer", async () => (await gateway.metric("gateway_viewers")) === 0);
});
