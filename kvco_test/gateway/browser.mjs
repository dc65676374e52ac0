// Chromium, and what a test sees of the page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { until } from "./harness.mjs";

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
