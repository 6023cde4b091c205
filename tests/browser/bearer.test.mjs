// The cookie ladder's last rung: a browser that keeps no cookie of the frame gets its session by a token in memory (K8).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { Stage, startRememberingSite } from "../rig/played_edge.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
let site;
let browser;

before(async () => {
  if (skip) return;
  site = await startRememberingSite();
  browser = await startBrowser();
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

const BROKEN = {
  "drops every cookie": () => Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => {} }),
  "refuses to speak of cookies": () => Object.defineProperty(Document.prototype, "cookie", {
    get() { throw new DOMException("no", "SecurityError"); },
    set() { throw new DOMException("no", "SecurityError"); },
  }),
};

/** A chat in such a browser; each answer of the edge's brings another token. */
async function at(broken) {
  let tokens = 0;
  const stage = await Stage.open(browser, site, {
    before: (page) => page.addInitScript(broken),
    visited: () => ({ bearer: `token-${(tokens += 1)}` }),
  });
  return stage;
}

const sent = (stage, index) => stage.headers.at(index).authorization;

test("a browser that keeps the control cookie asks for no token, and the cookie is gone again", { skip }, async () => {
  const stage = await Stage.open(browser, site);
  assert.equal(stage.visits[0].bearer, undefined);
  assert.equal(sent(stage, 0), undefined);
  assert.deepEqual(stage.protocols[0], []);
  assert.equal(await stage.chat.frame.evaluate(() => document.cookie), "");
  await stage.close();
});

for (const [what, broken] of Object.entries(BROKEN)) {
  describe(`a browser that ${what}`, { skip }, () => {
    test("asks for a token, sends it with every request, and opens the socket with it", async () => {
      const stage = await at(broken);
      assert.equal(stage.visits[0].bearer, true);
      assert.equal(sent(stage, 0), undefined);
      assert.deepEqual(stage.protocols[0], ["countersign", "bearer.token-1"]);
      stage.answers["login/cancel"] = { json: { bearer: "token-new" } };
      await stage.card();
      await stage.on("card-cancel").click();
      await stage.asked("login/cancel");
      assert.equal(sent(stage, -1), "Bearer token-1");
      await stage.on("card").waitFor({ state: "hidden" });
      await stage.socket.close();
      await until("the next socket", () => stage.protocols.length > 1);
      assert.deepEqual(stage.protocols[1], ["countersign", "bearer.token-new"]);
      await stage.close();
    });
  });
}

test("the module of rare things sends it too, and signing out forgets it", { skip }, async () => {
  const stage = await at(BROKEN["drops every cookie"]);
  stage.who = { state: "authenticated", label: "ana@example.com" };
  stage.entry({ type: "state", state: "authenticated" });
  stage.answers.remembered = { json: { fields: [] } };
  await stage.on("account").click();
  await stage.on("remembered").click();
  await stage.asked("remembered");
  assert.equal(sent(stage, -1), "Bearer token-1");
  await stage.on("memory-close").click();
  stage.answers.logout = { status: 204 };
  stage.who = { state: "unidentified" };
  await stage.on("account").click();
  await stage.on("signout").click();
  await until("the next visit", () => stage.visits.length > 1);
  assert.equal(sent(stage, -1), undefined);
  assert.equal(stage.visits[1].bearer, true);
  await stage.close();
});

test("no token is kept where another page could read it", { skip }, async () => {
  const stage = await at(BROKEN["drops every cookie"]);
  const kept = await stage.chat.frame.evaluate(() => {
    const storage = ["localStorage", "sessionStorage"].map((name) => {
      try {
        return { ...window[name] };
      } catch {
        return null; // This browser has none for the frame.
      }
    });
    return JSON.stringify([storage, location.href, history.state, document.documentElement.outerHTML]);
  });
  assert.doesNotMatch(kept, /token-1/);
  assert.ok(!JSON.stringify(await stage.chat.page.context().cookies()).includes("token-1"));
  await stage.close();
});
