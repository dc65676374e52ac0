// Input that no honest client sends: each has a named answer, and the gateway goes on.
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { Events, Gateway, Nats, scratch_folder, until } from "./harness.mjs";

let nats, gateway;
before(async () => {
  nats = await Nats.start();
  gateway = await Gateway.start(nats.url, ["--header-timeout-ms", "300", "--body-timeout-ms", "300", "--idle-timeout-ms", "120000",
    "--write-timeout-ms", "500", "--max-body", "10000"]);
  await gateway.make("B");
  await gateway.put("B", "k", "v");
});
afterEach(async () => assert.equal((await gateway.get("B", "k")).text, "v"));
after(async () => {
  await gateway.stop();
  await nats.stop();
});

const descriptors = () => readdirSync(`/proc/${gateway.child.pid}/fd`).length;
const get = (target, fields = "") => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
const answers = async (bytes, status, name) => {
  const text = await gateway.raw(bytes);
  assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `), JSON.stringify(String(bytes).slice(0, 80)));
  if (name) assert.ok(text.includes(`urn:kvco:problem:${name}`), text);
};

test("malformed requests", async () => {
  for (const bytes of ["\r\n\r\n", "hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", get("/").replace("Host:", "Host"),
    get("/", "Content-Length: many\r\n"), get("/", "Content-Length: -1\r\n"), "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    get("/", "A\x00b: c\r\n"), get("/", "Transfer-Encoding: chunked\r\n") + "zz\r\n"])
    await answers(bytes, 400, "malformed-request");
});

test("a request that two readers could divide differently", async () => {
  const put = (fields, body = "0\r\n\r\n") => `PUT /v1/kv/B/smuggled HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n${body}`;
  const inner = get("/healthz");
  for (const bytes of [put("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + inner, put("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + inner,
    put("Content-Length: 5\r\nContent-Length: 6\r\n") + inner, put("Content-Length: 5, 6\r\n") + inner, put("Content-Length: +5\r\n") + inner,
    put("Transfer-Encoding: chunked\r\n", `5;${"x".repeat(200_000)}\r\n`), put("Content-Length : 5\r\n") + inner, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]) {
    const text = await gateway.raw(bytes);
    assert.match(text, /^HTTP\/1\.1 (400|431) /, bytes.slice(0, 100));
    assert.equal(text.match(/HTTP\/1\.1 /g).length, 1, text);
  }
  const text = await gateway.raw(get("/healthz", `Content-Length: ${inner.length}\r\n`) + inner + get("/readyz", "Connection: close\r\n"));
  assert.match(text, /^HTTP\/1\.1 200 .*\r\nok\nHTTP\/1\.1 200 .*\r\nready\n$/s, "the body of a GET is no request");
  assert.equal((await gateway.get("B", "smuggled")).status, 404);
});

test("a request without Host, or with two", async () => {
  await answers("GET / HTTP/1.1\r\n\r\n", 400, "malformed-request");
  await answers(get("/", "Host: localhost\r\n"), 400, "malformed-request");
});

test("oversized headers and bodies", async () => {
  await answers(get("/", `X: ${"x".repeat(20_000)}\r\n`), 431, "header-too-large");
  await answers(get(`/${"x".repeat(20_000)}`), 431, "header-too-large");
  const head = "PUT /v1/kv/B/large HTTP/1.1\r\nHost: localhost\r\n";
  await answers(`${head}Content-Length: 10001\r\n\r\n`, 413, "body-too-large");
  await answers(`${head}Content-Length: 99999999999999999999\r\n\r\n`, 400, "malformed-request");
  await answers(`${head}Transfer-Encoding: chunked\r\n\r\n${`1000\r\n${"x".repeat(4096)}\r\n`.repeat(3)}`, 413, "body-too-large");
  await answers(get("/", "X: y\r\n".repeat(5000)), 431, "header-too-large");
  assert.equal((await gateway.get("B", "large")).status, 404);
  const long = await gateway.put("B", "k".repeat(5000), "v");
  assert.deepEqual([long.status, long.json().type], [400, "urn:kvco:problem:invalid-key"]);
  const deep = await gateway.send("PUT", "/v1/buckets/DEEP", "[".repeat(9000));
  assert.deepEqual([deep.status, deep.json().type], [400, "urn:kvco:problem:invalid-setting"]);
  assert.equal((await gateway.put("B", "large", "x".repeat(10_000))).status, 200);
});

test("wrong methods", async () => {
  const cases = [["POST", "/v1/kv/B/k", "GET, HEAD, PUT, DELETE"], ["PATCH", "/v1/kv/B/k", "GET, HEAD, PUT, DELETE"],
    ["DELETE", "/healthz", "GET, HEAD"], ["OPTIONS", "/v1/kv/B", "GET, HEAD"], ["PUT", "/v1/watch/B", "GET, HEAD"],
    ["TRACE", "/healthz", "GET, HEAD"]];
  for (const [method, path, allow] of cases) {
    const got = await gateway.send(method, path);
    assert.deepEqual([got.status, got.headers.allow], [405, allow]);
  }
  await answers("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "malformed-target");
  await answers("BREW /v1/kv/B/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405, "method-not-allowed");
});

test("path traversal finds nothing but names", async () => {
  const close = "Connection: close\r\n";
  for (const target of ["/../etc/passwd", "/page/../main.cpp", "/page/%2e%2e%2fmain.cpp", "/page/..%5cmain.cpp", "/v1/../healthz", "//healthz",
    "/page/", "/v1/kv/B/k/..", "/.git/config"])
    await answers(get(target, close), 404, "not-found");
  for (const target of ["/v1/kv/../B", "/v1/kv/%2e%2e/k", "/v1/kv/B%2Fk/k"]) {
    const text = await gateway.raw(get(target, close));
    assert.match(text, /^HTTP\/1\.1 (400|404) /);
  }
  for (const key of ["..", ".", "%2e%2e", "%252e", "%2E", "a%2F..%2Fb", "%2e%2e%2fb", "..%5cb", "a..b", ".a", "a.", "a%20b", "%2a", "a.%3e", "%c3%bc", "%0d%0aSet-Cookie:x"]) {
    const text = await gateway.raw(`PUT /v1/kv/B/${key} HTTP/1.1\r\nHost: localhost\r\n${close}Content-Length: 0\r\n\r\n`);
    assert.match(text, /^HTTP\/1\.1 400 /, key);
    assert.ok(text.includes("urn:kvco:problem:invalid-key"), text);
    assert.doesNotMatch(text, /\r\nSet-Cookie/);
  }
});

test("malformed targets", async () => {
  for (const target of ["/v1/kv/B/%", "/v1/kv/B/%zz", "/v1/kv/B/%4", "/v1/kv/B/a%00b", "*", "http://localhost/", "/v1/kv/B?filter=%f"])
    await answers(get(target), 400, "malformed-target");
});

test("pipelined requests are answered in order", async () => {
  const text = await gateway.raw(get("/v1/kv/B/k") + get("/healthz") + get("/v1/kv/B/missing") +
    get("/readyz", "Connection: close\r\n"));
  assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map((found) => found[1]), ["200", "200", "404", "200"]);
  assert.ok(text.indexOf("\r\n\r\nv") < text.indexOf("ok\n") && text.indexOf("ok\n") < text.indexOf("no-value"));
});

test("HTTP/1.0", async () => {
  const text = await gateway.raw("GET /v1/kv/B HTTP/1.0\r\nHost: localhost\r\n\r\n");
  assert.match(text, /^HTTP\/1\.[01] 200 /);
  assert.doesNotMatch(text, /chunked/);
  assert.match(text, /\r\n\r\n\{"key":/);
});

test("a slow header is given up, others are not delayed", async () => {
  const slow = net.connect(gateway.port, "127.0.0.1");
  let text = "";
  slow.on("data", (part) => { text += part; }).on("error", () => {});
  const drip = setInterval(() => slow.write("X: y\r\n"), 20);
  slow.write("GET / HTTP/1.1\r\n");
  await until("the answer", async () => {
    assert.equal((await gateway.get("B", "k")).status, 200);
    return text.includes("slow-request");
  });
  assert.match(text, /^HTTP\/1\.1 408 /);
  clearInterval(drip);
  slow.destroy();
});

test("a slow body is given up", async () => {
  const text = await gateway.raw("PUT /v1/kv/B/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx");
  assert.match(text, /^HTTP\/1\.1 408 /);
  assert.ok(text.includes("the body took too long"), text);
  assert.equal((await gateway.get("B", "slow")).status, 404);
});

test("a silent connection is closed", async () => {
  const brief = await Gateway.start(nats.url, ["--idle-timeout-ms", "50"]);
  assert.equal(await brief.raw(""), "");
  await brief.stop();
});

test("a client that asks and asks, and never reads, is cut off", async () => {
  const before = descriptors(), greedy = net.connect(gateway.port, "127.0.0.1");
  greedy.on("error", () => {}).pause();
  await until("the cut", () => {
    if (!greedy.destroyed && greedy.writableLength < 100_000) greedy.write(get("/page/app.js").repeat(100));
    return greedy.destroyed;
  });
  await until("no descriptor", () => descriptors() <= before);
});

test("a Last-Event-ID that is no id of an event", async () => {
  for (const after of ["abc", "7", "1-2", "1-2-", "1-2-3.", "1-2-3.0", "1-2-03", "1-2--3", "1-2-3-4", "1-2-18446744073709551616", "1-2-3 1-2-3"]) {
    const got = await gateway.send("GET", "/v1/watch/B", null, { "Last-Event-ID": after });
    const by_parameter = await gateway.send("GET", `/v1/watch/B?after=${encodeURIComponent(after)}`);
    for (const each of [got, by_parameter]) {
      assert.equal(each.status, 400, after);
      assert.equal(each.json().type, "urn:kvco:problem:invalid-last-event-id");
    }
  }
});

test("another site, or another name for this machine, has no access", async () => {
  for (const origin of ["http://evil.example", "null", "https://localhost.evil.example"]) {
    const got = await gateway.send("PUT", "/v1/kv/B/k", "evil", { Origin: origin });
    assert.equal(got.status, 403);
    assert.equal(got.headers["access-control-allow-origin"], undefined);
  }
  assert.equal((await gateway.send("GET", "/v1/kv/B/k", null, { Host: "evil.example" })).status, 421);
  assert.equal((await gateway.send("GET", "/v1/kv/B/k", null, { Origin: gateway.url })).status, 200);
});

test("a token is needed where one is set, by the page as well", async () => {
  const file = join(scratch_folder(), "token");
  writeFileSync(file, "secret\n");
  const guarded = await Gateway.start(nats.url, ["--token-file", file]);
  await guarded.ready();
  for (const [method, path] of [["GET", "/v1/kv/B/k"], ["PUT", "/v1/kv/B/k"], ["GET", "/v1/watch/B"], ["GET", "/metrics"],
    ["POST", "/v1/session"], ["GET", "/v1/buckets"]]) {
    for (const headers of [{}, { Authorization: "Bearer wrong" }, { Authorization: "secret" }, { Cookie: "kvco_gateway_session=secret" }]) {
      const got = await guarded.send(method, path, null, headers);
      assert.deepEqual([got.status, got.headers["www-authenticate"]], [401, "Bearer"], `${method} ${path}`);
      assert.doesNotMatch(got.text, /secret/);
    }
  }
  const bearer = { Authorization: "Bearer secret" };
  assert.equal((await guarded.send("GET", "/v1/kv/B/k", null, bearer)).text, "v");
  const opened = await guarded.send("POST", "/v1/session", null, bearer);
  assert.match(opened.headers["set-cookie"][0], /HttpOnly; SameSite=Strict/);
  const cookie = { Cookie: opened.headers["set-cookie"][0].split(";")[0] };
  assert.equal((await guarded.send("GET", "/v1/kv/B/k", null, cookie)).text, "v");
  assert.equal((await guarded.send("GET", "/")).status, 200);
  await guarded.stop();
});

test("an address that others can reach is refused without a token", async () => {
  const refused = await Gateway.start(nats.url, ["--listen", "0.0.0.0:0"]).catch((error) => error.message);
  assert.match(String(refused), /needs a token/);
});

test("viewers that vanish leave nothing behind", async () => {
  const before = descriptors();
  for (let i = 0; i < 200; ++i) (await Events.open(gateway.port, "/v1/watch/B")).close();
  await until("no viewer", async () => (await gateway.metric("gateway_viewers")) === 0);
  await until("no descriptor", () => descriptors() <= before + 2);
});

test("ten thousand connections", async () => {
  const before = descriptors(), sockets = [];
  let refused = 0, open = 0;
  const connect = () => new Promise((resolve) => {
    const socket = net.connect(gateway.port, "127.0.0.1");
    let text = "";
    socket.on("connect", () => { ++open; resolve(); }).on("error", resolve);
    socket.on("data", (part) => {
      text += part;
      if (text.includes("too-many-connections")) { ++refused; text = ""; }
    });
    sockets.push(socket);
  });
  for (let i = 0; i < 10_000; i += 100) await Promise.all(Array.from({ length: 100 }, connect));
  assert.equal(open, 10_000);
  await until("refusals", () => refused > 100);
  // Those that are in are served, while others wait outside.
  let text = "";
  sockets[0].on("data", (part) => { text += part; });
  sockets[0].write(get("/v1/kv/B/k"));
  await until("the answer to the first", () => text.includes("\r\n\r\nv"));
  for (const each of sockets) each.destroy();
  await until("no descriptor", () => descriptors() <= before + 2, 60);
});
