// What the tests of the gateway stand on: a real nats-server, the gateway as a process, a client of HTTP, and waiting.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const environment = (name) => process.env[name] ?? (() => { throw new Error(`${name} is not set: run by ctest`); })();

/// Waits until `condition` returns a value that is not false, and returns it. There is no time that passes but the deadline.
export async function until(what, condition, seconds = 20) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < deadline) {
    last = await condition();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${what}: not within ${seconds} s (last: ${JSON.stringify(last)})`);
}

export function free_port() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function server_binary() {
  const folder = environment("KVCO_SERVERS_DIR");
  const versions = readdirSync(folder).filter((name) => /^\d/.test(name))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return join(folder, versions.at(-1), "nats-server");
}

const exit_of = (child) => new Promise((resolve) => {
  if (child.exitCode !== null || child.signalCode !== null) resolve();
  else child.once("exit", resolve);
});

// A test that fails leaves processes behind, which would keep this one alive.
const children = new Set();
function started(child) {
  children.add(child);
  child.once("exit", () => children.delete(child));
  child.unref();
  return child;
}

/// A temporary folder that is removed when the process ends.
const folders = new Set();
export function scratch_folder() {
  const folder = mkdtempSync(join(tmpdir(), "kvco_gateway_"));
  folders.add(folder);
  return folder;
}

process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/// A nats-server with JetStream that keeps its port and its store.
export class Nats {
  static async start() {
    const out = new Nats();
    out.folder = scratch_folder();
    out.port = await free_port();
    writeFileSync(join(out.folder, "config"), `listen: "127.0.0.1:${out.port}"
jetstream { store_dir: "${out.folder}/store", max_file_store: 1GB, max_memory_store: 256MB }\n`);
    await out.restart();
    return out;
  }
  get url() { return `nats://127.0.0.1:${this.port}`; }
  async restart() {
    this.child = started(spawn(server_binary(), ["-c", join(this.folder, "config")], { stdio: "ignore" }));
    await until("nats-server", () => this.raw().then((raw) => { raw.close(); return true; }, () => false));
  }
  async kill() {
    this.child.kill("SIGKILL");
    await exit_of(this.child);
  }
  stop() { return this.kill(); }
  raw() { return RawNats.connect(this.port); }
  /// As any other client of NATS would, without kvco: publishes to the subject of the key. Returns the revision.
  async put(bucket, key, value, headers) {
    const raw = await this.raw();
    try {
      return JSON.parse(await raw.request(`$KV.${bucket}.${key}`, value, headers)).seq;
    } finally {
      raw.close();
    }
  }
  remove(bucket, key) { return this.put(bucket, key, "", "KV-Operation: DEL"); }
  /// Removes all traces of a key, as expiry does.
  async erase_traces(bucket, key) {
    const raw = await this.raw();
    const body = JSON.stringify({ filter: `$KV.${bucket}.${key}` });
    await raw.request(`$JS.API.STREAM.PURGE.KV_${bucket}`, body);
    raw.close();
  }
}

/// The protocol of NATS in the least number of lines.
class RawNats {
  static async connect(port) {
    const out = new RawNats();
    out.text = "";
    out.socket = net.connect(port, "127.0.0.1");
    await new Promise((resolve, reject) => { out.socket.once("connect", resolve).once("error", reject); });
    out.socket.setEncoding("latin1").on("data", (bytes) => { out.text += bytes; out.wake?.(); });
    out.socket.on("error", () => {}).on("close", () => { out.closed = true; out.wake?.(); });
    out.socket.write('CONNECT {"verbose":false,"headers":true}\r\nPING\r\n');
    await out.match(/PONG\r\n/);
    return out;
  }
  async match(pattern) {
    while (true) {
      const found = pattern.exec(this.text);
      if (found) return found;
      if (this.closed) throw new Error("the connection to NATS is closed");
      await new Promise((resolve) => { this.wake = resolve; });
    }
  }
  async request(subject, payload, headers) {
    const inbox = `_INBOX.${Math.random().toString(36).slice(2)}`, body = Buffer.from(payload);
    this.socket.write(`SUB ${inbox} 1\r\n`);
    const head = headers ? `NATS/1.0\r\n${headers}\r\n\r\n` : "";
    this.socket.write(headers ? `HPUB ${subject} ${inbox} ${head.length} ${head.length + body.length}\r\n${head}`
      : `PUB ${subject} ${inbox} ${body.length}\r\n`);
    this.socket.write(body);
    this.socket.write("\r\n");
    const found = await this.match(/MSG [^\r]*\r\n([^\r]*)\r\n/);
    this.text = this.text.slice(found.index + found[0].length);
    return found[1];
  }
  close() { this.socket.destroy(); }
}

/// The gateway. `args` are further options of its command line.
export class Gateway {
  static async start(nats_url, args = [], port = 0, variables = {}) {
    const out = new Gateway();
    out.log = "";
    out.child = started(spawn(environment("KVCO_GATEWAY"), ["--listen", `127.0.0.1:${port}`, "--nats", nats_url, ...args],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...variables } }));
    out.child.stdout.on("data", (text) => { out.log += text; });
    out.child.stderr.on("data", (text) => { out.log += text; });
    const address = /listening on http:\/\/127\.0\.0\.1:(\d+)\//;
    await until("the gateway", () => {
      if (out.child.exitCode !== null) throw new Error(`the gateway has ended: ${out.log}`);
      return address.test(out.log);
    });
    out.port = Number(address.exec(out.log)[1]);
    return out;
  }
  get url() { return `http://127.0.0.1:${this.port}`; }
  ready() { return until("readyz", async () => (await this.send("GET", "/readyz")).status === 200); }

  /// A request, whole.
  send(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const request = http.request({ port: this.port, host: "127.0.0.1", method, path, headers }, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part)).on("error", reject).on("end", () => {
          const bytes = Buffer.concat(parts);
          resolve({ status: response.statusCode, headers: response.headers, bytes, text: bytes.toString(),
            json: () => JSON.parse(bytes), lines: () => bytes.toString().split("\n").filter(Boolean).map((x) => JSON.parse(x)) });
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }
  put(bucket, key, value, headers) { return this.send("PUT", `/v1/kv/${bucket}/${encodeURIComponent(key)}`, value, headers); }
  get(bucket, key) { return this.send("GET", `/v1/kv/${bucket}/${encodeURIComponent(key)}`); }
  async make(bucket, settings = { history: 10 }) {
    await this.ready();
    const made = await this.send("PUT", `/v1/buckets/${bucket}`, JSON.stringify(settings));
    if (made.status !== 201) throw new Error(made.text);
  }
  async metric(name) {
    const found = new RegExp(`^${name} (\\d+)$`, "m").exec((await this.send("GET", "/metrics")).text);
    return found ? Number(found[1]) : undefined;
  }

  /// Bytes as they are, and all that comes until the gateway closes.
  raw(bytes) {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.port, "127.0.0.1");
      let text = "";
      socket.on("data", (part) => { text += part; }).on("error", () => resolve(text)).on("close", () => resolve(text));
      socket.on("connect", () => socket.write(bytes));
      setTimeout(() => reject(new Error(`the gateway does not close; it sent: ${text.slice(0, 500)}`)), 20_000).unref();
    });
  }

  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    await exit_of(this.child);
    return this.child.exitCode;
  }
}

/// The revision in the id of an event.
export const revision_in = (id) => Number(/-(\d+)(\.\d+)?$/.exec(id)[1]);

/// A stream of events, as a browser reads it; `options.after` is the Last-Event-ID. `last_id` is that of the next one.
export class Events {
  static open(port, path, { after, headers = {} } = {}) {
    const out = new Events();
    out.all = [];
    out.comments = 0;
    return new Promise((resolve, reject) => {
      const fields = after === undefined ? headers : { ...headers, "Last-Event-ID": after };
      out.request = http.request({ port, host: "127.0.0.1", path, headers: fields, agent: false }, (response) => {
        out.status = response.statusCode;
        out.type = response.headers["content-type"];
        out.response = response;
        let rest = "";
        response.setEncoding("utf8").on("data", (text) => {
          const blocks = (rest + text).split("\n\n");
          rest = blocks.pop();
          for (const block of blocks) out.#take(block);
        }).on("error", () => { out.cut = true; }).on("close", () => { out.closed = true; });
        resolve(out);
      });
      out.request.on("error", reject).end();
    });
  }
  #take(block) {
    const event = {};
    for (const line of block.split("\n")) {
      if (line.startsWith(":")) this.comments += 1;
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (name) event[name] = value;
    }
    if (event.data === undefined) return;
    event.data = JSON.parse(event.data);
    this.last_id = event.id ?? this.last_id;
    this.all.push(event);
  }
  named(name) { return this.all.filter((event) => event.event === name); }
  get entries() { return this.named("entry").map((event) => event.data); }
  get revisions() { return this.entries.map((entry) => entry.revision); }
  /// The value of each key, as a viewer has it that came with the values `before`, and has followed this stream.
  state(before = {}) {
    const now = new Map(Object.entries(before));
    let unseen = new Set();
    for (const { event, data } of this.all) {
      if (event === "begin" && data.from === 0) unseen = new Set(now.keys());
      if (event === "snapshot-done") unseen.forEach((key) => now.delete(key));
      if (event === "snapshot-done") unseen.clear();
      if (event !== "entry") continue;
      unseen.delete(data.key);
      if (data.operation === "put") now.set(data.key, data.value);
      else now.delete(data.key);
    }
    return Object.fromEntries(now);
  }
  done() { return until("snapshot-done", () => this.named("snapshot-done").at(-1)); }
  /// Waits for an entry with this value.
  value(text) { return until(`the value ${text}`, () => this.entries.find((entry) => entry.value === text)); }
  close() { this.request.destroy(); }
}

/// A TCP proxy that can be cut.
export async function proxy_to(port) {
  const links = new Set();
  let refusing = false;
  const server = net.createServer((from) => {
    if (refusing) return from.destroy();
    const to = net.connect(port, "127.0.0.1");
    const link = [from, to];
    links.add(link);
    from.pipe(to);
    to.pipe(from);
    for (const each of link) each.on("error", () => {}).on("close", () => { from.destroy(); to.destroy(); links.delete(link); });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    url: `nats://127.0.0.1:${server.address().port}`,
    refuse(on) { refusing = on; },
    cut() { for (const [from, to] of links) { from.destroy(); to.destroy(); } },
    close() { this.cut(); server.close(); },
  };
}
