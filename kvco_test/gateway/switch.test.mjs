// The page shows another bucket, or none, while an answer of the bucket before is still to come; and it comes back after a while.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { close, Stage } from "./browser.mjs";
import { Gateway, Nats, proxy_to, until } from "./harness.mjs";

let stage, nats, gateway;
before(async () => {
  stage = await Stage.start();
  ({ nats, gateway } = stage);
});
after(() => stage?.stop());

/// Two buckets of their own for a test, and a page on the first.
async function two_buckets(first, second, in_first, in_second, settings) {
  await gateway.make(second, settings);
  for (const [key, value] of Object.entries(in_second)) await gateway.put(second, key, value);
  return stage.with_bucket(first, in_first, { settings });
}
const value = async (bucket, key) => (await gateway.get(bucket, key)).text;
const undo_offered = (view) => view.page.locator("#undo").isEnabled();

test("clicks end in the bucket in which they were made", async () => {
  const view = await two_buckets("CLICKS_A", "CLICKS_B", { n: "5" }, { n: "100" });
  const release = await view.hold("PUT", "/n");
  const more = () => view.row("n").locator(".more").click();
  await more();
  await more();
  await until("the first write", () => release.held === 1);
  await view.switch_to("CLICKS_B");
  await more();
  await until("the write in the other bucket", () => release.held === 2);
  await release();
  await view.shows("n", "101");
  await until("both clicks", async () => (await value("CLICKS_A", "n")) === "7");
  assert.equal(await value("CLICKS_B", "n"), "101");
  await close(view);
});

test("a change of the bucket before cannot be undone in another one", async () => {
  const view = await two_buckets("NOTED_A", "NOTED_B", { k: "1", other: "1" }, { k: "1", made: "theirs" });
  const release = await view.hold("DELETE", "/k");
  await view.row("k").focus();
  await view.page.keyboard.press("Delete");
  await until("the deletion", () => release.held === 1);
  await view.switch_to("NOTED_B");
  await release();
  await view.toast("Deleted k.");
  assert.equal(await undo_offered(view), false);
  assert.equal(await view.page.locator("#toast .undo").isVisible(), false);
  await view.save("made", "mine");
  await view.toast("Saved made.");
  assert.equal(await view.page.locator("#toast .undo").isVisible(), true);
  await view.switch_to("NOTED_A");
  assert.equal(await view.page.locator("#toast .undo").isVisible(), false);
  assert.equal(await undo_offered(view), false);
  await view.page.locator("#rows tr").first().focus();
  await view.page.keyboard.press("u");
  assert.equal(await value("NOTED_B", "made"), "mine");
  await close(view);
});

test("a new key is made in the bucket in which the dialog was opened, a value kept in that of its editor", async () => {
  const view = await two_buckets("GONE_A", "GONE_B", { k: "1" }, { k: "1" });
  await view.edit("k", "mine");
  await nats.put("GONE_A", "k", "theirs");
  await view.page.keyboard.press("Enter");
  await until("the dialog", () => view.page.locator("#conflict").evaluate((d) => d.open));
  await gateway.send("DELETE", "/v1/buckets/GONE_A");
  await until("another bucket", async () => !(await view.page.title()).startsWith("GONE_A"));
  await view.page.locator("#conflict .keep").click();
  await view.toast("Not saved");
  await view.switch_to("GONE_B");
  assert.deepEqual(await view.rows(), { k: "1" });
  await view.page.locator("#rows tr").first().focus();
  await view.page.keyboard.press("n");
  await gateway.send("DELETE", "/v1/buckets/GONE_B");
  await until("another bucket", async () => !(await view.page.title()).startsWith("GONE_B"));
  await view.page.fill('#create [name="key"]', "made");
  await view.page.keyboard.press("Enter");
  await until("the refusal", async () => /bucket/.test(await view.page.locator("#create .error").textContent()));
  await close(view);
});

test("the last choice counts, however late the answers to those before are", async () => {
  const view = await two_buckets("CHOICE_A", "CHOICE_B", { a: "1" }, { b: "1" });
  const release = await view.hold("GET", "/buckets/CHOICE_B");
  await view.page.selectOption("#bucket", "CHOICE_B");
  await until("the first choice", () => release.held === 1);
  const stream = view.page.waitForResponse((response) => response.url().endsWith("/watch/CHOICE_A"));
  await view.page.selectOption("#bucket", "CHOICE_A");
  await stream;
  await release();
  await view.page.evaluate(() => fetch("/healthz")); // what the page does with that answer, it has done by now
  assert.equal(await view.page.inputValue("#bucket"), "CHOICE_A");
  await gateway.put("CHOICE_A", "a", "2");
  await view.equals({ a: "2" });
  await close(view);
});

test("a line shows the history of its own bucket", async () => {
  const view = await two_buckets("LINE_A", "LINE_B", { n: "0" }, { n: "1" }, { history: 5 });
  for (const n of ["2", "3"]) await gateway.put("LINE_B", "n", n);
  const release = await view.hold("GET", "/LINE_A/n/history");
  await view.page.reload();
  await view.live();
  await until("the history of the first", () => release.held === 1);
  await view.switch_to("LINE_B");
  const line = () => view.row("n").locator("svg").getAttribute("aria-label");
  await until("the line", async () => (await line()) === "last values 1, 2, 3");
  await release();
  await view.page.evaluate(() => fetch("/healthz")); // what the page does with the other answer, it has done by now
  assert.equal(await line(), "last values 1, 2, 3");
  await close(view);
});

test("the last bucket is deleted: nothing of it is left to see, and the next one appears", async () => {
  const other = await Nats.start(), alone = await Gateway.start(other.url);
  const view = await stage.with_bucket("ONLY", { k: "1" }, { at: alone });
  await alone.send("DELETE", "/v1/buckets/ONLY");
  await until("no bucket", async () => (await view.badge()) === "no bucket");
  assert.deepEqual(await view.rows(), {});
  await alone.make("NEXT");
  await alone.put("NEXT", "k", "2");
  await view.equals({ k: "2" });
  await close(view);
  await alone.stop();
  await other.stop();
});

test("keys that have expired while the page was in the background are gone when it is back", async () => {
  const view = await stage.with_bucket("RESTING", { soon: "1" }, { settings: { ttl_seconds: 8 } });
  const other = await stage.open("RESTING");
  await gateway.put("RESTING", "soon", "2");
  await view.shows("soon", "2");
  await view.hide(true);
  await other.equals({});
  assert.deepEqual(await view.rows(), { soon: "2" });
  await view.hide(false);
  await view.equals({});
  await close(view, other);
});

test("keys that have expired while the line was cut are gone when it is back", async () => {
  const proxy = await proxy_to(gateway.port);
  const view = await stage.with_bucket("LINELESS", { soon: "1" }, { port: proxy.port, settings: { ttl_seconds: 8 } });
  const other = await stage.open("LINELESS");
  await gateway.put("LINELESS", "soon", "2");
  await view.shows("soon", "2");
  proxy.refuse(true);
  proxy.cut();
  await other.equals({});
  proxy.refuse(false);
  await view.live();
  await view.equals({});
  await close(view, other);
  proxy.close();
});
