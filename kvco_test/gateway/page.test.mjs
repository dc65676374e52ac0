// The page in Chromium, on real servers.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { close, Stage } from "./browser.mjs";
import { Events, Gateway, Nats, proxy_to, until } from "./harness.mjs";

let stage, nats, gateway, browser;
before(async () => {
  stage = await Stage.start();
  ({ nats, gateway, browser } = stage);
});
after(() => stage?.stop());

const with_bucket = (...all) => stage.with_bucket(...all);
const open = (...all) => stage.open(...all);
async function contents(bucket, at = gateway) {
  return Object.fromEntries((await at.send("GET", `/v1/kv/${bucket}?values`)).lines().map((e) => [e.key, e.value]));
}

test("an edit in one page shows in the other", async (t) => {
  const one = await with_bucket("TWO", { "fruit.apple": "3", "fruit.fig": "1" });
  const two = await open("TWO");
  await one.edit("fruit.apple", "4");
  const before = performance.now();
  await one.page.keyboard.press("Enter");
  await two.shows("fruit.apple", "4");
  t.diagnostic(`shown in the other page after ${(performance.now() - before).toFixed(0)} ms`);
  assert.equal((await gateway.get("TWO", "fruit.apple")).text, "4");
  await one.toast("Saved fruit.apple");
  assert.deepEqual(two.network, []);
  await close(one, two);
});

test("what another client of NATS puts and deletes appears", async () => {
  const view = await with_bucket("OTHERS", { a: "1" });
  await nats.put("OTHERS", "b", "by another client");
  await view.shows("b", "by another client");
  await nats.remove("OTHERS", "a");
  await view.equals({ b: "by another client" });
  const log = await view.page.locator("#log").textContent();
  assert.match(log, /put.*by another client/);
  assert.match(log, /deleted.*put/, "the newest is the first");
  await close(view);
});

test("of two racing edits exactly one gets the dialog", async () => {
  const one = await with_bucket("RACE", { k: "0" }), two = await open("RACE");
  await Promise.all([one.edit("k", "from one"), two.edit("k", "from two")]);
  await Promise.all([one, two].map((each) => each.page.keyboard.press("Enter")));
  const dialogs = () => Promise.all([one, two].map((each) => each.page.locator("#conflict").evaluate((d) => d.open)));
  await until("a dialog", async () => (await dialogs()).includes(true));
  const [in_one, in_two] = await dialogs();
  assert.notEqual(in_one, in_two);
  const [winner, loser] = in_one ? [two, one] : [one, two];
  const [first, second] = in_one ? ["from two", "from one"] : ["from one", "from two"];
  await winner.toast("Saved k");
  assert.equal(await loser.page.locator("#conflict .mine").textContent(), second);
  assert.equal(await loser.page.locator("#conflict .theirs").textContent(), first);
  assert.deepEqual(await loser.faults(), []);
  await loser.page.locator("#conflict .keep").click();
  await Promise.all([one, two].map((each) => each.shows("k", second)));
  await one.edit("k", "mine");
  await nats.put("RACE", "k", "theirs");
  await one.page.keyboard.press("Enter");
  await one.page.locator("#conflict .take").click();
  await one.shows("k", "theirs");
  await close(one, two);
});

test("a key that was deleted while it was edited can be kept", async () => {
  const view = await with_bucket("GONE", { k: "0", other: "" });
  await view.edit("k", "mine");
  await nats.remove("GONE", "k");
  await until("its row has gone", async () => (await view.row("k").count()) === 0);
  await close(view);
});

test("kill -9 of the NATS server: reconnecting, then equal to the bucket, without a reload", async () => {
  const other = await Nats.start(), line = await proxy_to(other.port), alone = await Gateway.start(line.url);
  const view = await with_bucket("KILL", { stays: "1", changes: "1", goes: "1", traceless: "1" }, { at: alone });
  await view.page.evaluate(() => { window.same = true; });
  line.refuse(true);
  await other.kill();
  await until("the badge", async () => /^reconnecting/.test(await view.badge()));
  await other.restart();
  await other.put("KILL", "changes", "2");
  await other.put("KILL", "comes", "new");
  await other.remove("KILL", "goes");
  await other.erase_traces("KILL", "traceless");
  line.refuse(false);
  await view.live();
  await view.equals({ stays: "1", changes: "2", comes: "new" });
  await alone.ready();
  assert.deepEqual(await view.rows(), await contents("KILL", alone));
  assert.equal(await view.page.evaluate(() => window.same), true);
  await close(view);
  await alone.stop();
  line.close();
  await other.stop();
});

test("kill -9 of the gateway: reconnecting, then equal to the bucket, without a reload", async () => {
  let alone = await Gateway.start(nats.url);
  const view = await with_bucket("KILL_GATEWAY", { stays: "1", goes: "1" }, { at: alone });
  await view.page.evaluate(() => { window.same = true; });
  await alone.stop("SIGKILL");
  await until("the badge", async () => (await view.badge()) === "reconnecting");
  await nats.remove("KILL_GATEWAY", "goes");
  await nats.put("KILL_GATEWAY", "comes", "2");
  alone = await Gateway.start(nats.url, [], alone.port);
  await view.live();
  await view.equals({ stays: "1", comes: "2" });
  assert.equal(await view.page.evaluate(() => window.same), true);
  await close(view);
  await alone.stop();
});

test("a stream that is cut again and again loses no revision", async () => {
  const proxy = await proxy_to(gateway.port);
  const view = await with_bucket("CUTS", { k0: "-" }, { port: proxy.port });
  const written = [];
  for (let i = 0; i < 60; ++i) {
    written.push((await gateway.put("CUTS", `k${i % 4}`, `v${i}`)).json().revision);
    if (i % 12 !== 6) continue;
    proxy.cut();
    await until("reconnecting", async () => (await view.badge()) === "reconnecting");
  }
  await view.live();
  await view.shows("k3", "v59");
  const revisions = await view.page.locator("#log .rev").allTextContents();
  assert.deepEqual(revisions.map((text) => Number(text.slice(1))).reverse(), written);
  await close(view);
  proxy.close();
});

test("a page in the background gives up its stream, and misses nothing", async () => {
  const view = await with_bucket("HIDDEN", { k: "1", other: "1" });
  const viewers = await gateway.metric("gateway_viewers");
  await view.hide(true);
  await until("no stream", async () => (await gateway.metric("gateway_viewers")) === viewers - 1);
  for (const value of ["2", "3"]) await nats.put("HIDDEN", "k", value);
  await nats.remove("HIDDEN", "other");
  await view.hide(false);
  await view.equals({ k: "3" });
  assert.equal(await view.page.locator("#log li").count(), 3, "each change is in the log");
  await close(view);
});

test("five thousand keys", async (t) => {
  await gateway.make("MANY", { history: 1 });
  for (let i = 0; i < 5000; i += 50)
    await Promise.all(Array.from({ length: 50 }, (_, k) => gateway.put("MANY", `key.${i + k}`, String(i + k))));
  const before = performance.now();
  const view = await open("MANY");
  await until("all keys", async () => (await view.page.locator("#count").textContent()) === "5,000 keys");
  t.diagnostic(`5,000 keys are there after ${(performance.now() - before).toFixed(0)} ms`);
  await view.page.fill("#filter", "key.4999");
  await view.equals({ "key.4999": "4999" });
  assert.equal(await view.page.locator("#count").textContent(), "1 of 5,000 keys");
  await view.page.fill("#filter", "");
  const shown = () => view.page.locator("#rows tr").count();
  const few = await shown();
  assert.ok(few < 1000, `${few} rows are drawn at once`);
  await view.page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await until("more rows", async () => (await shown()) > few);
  await close(view);
});

test("values and keys are text, whatever they contain", async () => {
  const attack = "<script>window.hit = 1</script><img src=x onerror='window.hit = 2'>";
  const view = await with_bucket("SCRIPT", { k: attack, "=": "<b>bold</b>", "k.list": attack });
  await view.shows("k", attack);
  await nats.put("SCRIPT", "<img/src=x/onerror=window.hit=3>", attack);
  await until("the odd key", async () => (await view.page.locator("#rows tr").count()) === 4);
  await view.save("k", `${attack}!`);
  await view.shows("k", `${attack}!`);
  await view.edit("k", "other");
  await nats.put("SCRIPT", "k", attack);
  await view.page.keyboard.press("Enter");
  await until("the dialog", () => view.page.locator("#conflict").evaluate((d) => d.open));
  assert.equal(await view.page.locator("#conflict .theirs").textContent(), attack);
  await view.page.locator("#conflict .take").click();
  assert.equal(await view.page.evaluate(() => window.hit), undefined);
  assert.equal(await view.page.locator("main img, main script, main b").count(), 0);
  await view.page.goto(`${gateway.url}/v1/kv/SCRIPT/k`);
  assert.equal(await view.page.evaluate(() => window.hit), undefined);
  assert.equal(await view.page.locator("body").textContent(), attack);
  await close(view);
});

test("a thousand sales on ten pages end at exactly nothing", async () => {
  const first = await with_bucket("SALE", { stock: "1000" }, { settings: { history: 1 } });
  const seen = await Events.open(gateway.port, "/v1/watch/SALE");
  const views = [first];
  while (views.length < 10) views.push(await open("SALE"));
  await Promise.all(views.map((view) => view.page.evaluate(async () => {
    const less = document.querySelector('tr[data-key="stock"] .less');
    for (let i = 0; i < 100; ++i) {
      less.click();
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  })));
  for (const view of views) await view.shows("stock", "0", 60);
  const values = seen.entries.map((entry) => Number(entry.value));
  assert.equal(values.at(-1), 0);
  assert.ok(values.every((value, i) => value >= 0 && (i === 0 || value < values[i - 1])), "each sale counts once");
  await first.row("stock").locator(".less").click();
  assert.equal((await gateway.get("SALE", "stock")).text, "0");
  seen.close();
  await close(...views);
});

test("undo takes back an edit, a deletion and a new key, unless someone else was there", async () => {
  const view = await with_bucket("UNDO", { k: "before", bytes: Buffer.from([0, 255, 7]) });
  await view.save("k", "after");
  await view.shows("k", "after");
  await view.page.locator("#toast .undo").click();
  await view.shows("k", "before");
  await view.row("bytes").focus();
  await view.page.keyboard.press("Delete");
  await view.equals({ k: "before" });
  await view.page.keyboard.press("u");
  await until("the bytes", async () => (await gateway.get("UNDO", "bytes")).status === 200);
  assert.deepEqual((await gateway.get("UNDO", "bytes")).bytes, Buffer.from([0, 255, 7]));
  await view.page.keyboard.press("n");
  await view.page.fill('#create [name="key"]', "k");
  await view.page.keyboard.press("Enter");
  await until("the refusal", async () => /has a value already/.test(await view.page.locator("#create .error").textContent()));
  assert.deepEqual(await view.faults(), []);
  await view.page.fill('#create [name="key"]', "made");
  await view.page.keyboard.press("Enter");
  await until("the new row", async () => (await view.row("made").count()) === 1);
  await view.page.click("#undo");
  await until("it has gone", async () => (await view.row("made").count()) === 0);
  await view.save("k", "mine");
  await view.shows("k", "mine");
  await nats.put("UNDO", "k", "theirs");
  await view.shows("k", "theirs");
  await view.page.click("#undo");
  await view.toast("someone else has changed it");
  await view.shows("k", "theirs");
  await close(view);
});

test("the keyboard is enough", async () => {
  const view = await with_bucket("KEYS", { a: "1", b: "2", c: "text" });
  const { keyboard } = view.page;
  const focused = () => view.page.evaluate(() => document.activeElement.dataset.key ?? document.activeElement.id);
  await keyboard.press("/");
  assert.equal(await focused(), "filter");
  await keyboard.type("nothing like it");
  await view.equals({});
  await keyboard.press("Escape");
  await view.equals({ a: "1", b: "2", c: "text" });
  assert.equal(await focused(), "a");
  await keyboard.press("ArrowDown");
  assert.equal(await focused(), "b");
  await keyboard.press("+");
  await view.shows("b", "3");
  await keyboard.press("-");
  await view.shows("b", "2");
  await keyboard.press("End");
  await keyboard.press("Enter");
  await keyboard.press("Escape");
  assert.equal(await focused(), "c");
  await keyboard.press("Home");
  await keyboard.press("Delete");
  await view.equals({ b: "2", c: "text" });
  assert.equal(await focused(), "b");
  await keyboard.press("?");
  assert.deepEqual(await view.faults(), []);
  await keyboard.press("Escape");
  await keyboard.press("Tab");
  assert.equal(await view.page.evaluate(() => document.activeElement.className), "less");
  await close(view);
});

test("the token is asked for once", async () => {
  const guarded = await Gateway.start(nats.url, [], 0, { KVCO_GATEWAY_TOKEN: "secret" });
  const bearer = { Authorization: "Bearer secret" };
  await until("the gateway", async () => (await guarded.send("PUT", "/v1/buckets/GUARDED", "", bearer)).status === 201);
  await guarded.put("GUARDED", "k", "v", bearer);
  const view = await browser.page(`${guarded.url}/?bucket=GUARDED`);
  await view.page.fill('#token [name="token"]', "wrong");
  await view.page.keyboard.press("Enter");
  await until("the refusal", async () => /not the token/.test(await view.page.locator("#token .error").textContent()));
  assert.deepEqual(await view.faults(), []);
  await view.page.fill('#token [name="token"]', "secret");
  await view.page.keyboard.press("Enter");
  await view.live();
  await view.shows("k", "v");
  await view.page.reload();
  await view.live();
  await close(view);
  await guarded.stop();
});

test("accessible and in shape: light, dark, narrow; with screenshots", async () => {
  const folder = process.env.KVCO_SCREENSHOTS ?? "screenshots";
  mkdirSync(folder, { recursive: true });
  const view = await with_bucket("INVENTORY", {}, { settings: { history: 20, description: "The stock of a shop" } });
  const stock = { "gadget.lamp": 24, "gadget.scale": 9, "gadget.timer": 41, "widget.blue": 120, "widget.green": 64, "widget.red": 87 };
  for (let i = 0; i < 14; ++i) {
    for (const [key, count] of Object.entries(stock)) {
      stock[key] = Math.max(0, count + (((i + 2) * (key.length + 3) * 7) % 11) - 5);
      await gateway.put("INVENTORY", key, String(stock[key]));
    }
  }
  await gateway.put("INVENTORY", "shop.name", "The corner shop");
  await gateway.put("INVENTORY", "shop.opening-hours", "Mon-Fri 9-18, Sat 10-14");
  await gateway.put("INVENTORY", "shop.theme", '{"accent":"teal","dense":false}');
  await view.shows("shop.theme", '{"accent":"teal","dense":false}');
  await view.page.reload();
  await view.live();
  await until("the lines", async () => (await view.page.locator("#rows polyline").count()) === 6);
  for (const [key, by] of [["widget.blue", -2], ["gadget.lamp", -1], ["widget.red", 12]]) {
    stock[key] += by;
    await gateway.put("INVENTORY", key, String(stock[key]));
    await view.shows(key, String(stock[key]));
  }
  const shoot = async (name, colorScheme, width, height) => {
    await view.page.emulateMedia({ colorScheme });
    await view.page.setViewportSize({ width, height });
    assert.deepEqual(await view.faults(), [], name);
    assert.ok(await view.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} fits`);
    await view.page.screenshot({ path: join(folder, `${name}.png`) });
  };
  await shoot("light", "light", 1280, 620);
  await shoot("dark", "dark", 1280, 620);
  await shoot("narrow", "light", 390, 800);
  await shoot("narrow-dark", "dark", 390, 800);
  await view.page.setViewportSize({ width: 1280, height: 620 });
  await view.edit("widget.blue", "100");
  assert.deepEqual(await view.faults(), [], "while editing");
  await nats.put("INVENTORY", "widget.blue", "99");
  await view.page.keyboard.press("Enter");
  await until("the dialog", () => view.page.locator("#conflict").evaluate((d) => d.open));
  await shoot("conflict", "light", 1280, 620);
  if (process.env.KVCO_RENEW) copyFileSync(join(folder, "light.png"), join(process.env.KVCO_GATEWAY_SOURCE, "screenshot.png"));
  await close(view);
});
