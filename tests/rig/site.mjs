// A whole site for the browser: shops and edge on names of their own over TLS, and a visitor who acts on the page.
import { readFileSync } from "node:fs";
import path from "node:path";

import { agent as northwind, orders } from "./agents.mjs";
import { shot } from "./browser.mjs";
import { codeIn } from "./inbox.mjs";
import { root } from "./paths.mjs";
import { startProcess } from "./process.mjs";
import { demoPages, plainPage, startShop } from "./shop.mjs";
import { startTls } from "./tls.mjs";
import { until } from "./wait.mjs";

/**
 * Starts shop and edge. The agent may be embedded by shop, shop-a and shop-b; not by other.test and evil.test.
 * `agents` gets the list of those origins and gives the agents; `pages` gets the edge's origin and gives the shop's pages
 * (`/` is a plain page and `/demo/` the demo's shop unless it says otherwise).
 */
export async function startSite({ agents = (origins) => [northwind("ag_northwind", { origins })], pages = () => ({}), edgeName = "edge", ...options } = {}) {
  const shop = await startShop({});
  const tls = await startTls();
  const origin = tls.origin(edgeName);
  // Not through wrangler's harness: its proxy takes the public host in a request's Origin for its own and rewrites it.
  const edge = await startProcess({
    origin,
    agents: agents(["shop", "shop-a", "shop-b"].map((name) => shop.origin(name))),
    collections: [orders()],
    ...options,
  }).catch(async (error) => {
    await Promise.all([shop.stop(), tls.stop()]);
    throw error;
  });
  tls.to(new URL(edge.url).port);
  Object.assign(shop.pages, { "/": plainPage({ edge: origin }), ...demoPages({ edge: origin }), ...pages(origin) });
  return {
    edge, shop, tls, origin,
    /** The edge with other secrets on the same storage, as after `wrangler secret put`. */
    restartWith: (changed) => edge.restartWith(changed),
    async stop() {
      await edge.stop();
      await tls.stop();
      await shop.stop();
    },
  };
}

/** A chat on a host page, driven as a visitor would. */
export class Chat {
  constructor(page, site) {
    this.page = page;
    this.site = site;
  }

  /** Opens a host page and waits for the launcher. */
  static async at(browser, site, { name = "shop", where = "/" } = {}) {
    const page = await browser.page();
    const chat = new Chat(page, site);
    await chat.visit({ name, where });
    return chat;
  }

  async visit({ name = "shop", where = "/" } = {}) {
    await this.page.goto(this.site.shop.origin(name) + where);
    await this.launched();
  }

  async launched() {
    await this.page.waitForFunction(() => document.querySelector("countersign-chat") && window.Countersign?.open);
  }

  async reload() {
    await this.page.reload();
    await this.launched();
  }

  /** The frame in the launcher's closed shadow root, or undefined before it is opened. */
  get frame() {
    return this.page.frames().find((frame) => frame.url().startsWith(`${this.site.origin}/frame/`));
  }

  /** Opens the chat by the page's own interface and waits until it runs. */
  async open() {
    await this.page.evaluate(() => window.Countersign.open());
    return this.opened();
  }

  async opened() {
    const frame = await until("the frame", () => this.frame);
    await frame.locator("#composer").waitFor();
    await until("the widget to run", () => this.page.evaluate(() => window.chatIsReady));
    return frame;
  }

  on(id) {
    return this.frame.locator(id.startsWith(".") || id.startsWith("#") ? id : `#${id}`);
  }

  async ask(text) {
    await this.on("composer").fill(text);
    await this.on("send").click();
  }

  /** Asks for what needs a login, and waits until the card has the focus: before that the page still moves under a pointer. */
  async askAtCard() {
    await this.ask("Where is my order?");
    await until("the focus on the card", async () => /^card-/.test(await this.focused()));
  }

  /** Waits until the transcript says this. */
  async says(pattern) {
    await until(`the transcript to say ${pattern}`, async () => pattern.test(await this.transcript()));
  }

  transcript() {
    return this.on("log").innerText();
  }

  /** Waits until the conversation is in this state. */
  async inState(state) {
    await this.on(`#state[data-state="${state}"]`).waitFor();
  }

  /** The newest code on the inbox page, read as a visitor would read it. */
  async codeFromInbox(address, known = []) {
    const inbox = await this.page.context().newPage();
    try {
      return await until(`a code for ${address} on the inbox page`, async () => {
        await inbox.goto(`${this.site.origin}/dev/inbox`);
        const mail = inbox.locator("article", { hasText: `to ${address}` }).first();
        if (await mail.count() === 0) return undefined;
        const code = codeIn(await mail.innerText());
        return known.includes(code) ? undefined : code;
      });
    } finally {
      await inbox.close();
      await this.page.bringToFront();
    }
  }

  /** Address, code from the inbox page, done. The card must be open. */
  async signIn(address, { picture } = {}) {
    await this.on("card-email").fill(address);
    await this.on("card-send").click();
    await this.on("card-code").waitFor();
    const code = await this.codeFromInbox(address);
    if (picture) await shot(this.page, picture);
    await this.on("card-code").fill(code);
    // A whole code submits by itself; the button is for those who want it.
    await this.inState("authenticated");
    return code;
  }

  async signOut() {
    await this.on("account").click();
    await this.on("signout").click();
    await this.inState("unidentified");
  }

  /** What axe finds in the frame as it stands: `["rule: selector", …]`. */
  async violations() {
    const axe = readFileSync(path.join(root, "node_modules", "axe-core", "axe.min.js"), "utf8");
    if (!await this.frame.evaluate(() => "axe" in window)) await this.frame.evaluate(`${axe}; undefined`);
    return this.frame.evaluate(async () => {
      const { violations } = await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
      return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} (${node.failureSummary})`));
    });
  }

  /** The id of the element that has the focus inside the frame. */
  focused() {
    return this.frame.evaluate(() => document.activeElement?.id);
  }
}
