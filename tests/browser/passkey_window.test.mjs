// Passkeys in a window of their own, where the host page or the browser refuses them in the frame (M8): a real browser with an
// authenticator of its own in that window, a real edge. And what a page of somebody else's cannot do with the window.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { root } from "../rig/paths.mjs";
import { plainPage } from "../rig/shop.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const FORBIDS = { "permissions-policy": "publickey-credentials-get=(), publickey-credentials-create=()" };
const DEVICE = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
let site;
let browser;

before(async () => {
  if (skip) return;
  site = await startSite({
    agents: (origins) => [agent("ag_northwind", { origins, auth: { methods: ["email_code", "passkey"] } })],
    pages: (edge) => ({
      "/strict/": { html: plainPage({ edge }), headers: FORBIDS },
      "/popups/": { html: plainPage({ edge }), headers: { ...FORBIDS, "cross-origin-opener-policy": "same-origin-allow-popups" } },
      "/coop/": { html: plainPage({ edge }), headers: { ...FORBIDS, "cross-origin-opener-policy": "same-origin" } },
    }),
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});
beforeEach(() => browser?.context.clearCookies());

const address = () => `${site.origin}/chat/ag_northwind/passkey`;

/** Has the browser play an authenticator of the device for a page or a frame. */
async function withDevice(chat, page, { credentials = [], ...options } = {}) {
  const context = chat.page.context();
  const devtools = await context.newCDPSession(page).catch(() => context.newCDPSession(chat.page));
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: { ...DEVICE, ...options } });
  for (const credential of credentials) await devtools.send("WebAuthn.addCredential", { authenticatorId, credential });
  return {
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    verifies: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

/** Presses, and gives the window that opens with its device; the window's script waits until the device is there. */
async function windowOf(chat, press, device) {
  const { context } = browser;
  let go;
  const ready = new Promise((done) => (go = done));
  const held = async (route) => {
    await ready;
    await route.continue();
  };
  await context.route("**/a/window-*.js", held, { times: 1 });
  const opened = context.waitForEvent("page");
  await press();
  const popup = await opened;
  const played = device && await withDevice(chat, popup, device);
  go();
  return { popup, device: played };
}

/** Nothing is wrong with the window's page, light and dark; pictures of it in both, as wide as it opens and as narrow as a phone. */
async function sound(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page), [], colorScheme);
    for (const [width, height] of [[480, 640], [360, 640]]) {
      await page.setViewportSize({ width, height });
      await shot(page, `passkey-window-${name}-${colorScheme}-${width}`);
    }
  }
}

/** Opens a chat on a page that forbids passkeys, with a device that could keep one. */
async function chatAt(where = "/strict/") {
  const chat = await Chat.at(browser, site, { where });
  await chat.open();
  await withDevice(chat, chat.frame);
  return chat;
}

/** A card on that page, its passkey pressed: the browser refuses, and a window is offered. */
async function refusedAt(where) {
  const chat = await chatAt(where);
  await chat.askAtCard();
  await chat.on("card-passkey").click();
  await chat.on("card-passkey-open").waitFor().catch(async (error) => {
    throw new Error(`no window is offered; the card says: ${await chat.on("card").innerText()}`, { cause: error });
  });
  return chat;
}

async function violations(page) {
  await page.evaluate(`${readFileSync(path.join(root, "node_modules", "axe-core", "axe.min.js"), "utf8")}; undefined`);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} (${node.failureSummary})`));
  });
}

/** A passkey that a device has for the edge's site, of somebody whom the edge does not know. */
async function somebodysPasskey() {
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const key = Buffer.from(await crypto.subtle.exportKey("pkcs8", privateKey)).toString("base64");
  const bytes = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
  return { credentialId: bytes(), isResidentCredential: true, rpId: new URL(site.origin).hostname, privateKey: key, userHandle: bytes(), signCount: 1 };
}

const at = (popup, state) => popup.locator(`body[data-at=${state}]`).waitFor();
const says = (chat, pattern) => until(`the line to say ${pattern}`, async () => pattern.test(await chat.on("card-passkey-window").innerText()));

test("on a page that forbids passkeys one is made in a window, and signs in by a window", { skip }, async () => {
  const chat = await chatAt();
  await chat.ask("Where is my order?");
  await chat.on("card").waitFor();
  await chat.signIn("ana@example.com");
  await chat.says(/NW-100[123]/);
  await chat.on("passkey-offer-add").click();
  await chat.on("passkey-offer").getByText("This page does not allow passkeys inside the chat.").waitFor();
  assert.equal(await chat.on("passkey-offer-add").innerText(), "Add it in a window of its own");
  await until("the focus on the button", async () => (await chat.focused()) === "passkey-offer-add");
  assert.deepEqual(await chat.violations(), []);
  await shot(chat.page, "passkey-window-offer");
  const making = await windowOf(chat, () => chat.page.keyboard.press("Enter"), {});
  assert.equal(making.popup.url(), address());
  let credentials;
  await chat.page.route("**/account/passkey/keep", async (route) => {
    credentials = await making.device.credentials();
    await route.continue();
  });
  await chat.on("passkey-offer").getByText(/saved/).waitFor();
  assert.equal(credentials.length, 1);
  await until("the window to close", () => making.popup.isClosed());
  await until("the focus on the composer", async () => (await chat.focused()) === "composer");

  await chat.signOut();
  await chat.askAtCard();
  await chat.on("card-passkey").click();
  await until("the focus on the window's button", async () => (await chat.focused()) === "card-passkey-open");
  await says(chat, /This page does not allow passkeys inside the chat\.\s*Use the passkey in a window of its own/);
  assert.ok(await chat.on("card-passkey").isHidden(), "a button that cannot work is offered");
  assert.equal(await chat.on("card-email").getAttribute("aria-invalid"), "false");
  assert.equal(await chat.on("card-send").getAttribute("aria-disabled"), "false");
  for (const colorScheme of ["light", "dark"]) {
    await chat.page.emulateMedia({ colorScheme });
    assert.deepEqual(await chat.violations(), [], colorScheme);
    await shot(chat.page, `passkey-window-card-${colorScheme}`);
  }
  let proof;
  await chat.page.route("**/login/passkey/verify", async (route) => {
    proof = route.request().postDataJSON();
    await route.continue();
  });
  const using = await windowOf(chat, () => chat.page.keyboard.press("Enter"), { credentials });
  await chat.inState("authenticated");
  await chat.says(/NW-100[123]/);
  await until("the window to close", () => using.popup.isClosed());
  assert.equal(await chat.on("card-passkey-window").count(), 0);
  const client = JSON.parse(Buffer.from(proof.credential.response.clientDataJSON, "base64url").toString());
  assert.equal(client.origin, site.origin);
  assert.equal(client.crossOrigin, false, "the window is nobody's frame");
  await chat.page.close();
});

test("a window that the visitor closes is said so, and the card goes on as it was", { skip }, async () => {
  const chat = await refusedAt();
  const { popup, device } = await windowOf(chat, () => chat.on("card-passkey-open").click(), {});
  await says(chat, /Go on in the other window/);
  await at(popup, "again");
  await popup.close();
  await says(chat, /No passkey was used\. Try again, or sign in another way/);
  assert.ok(device);
  await until("the focus on the window's button", async () => (await chat.focused()) === "card-passkey-open");
  assert.deepEqual(await chat.violations(), []);
  await chat.signIn("bea@example.com");
  assert.equal(await chat.on("card-passkey-window").count(), 0);
  await chat.page.close();
});

test("a window is over with its card: who signs in another way meanwhile is not waited for", { skip }, async () => {
  const chat = await refusedAt();
  const { popup } = await windowOf(chat, () => chat.on("card-passkey-open").click(), {});
  await at(popup, "again");
  await chat.signIn("cleo@example.com");
  await until("the window to close", () => popup.isClosed());
  assert.equal(await chat.on("card-passkey-window").count(), 0);
  await chat.page.close();
});

test("a second window ends the first", { skip }, async () => {
  const chat = await refusedAt();
  const first = await windowOf(chat, () => chat.on("card-passkey-open").click(), {});
  await at(first.popup, "again");
  await chat.page.bringToFront();
  const second = await windowOf(chat, () => chat.on("card-passkey-open").click(), {});
  await until("the first window to close", () => first.popup.isClosed());
  await at(second.popup, "again");
  await says(chat, /Go on in the other window/);
  await second.popup.close();
  await chat.page.close();
});

test("a passkey that proves nobody is said so on the card, and the window closes", { skip }, async () => {
  const chat = await refusedAt();
  const device = { credentials: [await somebodysPasskey()] };
  const { popup } = await windowOf(chat, () => chat.on("card-passkey-open").click(), device);
  await until("the refusal", async () => /did not prove who you are/.test(await chat.on("card-error").innerText()));
  await until("the window to close", () => popup.isClosed());
  assert.ok(await chat.on("card-passkey-open").isVisible(), "one can try again");
  assert.deepEqual(await chat.violations(), []);
  await chat.page.close();
});

test("a visitor who says no in the window tries again there", { skip }, async () => {
  const chat = await refusedAt();
  const { popup, device } = await windowOf(chat, () => chat.on("card-passkey-open").click(), { credentials: [await somebodysPasskey()], isUserVerified: false });
  await at(popup, "again");
  assert.equal(await popup.evaluate(() => document.activeElement.id), "use");
  assert.match(await popup.locator("main").innerText(), /Sign in with a passkey\s+No passkey was used\. Try again, or close this window and go on in the chat\.\s+Try again\s+Close this window/);
  await sound(popup, "again");
  await device.verifies(true);
  await popup.keyboard.press("Enter");
  await until("the answer at the edge", async () => /did not prove who you are/.test(await chat.on("card-error").innerText()));
  await chat.page.close();
});

test("a browser that says no in the frame and does not say why: the window is offered beside another try", { skip }, async () => {
  const chat = await Chat.at(browser, site);
  await chat.open();
  await withDevice(chat, chat.frame);
  // As in a browser that has no word for what a page forbids.
  await chat.frame.evaluate(() => Object.defineProperty(document, "featurePolicy", { value: undefined }));
  await chat.askAtCard();
  await chat.on("card-passkey").click();
  await chat.on("card-passkey-open").waitFor();
  assert.match(await chat.on("card-error").innerText(), /No passkey was used/);
  assert.ok(await chat.on("card-passkey").isVisible());
  assert.equal(await chat.focused(), "card-passkey");
  await chat.page.keyboard.press("Tab");
  assert.equal(await chat.focused(), "card-passkey-open");
  assert.deepEqual(await chat.violations(), []);
  await chat.page.setViewportSize({ width: 360, height: 640 });
  await shot(chat.page, "passkey-window-card-360");
  const { popup } = await windowOf(chat, () => chat.page.keyboard.press("Enter"), {});
  await at(popup, "again");
  // The frame is tried anew: the window is over.
  await chat.page.bringToFront();
  await chat.on("card-passkey").click();
  await until("the window to close", () => popup.isClosed());
  await chat.page.close();
});

test("a visitor who says no in a frame where passkeys work is offered no window", { skip }, async () => {
  const chat = await chatAt("/");
  await chat.askAtCard();
  await chat.on("card-passkey").click();
  await until("the refusal", async () => /No passkey was used/.test(await chat.on("card-error").innerText()));
  assert.equal(await chat.on("card-passkey-open").count(), 0);
  await chat.page.close();
});

test("in the account's dialog a passkey is made in a window", { skip }, async () => {
  const chat = await chatAt();
  await chat.ask("Where is my order?");
  await chat.on("card").waitFor();
  await chat.signIn("gina@example.com");
  await chat.on("account").click();
  await chat.on("devices").click();
  await chat.on("passkey-add").click();
  await until("the refusal", async () => /does not allow passkeys/.test(await chat.on("account-dialog-error").innerText()));
  await until("the focus on the button", async () => (await chat.focused()) === "passkey-add");
  const lost = await windowOf(chat, () => chat.page.keyboard.press("Enter"), { hasUserVerification: false });
  await chat.on("passkey-waiting").getByText("Go on in the other window.").waitFor();
  assert.deepEqual(await chat.violations(), []);
  await shot(chat.page, "passkey-window-dialog");
  await at(lost.popup, "again");
  await lost.popup.close();
  await chat.on("account-dialog-error").getByText(/No passkey was used/).waitFor();
  await chat.page.bringToFront();
  await windowOf(chat, () => chat.on("passkey-add").click(), {});
  await until("the passkey in the list", async () => (await chat.on("account-proofs").locator("li").count()) === 2);
  await chat.page.close();
});

describe("nobody but the chat's own frame and its own window are heard", { skip }, () => {
  const TYPE = "countersign:passkey";

  test("a window whose address was mailed signs nothing, whatever it is told", async () => {
    const page = await browser.page();
    await page.goto(address());
    await at(page, "apart");
    await page.evaluate((type) => new Promise((heard) => {
      addEventListener("message", heard);
      postMessage({ type, at: "task", kind: "get", options: { challenge: "AAAA" } }, location.origin);
    }), TYPE);
    assert.equal(await page.evaluate(() => document.body.dataset.at), "apart");
    await sound(page, "apart");
    // A browser closes no window that somebody opened by hand.
    await page.evaluate(() => history.pushState(null, "", "#"));
    await page.keyboard.press("Enter");
    await until("the window to be closed, or to say that it is not", async () => page.isClosed() || /close it yourself/.test(await page.locator("#lead").innerText().catch(() => "")));
    await page.close();
  });

  test("a page of another origin that opens the window is told nothing, and what it says is not signed", async () => {
    const page = await browser.page();
    await page.goto(site.shop.origin("evil") + "/");
    const opened = browser.context.waitForEvent("page");
    await page.evaluate((to) => {
      window.heard = [];
      addEventListener("message", ({ data }) => window.heard.push(data));
      window.other = open(to, "", "popup");
    }, address());
    const popup = await opened;
    await at(popup, "wait");
    await shot(popup, "passkey-window-wait");
    await popup.evaluate(() => {
      window.signed = 0;
      navigator.credentials.get = async () => (window.signed += 1);
    });
    await page.evaluate((type) => {
      for (const kind of ["get", "create"]) window.other.postMessage({ type, at: "task", kind, options: { challenge: "AAAA" } }, "*");
    }, TYPE);
    // It gives up by itself, within seconds.
    await at(popup, "apart");
    assert.equal(await popup.evaluate(() => window.signed), 0);
    assert.deepEqual(await page.evaluate(() => window.heard), []);
    await page.close();
  });

  test("what the host page or another window says to the frame is no answer", async () => {
    const chat = await Chat.at(browser, site, { where: "/strict/" });
    // The frame is in a closed shadow root: a host page gets hold of it by what it says.
    await chat.page.evaluate(() => addEventListener("message", ({ source }) => (window.chatFrame = source)));
    await chat.open();
    await chat.askAtCard();
    await chat.on("card-passkey").click();
    const { popup } = await windowOf(chat, () => chat.on("card-passkey-open").click(), {});
    await at(popup, "again");
    const said = (id) => ({ type: TYPE, at: "credential", credential: { id } });
    const sent = [];
    await chat.page.route("**/login/passkey/verify", (route) => {
      sent.push(route.request().postDataJSON());
      return route.continue();
    });
    await chat.frame.evaluate((type) => {
      window.heard = 0;
      addEventListener("message", ({ data }) => (window.heard += data?.type === type));
    }, TYPE);
    await chat.page.evaluate((message) => window.chatFrame.postMessage(message, "*"), said("host"));
    // The same origin, but not the window that was opened.
    await chat.frame.evaluate((message) => postMessage(message, location.origin), said("frame"));
    await until("both to be heard", async () => (await chat.frame.evaluate(() => window.heard)) === 2);
    await popup.evaluate((message) => opener.postMessage(message, location.origin), said("window"));
    await until("an answer at the edge", () => sent.length);
    assert.deepEqual(sent.map(({ credential }) => credential.id), ["window"]);
    await chat.page.close();
  });

  test("a window that was led elsewhere is told nothing more, and the card does not wait for it", async () => {
    const chat = await refusedAt();
    const { popup } = await windowOf(chat, () => chat.on("card-passkey-open").click(), {});
    await at(popup, "again");
    await popup.goto(site.shop.origin("evil") + "/");
    await popup.evaluate((type) => opener?.postMessage({ type, at: "credential", credential: { id: "x" } }, "*"), TYPE);
    await popup.close();
    await says(chat, /No passkey was used/);
    await chat.page.close();
  });
});

test("a window that does not load is said so, and closed", { skip }, async () => {
  const chat = await refusedAt();
  await browser.context.route("**/chat/ag_northwind/passkey", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>Nothing" }), { times: 1 });
  const opened = browser.context.waitForEvent("page");
  await chat.on("card-passkey-open").click();
  const popup = await opened;
  await says(chat, /Go on in the other window/);
  assert.equal(await chat.on("card-send").getAttribute("aria-disabled"), "false");
  await says(chat, /did not open or cannot reach this chat/);
  await until("the window to close", () => popup.isClosed());
  await chat.page.close();
});

test("a page that keeps its windows to itself and lets them speak (`same-origin-allow-popups`) is no hindrance", { skip }, async () => {
  const chat = await refusedAt("/popups/");
  const { popup } = await windowOf(chat, () => chat.on("card-passkey-open").click(), {});
  await at(popup, "again");
  await chat.page.close();
});

describe("under a page that cuts its windows off", { skip }, () => {
  test("the card says so at once, the window says what to do, and both ways on are open", async () => {
    const chat = await refusedAt("/coop/");
    const { popup } = await windowOf(chat, () => chat.on("card-passkey-open").click());
    await at(popup, "apart");
    assert.equal(await popup.evaluate(() => opener), null, "the host's header does cut the windows apart");
    assert.equal(await popup.evaluate(() => document.activeElement.id), "close");
    assert.match(await popup.locator("#lead").innerText(), /Go back to the chat and go on without a passkey/);
    assert.deepEqual(await violations(popup), []);
    await says(chat, /cannot reach this chat\. Go on here without a passkey/);
    await shot(chat.page, "passkey-window-card-apart");
    await popup.locator("#close").click();
    await until("the window to close", () => popup.isClosed());
    await chat.page.bringToFront();
    await chat.signIn("dora@example.com");
    await chat.page.close();
  });
});
