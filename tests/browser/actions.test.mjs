// The company's own API in a real browser, end to end, with third-party cookies blocked: signing in with the company's
// log-in on the card, an answer from its API, a change after a yes, what is remembered and its erasure (M5, A1, A8, R54, R63).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startCompany } from "../../demo/company/company.mjs";
import { agentWithActions } from "../rig/agents.mjs";
import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const PASSWORD = "Canary & heron 4 ever";
const WRONG = "Wrong & canary 2026";
const ADDRESS = "9 Lake Street, Boulder, CO 80301";

describe("a customer of the company", { skip }, () => {
  let company;
  let site;
  let browser;
  let who;
  let chat;
  /** Everything that a script of the host page, an address or the console could have seen. */
  const seen = [];

  before(async () => {
    company = await startCompany();
    who = company.enrol({ name: "Robin Reed", password: PASSWORD });
    site = await startSite({ agents: (origins) => [agentWithActions(company, "ag_northwind", { origins })] });
    browser = await startBrowser();
    const page = await browser.page();
    page.on("request", (request) => seen.push(request.url()));
    page.on("console", (message) => seen.push(message.text()));
    page.on("pageerror", (error) => seen.push(`error: ${error.message}`));
    await page.exposeFunction("heardByHost", (text) => { seen.push(text); });
    await page.addInitScript(() => {
      if (window === window.top) window.addEventListener("message", (event) => window.heardByHost(JSON.stringify(event.data)));
    });
    chat = new Chat(page, site);
    await chat.visit();
    await chat.open();
  });
  after(async () => {
    await browser?.stop();
    await site?.stop();
    await company?.stop();
  });

  const signInWith = async (password) => {
    await chat.on("field-user_name").fill(who.user_name);
    await chat.on("field-password").fill(password);
    await chat.on("field-password").press("Enter");
  };
  /** All texts and values of the frame and of the host page. */
  const shown = async () => {
    const values = await chat.frame.evaluate(() => [...document.querySelectorAll("input, textarea")].map(({ value }) => value).join("\n"));
    return [await chat.frame.content(), await chat.page.content(), values].join("\n");
  };
  const assertGone = async (...passwords) => {
    const everything = `${await shown()}\n${seen.join("\n")}`;
    for (const one of passwords) {
      for (const spelled of [one, one.replaceAll("&", "&amp;"), encodeURIComponent(one), JSON.stringify(one).slice(1, -1)]) assert.ok(!everything.includes(spelled), "a password is left");
    }
  };
  const settled = () => chat.frame.locator(".cs-confirm");

  test("asks for an order and is shown the company's own log-in on the card", async () => {
    await chat.ask(`Please track order ${who.order}`);
    await chat.on("card").waitFor();
    await chat.inState("pending");
    await chat.on("card-ways").getByText("Sign in with your Northwind account").click();
    await chat.on("field-password").waitFor();
    assert.equal(await chat.on("field-password").getAttribute("type"), "password");
    assert.deepEqual(await chat.violations(), []);
    assert.equal(company.requests.length, 0);
  });

  test("types a wrong password and reads the company's own words", async () => {
    await signInWith(WRONG);
    await until("the company's words", async () => /That user name or password is not right\./.test(await chat.on("card-error").innerText()));
    assert.equal(await chat.on("field-user_name").inputValue(), who.user_name);
    assert.equal(await chat.on("field-password").inputValue(), "");
    await chat.inState("pending");
    await assertGone(WRONG);
    assert.equal(company.accounts.passed, 0);
    await shot(chat.page, "actions-refused");
  });

  test("types the right one and is answered with the order, without asking again", async () => {
    await signInWith(PASSWORD);
    await chat.inState("authenticated");
    await chat.says(new RegExp(`Number: ${who.order}[\\s\\S]*Tracking: not yet`));
    const transcript = await chat.transcript();
    assert.match(transcript, /being packed/);
    assert.match(transcript, /5 Mill Road, Boulder/);
    assert.equal(transcript.match(new RegExp(`Please track order ${who.order}`, "g")).length, 1, "the question had to be asked again");
    assert.ok(!/MARGIN/.test(transcript));
    assert.ok(await chat.on("card").isHidden());
    assert.deepEqual(company.asked(/^\/orders/).map(({ method, path, customer }) => [method, path, customer?.user_name]), [["GET", `/orders/${who.order}`, who.user_name]]);
    await assertGone(PASSWORD, WRONG);
    await shot(chat.page, "actions-answered");
  });

  test("asks to change the address, sees what will be done, and nothing is done before the yes", async () => {
    await chat.ask(`Change the delivery address of ${who.order} to ${ADDRESS}`);
    await settled().locator(".cs-yes").waitFor();
    assert.match(await settled().innerText(), new RegExp(`Change the delivery address[\\s\\S]*Order\\s+${who.order}[\\s\\S]*New address\\s+${ADDRESS}`));
    assert.equal(await settled().locator(".cs-no").count(), 1);
    assert.deepEqual(await chat.violations(), []);
    assert.equal(company.asked(/address/).length, 0);
    assert.deepEqual(company.effects, []);
    await shot(chat.page, "actions-confirm");
  });

  test("confirms, and exactly one change is made and told", async () => {
    await settled().locator(".cs-yes").dblclick();
    await chat.says(/That is done\.[\s\S]*9 Lake Street/);
    await until("the card to settle", async () => /Confirmed/.test(await settled().innerText()));
    assert.deepEqual(company.effects.map(({ order, address, user_id }) => [order, address, user_id]), [[who.order, ADDRESS, who.user_id]]);
    assert.equal(company.asked(/address/).length, 1);
    assert.ok(company.effects[0].key, "no Idempotency-Key");
    await shot(chat.page, "actions-done");
  });

  test("says no to another change, and nothing is done", async () => {
    await chat.ask(`Change the delivery address of ${who.order} to 1 Elm Street, Boulder, CO 80302`);
    await until("a second confirmation", async () => (await settled().locator(".cs-no").count()) === 1);
    await settled().locator(".cs-no").click();
    await chat.says(/I have not done that/);
    assert.equal(company.effects.length, 1);
  });

  test("reloads, and both confirmations stand as they were settled", async () => {
    await chat.reload();
    await chat.open();
    await chat.inState("authenticated");
    await until("both confirmations", async () => (await settled().count()) === 2);
    const [first, second] = await settled().allInnerTexts();
    assert.match(first, new RegExp(`${ADDRESS}[\\s\\S]*Confirmed`));
    assert.match(second, /1 Elm Street[\s\S]*Not done/);
    assert.equal(await settled().locator("button").count(), 0);
    await chat.says(/That is done\.[\s\S]*I have not done that/);
    assert.equal(company.asked(/address/).length, 1, "the reload made the change again");
    assert.ok(await chat.on("card").isHidden());
    await assertGone(PASSWORD, WRONG);
  });

  test("looks at what the chat remembers: fields, and of the token that it is kept secret", async () => {
    await chat.on("account").click();
    await chat.on("remembered").click();
    await chat.on("memory").waitFor();
    await until("the fields", async () => /Company id\s+northwind/.test(await chat.on("memory-fields").innerText()));
    const fields = await chat.on("memory-fields").innerText();
    assert.match(fields, /Name\s+Robin Reed/);
    assert.match(fields, /Token\s+kept secret/);
    assert.match(fields, /Refresh token\s+kept secret/);
    const everything = `${await shown()}\n${seen.join("\n")}`;
    for (const token of [...company.accounts.tokens.keys(), ...company.accounts.refreshTokens.keys()]) assert.ok(!everything.includes(token), "a token in the browser");
    assert.deepEqual(await chat.violations(), []);
    await shot(chat.page, "actions-memory");
  });

  test("erases it, and is asked for the company's log-in before an action can use it again", async () => {
    await chat.on("memory-erase").click();
    await chat.on("memory-erase").click();
    await until("nothing to be left", async () => /Nothing yet/.test(await chat.on("memory-fields").innerText()));
    await chat.on("memory-close").click();
    await chat.on("memory").waitFor({ state: "hidden" });
    const before = company.asked(/^\/orders/).length;
    await chat.ask(`Track order ${who.order}`);
    await chat.on("card").waitFor();
    await chat.on("field-password").waitFor();
    assert.equal(company.asked(/^\/orders/).length, before, "the action ran on what was erased");
    await signInWith(PASSWORD);
    await until("the order", () => company.asked(/^\/orders/).length === before + 1);
    await chat.on("card").waitFor({ state: "hidden" });
    await chat.says(new RegExp(`9 Lake Street[\\s\\S]*9 Lake Street[\\s\\S]*Address: ${ADDRESS}`));
    await assertGone(PASSWORD, WRONG);
  });

  test("nothing of it failed in the page, and nothing of it was told to the host page", () => {
    assert.deepEqual(seen.filter((text) => text.startsWith("error: ")), []);
    const told = seen.filter((text) => text.startsWith("{"));
    assert.ok(told.length > 0, "the host page heard nothing at all: the ear is deaf");
    for (const secret of [who.order, ADDRESS, who.user_name, who.email]) assert.ok(!told.join("\n").includes(secret), `${secret} was told to the host page`);
  });
});
