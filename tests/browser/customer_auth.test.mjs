// The room of customer auth: what is typed shows in the visitors' own widget beside it, and nothing is saved until it is saved.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { memberOf, ownerOf } from "../rig/members.mjs";
import { root } from "../rig/paths.mjs";
import { startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
let site;
let browser;
let owner;

before(async () => {
  if (skip) return;
  site = await startSite({ agents: (origins) => [agent("ag_northwind", { origins })] });
  browser = await startBrowser({ viewport: { width: 1360, height: 900 } });
  owner = await ownerOf(site.edge);
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

/** The room, opened by this member. */
async function open(member) {
  await browser.context.clearCookies();
  await browser.context.addCookies([...member.visitor.cookies].map(([name, value]) => ({ name, value, url: site.origin, secure: true, sameSite: "None" })));
  const page = await browser.page();
  await page.goto(`${site.origin}/console/agents/ag_northwind/customer-auth`);
  await page.getByRole("heading", { level: 1, name: "Customer auth" }).waitFor();
  const preview = page.frameLocator("iframe[title='Preview of the chat']");
  await preview.locator("#card-title").waitFor();
  return { page, preview };
}

async function violations(page) {
  const axe = readFileSync(path.join(root, "node_modules", "axe-core", "axe.min.js"), "utf8");
  await page.evaluate(`if (!window.axe) { ${axe}; } undefined`);
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} (${node.failureSummary})`));
  });
}

const version = async () => (await owner.get("agents/ag_northwind")).json().version;

test("what is typed shows in the preview and is saved when it is saved", { skip }, async () => {
  const { page, preview } = await open(owner);
  const before = await version();
  await page.getByLabel("Title", { exact: true }).fill("Who is asking?");
  await page.getByLabel("Subtitle", { exact: true }).fill("One moment");
  await until("the title in the preview", async () => (await preview.locator("#card-title").innerText()) === "Who is asking?");
  assert.equal(await preview.locator("#card-subtitle").innerText(), "One moment");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "INPUT");
  assert.equal(await version(), before);
  await page.getByRole("button", { name: "Save" }).click();
  await until("the next version", async () => (await version()) === before + 1);
  assert.equal((await owner.get("agents/ag_northwind")).json().settings.customer_auth.title, "Who is asking?");
  await page.close();
});

test("ways are switched on, brought into order by keyboard, and the card follows", { skip }, async () => {
  const { page, preview } = await open(owner);
  await page.getByRole("switch", { name: "Phone code" }).check();
  await page.getByRole("heading", { level: 2, name: "Phone codes" }).waitFor();
  await page.getByRole("button", { name: "Move Phone code up" }).press("Enter");
  await until("a phone's field in the preview", async () => (await preview.locator("#card-email").getAttribute("type").catch(() => "")) === "tel");
  await page.getByText("Phone code is now number 1 of 2.").waitFor({ state: "attached" });
  assert.deepEqual(await violations(page), []);
  await shot(page, "customer-auth-phone");
  await page.close();
});

test("the odds follow the digits, and every state can be looked at", { skip }, async () => {
  const { page, preview } = await open(owner);
  const odds = page.locator("[data-says=odds]");
  await until("the odds of six digits", async () => /0\.55 %/.test(await odds.innerText()));
  await page.getByLabel("Digits of a code").fill("8");
  await until("the odds of eight digits", async () => /0\.0091 %/.test(await odds.innerText()));
  await page.getByLabel("Show").selectOption("code");
  await preview.locator("#card-code").waitFor();
  await page.getByLabel("In", { exact: true }).selectOption("dark");
  await until("a dark preview", async () => (await preview.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor)) === "rgb(22, 24, 22)");
  assert.deepEqual(await violations(page), []);
  await shot(page, "customer-auth-light");
  await page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await violations(page), []);
  await shot(page, "customer-auth-dark");
  await page.close();
});

test("a test mail arrives at the member's own address, from what is not saved", { skip }, async () => {
  const { page } = await open(owner);
  await page.getByRole("button", { name: "Send me a test mail" }).click();
  await page.getByText("The mail service took it.").waitFor();
  await page.close();
});

test("an editor has the words and the preview, and nothing that decides who gets in", { skip }, async () => {
  const editor = await memberOf(site.edge, { email: "editor@example.com", agent: "ag_northwind", role: "editor" });
  const { page, preview } = await open(editor);
  await page.getByLabel("Title", { exact: true }).fill("Editors' title");
  await until("the title in the preview", async () => (await preview.locator("#card-title").innerText()) === "Editors' title");
  assert.equal(await page.getByRole("heading", { level: 2, name: "Ways to sign in" }).count(), 0);
  assert.deepEqual(await violations(page), []);
  await page.close();
});
