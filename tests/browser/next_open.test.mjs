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
const save = async (patch) => {
  const { version } = (await marketer.get(path)).json();
  const saved = await marketer.patch(path, patch, version);
  assert.equal(saved.status, 200, saved.text);
};
const accent = (chat) => chat.frame.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--accent").trim());
const toggle = (chat, word) => chat.page.evaluate((name) => window.Countersign[name](), word);

test("the next opening has the new colour, and the next card the new words, without a reload of the page", { skip }, async () => {
  const chat = await Chat.at(browser, site);
  await chat.page.evaluate(() => { window.untouched = true; });
  await chat.open();
  assert.equal(await accent(chat), "#1f6f5c");
  await save({ theme: { accent: "#7a1f6f" }, customer_auth: { title: "Who is asking?", subtitle: "One moment" } });
  await toggle(chat, "close");
  // Settings live for seconds in the edge's memory.
  await until("the new colour at an opening", async () => {
    await toggle(chat, "open");
    await chat.opened();
    const shown = await accent(chat).catch(() => "");
    if (shown !== "#7a1f6f") await toggle(chat, "close");
    return shown === "#7a1f6f";
  });
  await chat.opened();
  await chat.ask("Where is my order?");
  await chat.on("card").waitFor();
  assert.equal(await chat.on("card-title").innerText(), "Who is asking?");
  assert.equal(await chat.on("card-subtitle").innerText(), "One moment");
  assert.equal(await chat.page.evaluate(() => window.untouched), true);
  await chat.page.close();
});

test("an opening without a change keeps the page, and nothing that was typed is lost by one", { skip }, async () => {
  await browser.context.clearCookies();
  const chat = await Chat.at(browser, site);
  await chat.open();
  await chat.frame.evaluate(() => { window.same = true; });
  await toggle(chat, "close");
  const asked = chat.page.waitForResponse((response) => response.url().endsWith("/frame/ag_northwind"));
  await toggle(chat, "open");
  assert.equal((await asked).status(), 304);
  assert.equal(await chat.frame.evaluate(() => window.same), true);
  await chat.on("composer").fill("Half a question");
  await toggle(chat, "close");
  const frame = () => fetch(`${site.edge.url}/frame/ag_northwind`).then((response) => response.headers.get("etag"));
  const tag = await frame();
  await save({ theme: { radius: 3 } });
  await until("the edge to have the change", async () => (await frame()) !== tag);
  await toggle(chat, "open");
  await until("the focus in the text field", async () => (await chat.focused()) === "composer");
  assert.equal(await chat.on("composer").inputValue(), "Half a question");
  assert.equal(await chat.frame.evaluate(() => window.same), true);
  await chat.page.close();
});
