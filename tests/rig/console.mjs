// The console in a browser, driven as a member would, and counted.
import { readFileSync } from "node:fs";
import path from "node:path";

import { codeIn } from "./inbox.mjs";
import { invitation } from "./members.mjs";
import { root } from "./paths.mjs";
import { until } from "./wait.mjs";

/** A page of the console. Every click and every field that is filled counts as an interaction. */
export class Console {
  constructor(page, site) {
    Object.assign(this, { page, site, interactions: [], failures: [] });
    page.on("pageerror", (error) => this.failures.push(`${error}`));
    page.on("console", (message) => {
      // A refused request is logged by the browser itself.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text())) this.failures.push(message.text());
    });
  }

  static async at(browser, site, where = "/console") {
    const console = new Console(await browser.page(), site);
    await console.visit(where);
    return console;
  }

  /** A member with a role, signed in by the page itself and a claim link. */
  static async member(browser, site, { email = "owner@example.com", agent = "*", role = "owner", where } = {}) {
    const console = await Console.at(browser, site, `/console/claim#${await invitation(site.edge, { agent, role })}`);
    await console.signIn(email);
    await console.press("Accept");
    await console.heading("Agents");
    if (where) await console.visit(where);
    return console;
  }

  visit(where) { return this.page.goto(this.site.origin + where); }
  heading(name) { return this.page.getByRole("heading", { level: 1, name }).waitFor(); }
  button(name) { return this.page.getByRole("button", { name, exact: true }); }
  field(name) { return this.page.getByLabel(name, { exact: true }); }
  link(name) { return this.page.getByRole("link", { name, exact: true }); }
  says(text) { return this.page.getByText(text).first().waitFor(); }

  async press(name) {
    this.interactions.push(`press ${name}`);
    await this.button(name).click();
  }

  async follow(name) {
    this.interactions.push(`follow ${name}`);
    await this.link(name).click();
  }

  async type(name, text) {
    this.interactions.push(`type ${name}`);
    await this.field(name).fill(text);
  }

  /** The chat in which members sign in. */
  get chat() { return this.page.frameLocator("iframe.chat"); }

  async signIn(email) {
    const known = (await this.site.edge.mailbox.to(email)).length;
    await this.chat.locator("#card-email").fill(email);
    await this.chat.locator("#card-send").click();
    await this.chat.locator("#card-code").waitFor();
    const mails = await until(`a code for ${email}`, async () => {
      const mails = await this.site.edge.mailbox.to(email);
      return mails.length > known && mails;
    });
    await this.chat.locator("#card-code").fill(codeIn(mails[0].text));
    this.interactions.push("type the address", "press Send", "type the code");
  }

  /** What axe finds: `["rule: selector", …]`. */
  async violations() {
    const axe = readFileSync(path.join(root, "node_modules", "axe-core", "axe.min.js"), "utf8");
    if (!await this.page.evaluate(() => "axe" in window)) await this.page.evaluate(`${axe}; undefined`);
    return this.page.evaluate(async () => {
      const options = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], iframes: false };
      const { violations } = await window.axe.run(document, options);
      return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} (${node.failureSummary})`));
    });
  }

  close() { return this.page.close(); }
}
