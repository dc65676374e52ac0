// A JavaScript client as a peer of the interop tests: commands on stdin, one answer each on stdout (see peer.hpp).
//
//   node peer.mjs <nats-io|nats> URL
import { Base64KeyCodec } from "@nats-io/kv";
import { createInterface } from "node:readline";

const [library, servers] = process.argv.slice(2);

// Two generations of the same API: how to connect, and how to make and open a bucket.
const libraries = {
  "nats-io": async () => {
    const { connect } = await import("@nats-io/transport-node");
    const { Kvm } = await import("@nats-io/kv");
    const nc = await connect({ servers });
    const kvm = new Kvm(nc);
    return { nc, make: (...of) => kvm.create(...of), open: (...of) => kvm.open(...of) };
  },
  "nats": async () => {
    const { connect } = await import("nats");
    const nc = await connect({ servers });
    const { views } = nc.jetstream();
    const open = (name, options) => views.kv(name, { ...options, bindOnly: true });
    return { nc, make: (...of) => views.kv(...of), open };
  },
};
const { nc, make, open } = await libraries[library]();

// Of keys: that of @nats-io/kv, and that of orbit. Wildcards stay. Entries pass whole keys, writes one token at a time.
const byToken = (convert) => (key) => key.split(".").map((t) => t === "*" || t === ">" ? t : convert(t)).join(".");
const keyCodecs = {
  base64: () => Base64KeyCodec(),
  base64url: () => ({
    encode: byToken((token) => Buffer.from(token).toString("base64url")),
    decode: byToken((token) => Buffer.from(token, "base64url").toString()),
  }),
};

const bytesOf = (hex) => Buffer.from(hex ?? "", "hex");
const show = (e) => `${e.revision}:${e.operation}:${e.key}:${Buffer.from(e.value).toString("hex")}`;
const isConflict = (error) => [10071, 10164].includes(error.api_error?.err_code ?? error.code);
const plainValues = { encode: (v) => typeof v === "string" ? new TextEncoder().encode(v) : v, decode: (v) => v };
let bucket, updates, options = {};

const commands = {
  codec: (name) => { options = { codec: { key: keyCodecs[name](), value: plainValues } }; },
  make: async (name, history, markers) => {
    const markerTTL = markers ? { markerTTL: Number(markers) * 1000 } : {};
    bucket = await make(name, { ...options, ...markerTTL, history: Number(history) });
  },
  open: async (name) => { bucket = await open(name, { ...options }); },
  put: (key, hex) => bucket.put(key, bytesOf(hex)),
  put_object: (key, id) => bucket.put(key, JSON.stringify({ Id: Number(id) })),
  object: async (key) => (await bucket.get(key)).json().Id,
  create: (key, hex, ttl) => bucket.create(key, bytesOf(hex), ttl),
  update: (key, last, hex) => bucket.update(key, bytesOf(hex), Number(last)),
  delete: (key) => bucket.delete(key),
  purge: (key, ttl) => bucket.purge(key, { ttl }),
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
