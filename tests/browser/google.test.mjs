// Signing in with Google in a real window, in the four cells: the host page cuts its windows off (COOP `same-origin`) or not,
// the visitor blocks third-party cookies or not (M4, R33). And what a page of somebody else's cannot do with it (R34).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { ANA, CLIENT, startGoogle, withGoogle } from "../rig/players/google.mjs";
import { plainPage } from "../rig/shop.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const browsers = {};
let google;
let site;

before(async () => {
  if (skip) return;
  google = await startGoogle();
  site = await startSite({
    agents: (origins) => [agent("ag_northwind", { origins, auth: withGoogle({ persistent_context: true, visible_fields: ["email", "name"] }) })],
    pages: (edge) => ({ "/coop/": { html: plainPage({ edge }), headers: { "cross-origin-opener-policy": "same-origin" } } }),
    vars: { GOOGLE_ISSUER: google.issuer },
  });
  google.redirects.push(`${site.origin}/login/google/callback`);
  await site.edge.secret("ag_northwind", "google_client_secret", CLIENT.secret);
  for (const thirdPartyCookies of ["blocked", "allowed"]) browsers[thirdPartyCookies] = await startBrowser({ thirdPartyCookies });
});
after(async () => {
  for (const browser of Object.values(browsers)) await browser.stop();
  await site?.stop();
  await google?.stop();
});

/** A chat whose card offers Google, and the window that a press opens, at the page where one chooses. */
async function atChooser(cookies, where) {
  const browser = browsers[cookies];
  await browser.context.clearCookies();
  const chat = await Chat.at(browser, site, { where });
  await chat.open();
  await chat.ask("Where is my order?");
  await chat.on("card-google").waitFor();
  const opened = browser.context.waitForEvent("page");
  await chat.on("card-google").click();
  const popup = await opened;
  await popup.waitForURL(`${google.issuer}/choose/**`);
  return { chat, popup };
}

describe("the window and the chat find each other", { skip }, () => {
  for (const [cookies, where, typed] of [
    ["allowed", "/", false],
    ["allowed", "/coop/", false],
    ["blocked", "/", false],
    ["blocked", "/coop/", true],
  ]) {
    const cell = `${where === "/" ? "no COOP" : "COOP same-origin"}, third-party cookies ${cookies}`;
    test(`${cell}: ${typed ? "the window's code is typed" : "nothing is typed"}`, async () => {
      const { chat, popup } = await atChooser(cookies, where);
      // The host's header does cut the windows apart, or this cell shows nothing.
      assert.equal(await popup.evaluate(() => opener === null), where === "/coop/");
      await popup.locator(`#as-${ANA.sub}`).click();
      if (typed) {
        await popup.locator("body[data-state=code]").waitFor();
        const code = await popup.locator("#code").innerText();
        await shot(popup, "google-code");
        assert.match(code, /^\d{6}$/);
        assert.ok(!popup.url().includes("?"), "what came back stays in the address");
        await chat.page.bringToFront();
        await chat.on("#card[data-at=match]").waitFor();
        assert.equal(await chat.on("#state").getAttribute("data-state"), "pending");
        await shot(chat.page, "google-match");
        await chat.on("card-code").fill(code);
      }
      await chat.inState("authenticated");
      await chat.says(/NW-100[123]/);
      await popup.close().catch(() => {});
      await chat.page.close();
    });
  }

  test("a window that says no leaves the card as it was", async () => {
    const { chat, popup } = await atChooser("blocked", "/");
    await popup.locator("#none").click();
    await popup.getByText("You did not sign in").waitFor();
    await shot(popup, "google-cancelled");
    await chat.on("card-email").waitFor();
    assert.equal(await chat.on("#state").getAttribute("data-state"), "pending");
    await popup.close();
    await chat.page.close();
  });
});

test("a start address that was sent to somebody else signs nobody in, in either browser", { skip }, async () => {
  const { chat, popup } = await atChooser("blocked", "/coop/");
  const sent = await chat.frame.evaluate(() => document.querySelector("#card-window a")?.href);
  await popup.close();
  const victim = await browsers.allowed.page();
  await victim.goto(sent);
  await victim.locator(`#as-${ANA.sub}`).click();
  await victim.locator("body[data-state=code]").waitFor();
  await until("the chat to wait for the code", async () => (await chat.on("#card").getAttribute("data-at")) === "match");
  assert.equal(await chat.on("#state").getAttribute("data-state"), "pending");
  await victim.close();
  await chat.page.close();
});
