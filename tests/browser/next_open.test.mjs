// A marketer changes title, subtitle and colour: a visitor's page that is open shows it when they open the chat the next time.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { memberOf } from "../rig/members.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
let site;
let browser;
let marketer;

before(async () => {
  if (skip) return;
  site = await startSite();
  browser = await startBrowser();
  marketer = await memberOf(site.edge, { email: "marketer@example.com", agent: "ag_northwind", role: "editor" });
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

const path = "agents/ag_northwind";
const page = () => fetch(`${site.edge.url}/frame/ag_northwind`).then((response) => response.headers.get("etag"));

/** Saves, and waits until the edge has it: settings live for seconds in its memory. */
const save = async (patch) => {
  const { version } = (await marketer.get(path)).json();
  const before = await page();
  const saved = await marketer.patch(path, patch, version);
  assert.equal(saved.status, 200, saved.text);
  await until("the edge to have the change", async () => (await page()) !== before);
};
const accent = (chat) => chat.frame.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--accent").trim());
const toggle = (chat, word) => chat.page.evaluate((name) => window.Countersign[name](), word);
const shows = (chat, colour) => until(`the colour ${colour}`, async () => (await accent(chat)) === colour);
const isSame = (chat) => chat.frame.evaluate(() => window.same === true);

/** A chat that was opened once. */
async function opened() {
  await browser.context.clearCookies();
  const chat = await Chat.at(browser, site);
  await chat.open();
  await chat.frame.evaluate(() => { window.same = true; });
  await toggle(chat, "close");
  return chat;
}

/** Has the page wait when it looks for newer settings: `{asked, go()}`. */
async function held(chat) {
  const gate = { asked: 0 };
  const open = new Promise((resolve) => { gate.go = resolve; });
  await chat.page.route("**/frame/ag_northwind", async (route) => {
    if (route.request().headers()["if-none-match"]) {
      gate.asked += 1;
      await open;
    }
    await route.continue();
  });
  return gate;
}

test("the next opening has the new colour, and the next card the new words, without a reload of the page", { skip }, async () => {
  const chat = await opened();
  await chat.page.evaluate(() => { window.untouched = true; });
  assert.equal(await accent(chat), "#1f6f5c");
  await save({ theme: { accent: "#7a1f6f" }, customer_auth: { title: "Who is asking?", subtitle: "One moment" } });
  await toggle(chat, "open");
  await shows(chat, "#7a1f6f");
  await chat.opened();
  await chat.ask("Where is my order?");
  await chat.on("card").waitFor();
  assert.equal(await chat.on("card-title").innerText(), "Who is asking?");
  assert.equal(await chat.on("card-subtitle").innerText(), "One moment");
  assert.equal(await chat.page.evaluate(() => window.untouched), true);
  await chat.page.close();
});

test("an opening without a change keeps the page, and nothing that was typed is lost by one", { skip }, async () => {
  const chat = await opened();
  const asked = () => chat.page.waitForResponse((response) => response.url().endsWith("/frame/ag_northwind"));
  const [same] = await Promise.all([asked(), toggle(chat, "open")]);
  assert.equal(same.status(), 304);
  assert.equal(await isSame(chat), true);
  await chat.on("composer").fill("Half a question");
  await toggle(chat, "close");
  await save({ theme: { radius: 3 } });
  const [changed] = await Promise.all([asked(), toggle(chat, "open")]);
  assert.equal(changed.status(), 200);
  await until("the focus in the text field", async () => (await chat.focused()) === "composer");
  assert.equal(await chat.on("composer").inputValue(), "Half a question");
  assert.equal(await isSame(chat), true);
  await chat.page.close();
});

test("who types or presses while the page looks for a change keeps it", { skip }, async () => {
  for (const [radius, act, kept] of [
    [5, (chat) => chat.on("composer").fill("Where is"), async (chat) => (await chat.on("composer").inputValue()) === "Where is"],
    [6, (chat) => chat.ask("What is your return policy?"), async (chat) => /30 days/.test(await chat.transcript())],
  ]) {
    const chat = await opened();
    await save({ theme: { radius } });
    const gate = await held(chat);
    await toggle(chat, "open");
    await until("the page to look", () => gate.asked === 1);
    await act(chat);
    const [answer] = await Promise.all([chat.page.waitForResponse((response) => response.url().endsWith("/frame/ag_northwind")), gate.go()]);
    assert.equal(answer.status(), 200);
    await until("what was typed or said", () => kept(chat));
    assert.equal(await isSame(chat), true);
    await chat.page.close();
  }
});

test("somebody who opens and closes again and again has the page look once, and come anew once", { skip }, async () => {
  const chat = await opened();
  await save({ theme: { accent: "#123f6f" } });
  const gate = await held(chat);
  for (let times = 0; times < 20; times += 1) {
    await toggle(chat, "open");
    await toggle(chat, "close");
  }
  await until("the page to look", () => gate.asked > 0);
  assert.equal(gate.asked, 1);
  gate.go();
  // It comes anew while it is closed: who opens it sees no change happen.
  await shows(chat, "#123f6f");
  await toggle(chat, "open");
  await chat.opened();
  await chat.ask("What is your return policy?");
  await chat.says(/30 days/);
  await chat.page.close();
});
