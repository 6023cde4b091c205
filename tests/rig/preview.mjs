// The console's preview as the console uses it: a page of the edge's own origin that embeds it and tells it what to show.
import { readFileSync } from "node:fs";
import path from "node:path";

import { root } from "./paths.mjs";
import { until } from "./wait.mjs";

/** Every scene that can be selected. */
export const SCENES = [
  "welcome", "question", "answer", "card", "email", "phone", "google", "form", "lookup", "passkey", "code", "code_phone", "code_failed",
  "code_refused", "locked", "match", "signed_in", "confirm", "confirmed", "declined", "interrupted", "offline",
];

/** What the console tells the preview when nothing was changed. */
export const draft = (changed = {}) => ({
  state: "card", scheme: "light", lang: "en",
  look: { accent: "#1f6f5c", ink: "#ffffff", radius: 14 },
  name: "Northwind Outfitters", greeting: "Hello! How can I help?", suggested: ["Where is my order?"],
  loaded: ["recent orders"],
  ...changed,
  card: {
    title: "Sign in to continue", subtitle: "We'll send you a quick verification code", methods: ["email_code"], forms: [], lookup: null,
    channels: [], digits: 6, minutes: 5, ...changed.card,
  },
});

const HOST = `<!doctype html><meta charset="utf-8"><title>Host</title>
<style>body { margin: 0 } iframe { width: 420px; height: 720px; border: 0 }</style><iframe src="PREVIEW"></iframe><script>
window.ready = 0;
window.wrong = 0;
addEventListener("message", (event) => {
  if (event.source !== document.querySelector("iframe").contentWindow) return;
  if (event.data.preview !== 1) { window.wrong += event.data.countersign !== 1; return; }
  window.ready += 1;
  window.port = event.ports[0];
  window.port.onmessage = ({ data }) => { window.shown = data; };
  if (window.draft) window.port.postMessage(window.draft);
});
window.show = (draft) => { window.draft = draft; window.port?.postMessage(draft); };
</script>`;

/** A preview that is open in a browser in which `member` is signed in. */
export class Preview {
  static async open(browser, site, member, agent = "ag_northwind") {
    const preview = new Preview();
    const page = await browser.page();
    const url = `${site.origin}/console/preview/${agent}`;
    Object.assign(preview, { page, url, requests: [] });
    await browser.context.addCookies([...member.visitor.cookies].map(([name, value]) => ({ name, value, url: site.origin, secure: true, sameSite: "None" })));
    await page.route(`${site.origin}/host-of-the-preview`, (route) => route.fulfill({ contentType: "text/html", body: HOST.replace("PREVIEW", url) }));
    page.on("request", (request) => preview.requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
    page.on("websocket", (socket) => preview.requests.push(`SOCKET ${socket.url()}`));
    await page.goto(`${site.origin}/host-of-the-preview`);
    await until("the preview to be ready", () => page.evaluate(() => window.ready > 0));
    return preview;
  }

  get frame() {
    return this.page.frames().find((frame) => frame.url().startsWith(this.url));
  }

  on(id) {
    return this.frame.locator(/^[.#:]/.test(id) ? id : `#${id}`);
  }

  /** Shows this, as the console's fields would. */
  show(changed) {
    return this.page.evaluate((next) => window.show(next), draft(changed));
  }

  /** Selects a scene and waits until it stands. */
  async scene(state, changed = {}) {
    await this.page.evaluate(() => { window.shown = undefined; });
    const loads = await this.page.evaluate(() => window.ready);
    await this.show({ ...changed, state });
    // The same scene again changes in place and tells nothing.
    await until(`the scene ${state}`, () => this.page.evaluate(([wanted, before]) => window.shown === wanted || (window.scene === wanted && window.ready === before), [state, loads]));
    await this.page.evaluate((now) => { window.scene = now; }, state);
  }

  async violations() {
    const axe = readFileSync(path.join(root, "node_modules", "axe-core", "axe.min.js"), "utf8");
    await this.frame.evaluate(`if (!window.axe) { ${axe}; } undefined`);
    return this.frame.evaluate(async () => {
      const { violations } = await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
      return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} (${node.failureSummary})`));
    });
  }
}
