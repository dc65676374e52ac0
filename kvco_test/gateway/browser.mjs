// Chromium, and what a test sees of the page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Gateway, Nats, until } from "./harness.mjs";

// Installed into the build tree, beside which these files are not.
const modules = createRequire(join(process.env.KVCO_GATEWAY_MODULES ?? process.cwd(), "package.json"));
const { chromium } = modules("playwright-core");
const axe = modules.resolve("axe-core");

export class Browser {
  static async start() {
    const out = new Browser();
    out.chromium = await chromium.launch({ // with a new folder for its data
      executablePath: process.env.KVCO_CHROMIUM ?? "/usr/bin/chromium", headless: true,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"],
    });
    return out;
  }
  /// A page of a visitor of its own: without the connections and cookies of others.
  async page(url) {
    const page = await (await this.chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage(), out = new View(page);
    // What the network refuses, the browser notes by itself. Everything else would be a fault of the page.
    page.on("console", (message) => {
      const network = message.text().startsWith("Failed to load resource");
      if (message.type() === "error") (network ? out.network : out.errors).push(message.text());
    });
    page.on("pageerror", (error) => out.errors.push(String(error)));
    page.on("request", (request) => { if (!/^(http:\/\/127\.0\.0\.1|data:|blob:)/.test(request.url())) out.errors.push(request.url()); });
    page.setDefaultTimeout(20_000);
    await page.goto(url);
    return out;
  }
  stop() { return this.chromium.close(); }
}

/// A server, a gateway and a browser, for the tests of a file.
export class Stage {
  static async start() {
    const out = new Stage();
    out.nats = await Nats.start();
    out.gateway = await Gateway.start(out.nats.url);
    out.browser = await Browser.start();
    return out;
  }
  async stop() {
    await this.browser.stop();
    await this.gateway.stop();
    await this.nats.stop();
  }
  /// A bucket of its own for a test, and a page on it.
  async with_bucket(bucket, values, { at = this.gateway, port = at.port, settings } = {}) {
    await at.make(bucket, settings);
    for (const [key, value] of Object.entries(values)) await at.put(bucket, key, value);
    return this.open(bucket, port);
  }
  async open(bucket, port = this.gateway.port) {
    const view = await this.browser.page(`http://127.0.0.1:${port}/?bucket=${bucket}`);
    await view.live();
    return view;
  }
}

export async function close(...views) {
  for (const view of views) {
    assert.deepEqual(view.errors, []);
    await view.page.context().close();
  }
}

/// One page, as its user sees it.
export class View {
  errors = [];
  network = [];
  constructor(page) { this.page = page; }

  row(key) { return this.page.locator(`#rows tr[data-key="${key}"]`); }
  value(key) { return this.row(key).locator("td.value"); }
  badge() { return this.page.locator("#badge .words").textContent(); }
  live() { return until("live", async () => (await this.badge()) === "live"); }
  text(key) { return this.value(key).textContent({ timeout: 20_000 }); }
  shows(key, text, seconds) {
    return until(`${key} shows ${text}`, () => this.page.evaluate(([name, wanted]) =>
      document.querySelector(`#rows tr[data-key="${name}"] td.value .text`)?.textContent === wanted, [key, text]), seconds);
  }
  /// The rows that are there, as an object.
  rows() {
    return this.page.evaluate(() => Object.fromEntries([...document.querySelectorAll("#rows tr")]
      .map((tr) => [tr.dataset.key, tr.querySelector("td.value").textContent])));
  }
  equals(wanted) {
    const sorted = (object) => JSON.stringify(Object.entries(object).sort());
    return until(`the page shows ${sorted(wanted).slice(0, 200)}`, async () => sorted(await this.rows()) === sorted(wanted));
  }
  /// The page goes to the background, or comes back.
  hide(hidden) {
    return this.page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  }
  /// Shows another bucket.
  async switch_to(bucket) {
    await this.page.selectOption("#bucket", bucket);
    await until(`the bucket ${bucket}`, async () => (await this.page.title()).startsWith(`${bucket} `));
    await this.live();
  }
  /// Holds the answers to requests of `method` whose path ends like that, until the function that it returns is called. `held` of that
  /// function is their number.
  async hold(method, path) {
    let open;
    const opened = new Promise((resolve) => { open = resolve; }), answered = [];
    const release = () => {
      release.done = true;
      open();
      return Promise.all(answered);
    };
    release.held = 0;
    await this.page.route((url) => url.pathname.endsWith(path), async (route) => {
      if (release.done || route.request().method() !== method) return route.continue();
      const response = await route.fetch();
      answered.push(opened.then(() => route.fulfill({ response })));
      release.held += 1;
    });
    return release;
  }
  async edit(key, text) {
    await this.row(key).focus();
    await this.page.keyboard.press("Enter");
    await this.value(key).locator("textarea").fill(text);
  }
  async save(key, text) {
    await this.edit(key, text);
    await this.page.keyboard.press("Enter");
  }
  toast(words) { return until(`"${words}"`, async () => (await this.page.locator("#toast .words").textContent()).includes(words)); }

  /// The faults of accessibility that axe calls serious or critical.
  async faults() {
    await this.page.evaluate(() => {
      for (const each of document.getAnimations()) if (each.effect.getComputedTiming().endTime !== Infinity) each.finish();
    });
    if (!(await this.page.evaluate(() => "axe" in window))) {
      await this.page.evaluate(readFileSync(axe, "utf8")); // by the debugger: the page's policy forbids it to load scripts
    }
    const { violations } = await this.page.evaluate(() => window.axe.run());
    return violations.filter((each) => ["serious", "critical"].includes(each.impact))
      .map((each) => `${each.id}: ${each.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")}`);
  }
}
