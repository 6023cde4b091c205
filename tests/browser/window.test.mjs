// Signing in with Google in another window, as the page shows it (M4, R33, R34). The edge's part and Google's are played.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { CARD, Stage, loginCard, refusal, startRememberingSite } from "../rig/played_edge.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const GOOGLE = { methods: ["google", "email_code"], forms: [] };
const PATH = "/login/google/ag_northwind.AAAAAAAAAAAAAAAAAAAAAA/flow";
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

const done = { json: { card: loginCard({ ...GOOGLE, step: { at: "done" } }) } };

/** A card with the way prepared; the other window shows `html`. */
async function at({ card = GOOGLE, html = "<!doctype html>Google", headers = {} } = {}) {
  // The frame is in a closed shadow root: a host page gets hold of it by what it says.
  const before = (page) => page.addInitScript(() => addEventListener("message", ({ source }) => source !== window && (window.chatFrame = source)));
  const stage = await Stage.open(browser, site, { before });
  await stage.chat.page.context().unroute("**/login/google/**").catch(() => {});
  await stage.chat.page.context().route("**/login/google/*/flow*", (route) => route.fulfill({ contentType: "text/html", headers, body: html }));
  let flows = 0;
  stage.answers["login/google"] = () => ({ json: { path: `${PATH}${(flows += 1)}` } });
  await stage.card(card);
  return stage;
}

/** Presses the button and gives the window that opened. */
async function pressed(stage) {
  await stage.asked("login/google");
  const opened = stage.chat.page.context().waitForEvent("page");
  await stage.on("card-google").click();
  const other = await opened;
  await stage.on("card-window").waitFor();
  return other;
}

const match = (digits) => ({ ...GOOGLE, step: { at: "match", digits } });

test("the button stands first where Google comes first, and last where it does not", { skip }, async () => {
  const stage = await at();
  const order = () => stage.chat.frame.evaluate(() =>
    ["card-google", "card-email"].sort((a, b) => document.getElementById(a).compareDocumentPosition(document.getElementById(b)) & 4 ? -1 : 1)[0]);
  assert.equal(await order(), "card-google");
  const { page } = stage.chat;
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await stage.chat.violations(), [], colorScheme);
    await shot(page, `google-${colorScheme}`);
  }
  await page.setViewportSize({ width: 390, height: 780 });
  await shot(page, "google-390");
  await stage.close();
  const last = await at({ card: { ...GOOGLE, methods: ["email_code", "google"] } });
  assert.equal(await last.chat.frame.evaluate(() =>
    document.getElementById("card-email").compareDocumentPosition(document.getElementById("card-google")) & 4), 4);
  await shot(last.chat.page, "google-last");
  await last.close();
});

test("a card with that way alone asks for nothing, and the keyboard is on its title", { skip }, async () => {
  const stage = await Stage.open(browser, site);
  stage.answers["login/google"] = { json: { path: `${PATH}0` } };
  await stage.on("composer").focus();
  await stage.card({ ...GOOGLE, methods: ["google"] });
  await stage.focus("card-title");
  assert.ok(await stage.on("card-email").isHidden());
  assert.deepEqual(await stage.chat.violations(), []);
  await stage.chat.page.keyboard.press("Tab");
  await stage.focus("card-google");
  await shot(stage.chat.page, "google-alone");
  await stage.close();
});

test("the way is prepared with the card, and a press opens it with a line that says what to do", { skip }, async () => {
  const stage = await at();
  assert.deepEqual(await stage.asked("login/google"), { card: CARD });
  const other = await pressed(stage);
  assert.equal(new URL(other.url()).pathname, `${PATH}1`);
  await stage.says("card-window", /Finish in the other window\. Nothing opened\? Open it here/);
  const link = stage.on("card-window").getByRole("link");
  for (const [name, value] of [["target", "_blank"], ["rel", "opener"], ["href", `${PATH}1`]]) assert.equal(await link.getAttribute(name), value);
  assert.deepEqual(await stage.chat.violations(), []);
  await shot(stage.chat.page, "google-opened");
  await other.close();
  const again = await pressed(stage);
  assert.equal(new URL(again.url()).pathname, `${PATH}2`, "a way that a window went is offered again");
  await again.close();
  await stage.close();
});

test("a way that cannot be prepared is said so at the press, and the next press tries anew", { skip }, async () => {
  const stage = await at();
  await stage.asked("login/google");
  stage.answers["login/google"] = refusal(429, "too_often", "", { retry_after_s: 9 });
  (await pressed(stage)).close();
  await stage.on("card-google").click();
  await stage.says("card-window", /in 9 s/);
  assert.deepEqual(await stage.chat.violations(), []);
  stage.answers["login/google"] = { json: { path: `${PATH}8` } };
  await (await pressed(stage)).close();
  await stage.close();
});

describe("when the window proved who somebody is", { skip }, () => {
  test("and is known to be the visitor's own, the card is done by itself", async () => {
    const stage = await at();
    stage.answers["login/match"] = done;
    stage.who = { state: "authenticated", label: "ana@gmail.com" };
    await stage.card(match(0));
    assert.deepEqual(await stage.asked("login/match"), { card: CARD, code: "" });
    await stage.on("card").waitFor({ state: "hidden" });
    await stage.chat.inState("authenticated");
    await stage.close();
  });

  test("the number that it shows is typed, and a wrong one is said so", async () => {
    const stage = await at();
    await stage.on("composer").focus();
    await stage.card(match(2));
    await stage.focus("card-code");
    assert.equal(await stage.chat.frame.getByLabel("Type the number that the other window shows").getAttribute("id"), "card-code");
    for (const hidden of ["card-resend", "card-change", "card-reference", "card-email"]) assert.ok(await stage.on(hidden).isHidden(), hidden);
    assert.deepEqual(await stage.chat.violations(), []);
    await shot(stage.chat.page, "google-match");
    stage.answers["login/match"] = refusal(422, "proof_refused");
    await stage.on("card-code").pressSequentially("41");
    await stage.says("card-error", /did not prove who you are/);
    assert.deepEqual(await stage.asked("login/match"), { card: CARD, code: "41" });
    stage.answers["login/match"] = done;
    await stage.on("card-code").fill("42");
    await stage.on("card").waitFor({ state: "hidden" });
    await stage.close();
  });

  test("and says the number itself, it is filled in, before the card asks or after", async () => {
    for (const first of ["window", "card"]) {
      const html = `<!doctype html><script>addEventListener("message", () => 0); window.say = (card) => opener.postMessage({ type: "countersign:match", card, code: "42" }, origin);</script>`;
      const stage = await at({ html });
      const other = await pressed(stage);
      stage.answers["login/match"] = done;
      if (first === "card") await stage.card(match(2));
      await other.evaluate((card) => window.say(card), CARD);
      if (first === "window") await stage.card(match(2));
      assert.deepEqual(await stage.asked("login/match"), { card: CARD, code: "42" });
      await other.close();
      await stage.close();
    }
  });

  test("a number said by another origin or for another card is not taken", async () => {
    const stage = await at();
    await stage.asked("login/google");
    await stage.card(match(2));
    const say = (card) => ({ type: "countersign:match", card, code: "42" });
    await stage.chat.page.evaluate((said) => window.chatFrame.postMessage(said, "*"), say(CARD));
    await stage.chat.frame.evaluate((said) => window.postMessage(said, location.origin), say("CCCCCCCCCCCCCCCCCCCCCC"));
    // The last of three is the one that counts: those before it were heard by then.
    await stage.chat.frame.evaluate((said) => window.postMessage(said, location.origin), { ...say(CARD), code: "77" });
    assert.deepEqual(await stage.asked("login/match"), { card: CARD, code: "77" });
    assert.equal(stage.requests.filter(({ path }) => path === "login/match").length, 1);
    await stage.close();
  });
});
