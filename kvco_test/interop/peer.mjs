// A JavaScript client as a peer of the interop tests: commands on stdin, one answer each on stdout (see peer.hpp).
//
//   node peer.mjs <nats-io|nats> URL
import { createInterface } from "node:readline";

const [library, servers] = process.argv.slice(2);

// Two generations of the same API: how to connect, and how to get at a bucket.
const libraries = {
  "nats-io": async () => {
    const { connect } = await import("@nats-io/transport-node");
    const { Kvm } = await import("@nats-io/kv");
    const nc = await connect({ servers });
    return [nc, (name, options) => options ? new Kvm(nc).create(name, options) : new Kvm(nc).open(name)];
  },
  "nats": async () => {
    const { connect } = await import("nats");
    const nc = await connect({ servers });
    const js = nc.jetstream();
    return [nc, (name, options) => js.views.kv(name, options ?? { bindOnly: true })];
  },
};
const [nc, bucketOf] = await libraries[library]();

const bytesOf = (hex) => Buffer.from(hex ?? "", "hex");
const show = (e) => `${e.revision}:${e.operation}:${e.key}:${Buffer.from(e.value).toString("hex")}`;
const isConflict = (error) => [10071, 10164].includes(error.api_error?.err_code ?? error.code);
let bucket, updates;

const commands = {
  make: async (name, history) => { bucket = await bucketOf(name, { history: Number(history) }); },
  open: async (name) => { bucket = await bucketOf(name); },
  put: (key, hex) => bucket.put(key, bytesOf(hex)),
  create: (key, hex) => bucket.create(key, bytesOf(hex)),
  update: (key, last, hex) => bucket.update(key, bytesOf(hex), Number(last)),
  delete: (key) => bucket.delete(key),
  purge: (key) => bucket.purge(key),
  get: async (key) => {
    const entry = await bucket.get(key);
    return entry ? show(entry) : "none";
  },
  history: async (key) => {
    const all = [];
    for await (const entry of await bucket.history({ key })) all.push(show(entry));
    return all.join(" ");
  },
  keys: async () => {
    const all = [];
    for await (const key of await bucket.keys()) all.push(key);
    return all.sort().join(" ");
  },
  watch: async (filter) => { updates = (await bucket.watch({ key: filter }))[Symbol.asyncIterator](); },
  next: async () => show((await updates.next()).value),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...words] = line.split(" ");
  try {
    console.log(`ok ${await commands[name](...words) ?? ""}`.trim());
  } catch (error) {
    console.log(isConflict(error) ? "conflict" : `error ${error.code ?? ""} ${error.message}`);
  }
}
await nc.close();
