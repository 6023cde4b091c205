// The console's rooms about people: members, tokens, conversations and the audit, as an owner uses them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Visitor } from "../rig/client.mjs";
import { Console } from "../rig/console.mjs";
import { mailNumber } from "../rig/inbox.mjs";
import { Holder, assertProblem, ownerOf } from "../rig/members.mjs";
import { startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const HOME = "/console/agents/ag_northwind";
let site;
let browser;
let owner;

before(async () => {
  if (skip) return;
  site = await startSite();
  browser = await startBrowser({ viewport: { width: 1280, height: 800 } });
  owner = await Console.member(browser, site);
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

/** Opens a room and insists that nothing is wrong with it. */
async function opened(room, heading) {
  await owner.visit(`${HOME}/${room}`);
  await owner.heading(heading);
}

async function sound() {
  assert.deepEqual(await owner.violations(), []);
  assert.deepEqual(owner.failures, []);
}

test("an owner invites somebody, who joins, gets another role and is removed", { skip }, async () => {
  await opened("members", "Members");
  await owner.type("Email address", "not an address");
  await owner.press("Send the invitation");
  await owner.says(/not one email address/);
  await owner.type("Email address", "ana@example.com");
  await owner.press("Send the invitation");
  await owner.says(/An invitation went to ana@example.com/);
  await owner.page.getByRole("button", { name: "Send again to ana@example.com" }).waitFor();
  await sound();
  const link = /https:\/\/\S+\/console\/claim#\S+/.exec((await mailNumber(site.edge, "ana@example.com")).text)[0];
  const own = await startBrowser();
  try {
    const ana = await Console.at(own, site, new URL(link).pathname + new URL(link).hash);
    await ana.signIn("ana@example.com");
    await ana.press("Accept");
    await ana.says("There is one agent that you may open.");
    assert.deepEqual(ana.failures, []);
  } finally {
    await own.stop();
  }
  await opened("members", "Members");
  await owner.field("Role of ana@example.com").selectOption("analyst");
  await owner.press("Change the role");
  await owner.says(/The role is changed/);
  await owner.page.getByRole("button", { name: "Remove ana@example.com" }).click();
  await owner.says("ana@example.com is removed.");
  await owner.page.getByRole("button", { name: "Remove ana@example.com" }).waitFor({ state: "detached" });
  // The last owner stays.
  await owner.page.getByRole("button", { name: "Remove owner@example.com" }).click();
  await owner.says(/This is the last owner/);
  await sound();
});

test("another role is asked about first: who, from what to what, and the tokens that go with it", { skip }, async () => {
  const { page } = owner;
  const second = await ownerOf(site.edge, "second@example.com");
  const made = await second.post("agents/ag_northwind/tokens", { name: "Export", scopes: ["settings:read"], days: 30 });
  const holder = new Holder(site.edge, made.json().token);
  const works = async () => (await holder.get("agents/ag_northwind")).status;
  assert.equal(await works(), 200);
  await opened("members", "Members");
  const role = owner.field("Role of second@example.com");
  const asked = page.getByRole("dialog", { name: "Change the role?" });
  for (const leave of [() => owner.press("Cancel"), () => page.keyboard.press("Escape")]) {
    await role.selectOption("editor");
    await asked.getByText("second@example.com: Owner → Editor, for every agent.").waitFor();
    await asked.getByText(/API tokens and invitations that this member made/).waitFor();
    await sound();
    await leave();
    await asked.waitFor({ state: "hidden" });
    assert.equal(await role.inputValue(), "owner");
  }
  assert.equal(await works(), 200);
  await role.selectOption("editor");
  await owner.press("Change the role");
  await owner.says(/The role is changed/);
  assert.equal(await role.inputValue(), "editor");
  assert.equal(await works(), 401);
  // Who is refused sees what is so.
  const alone = owner.field("Role of owner@example.com");
  await alone.selectOption("analyst");
  await owner.press("Change the role");
  await owner.says(/This is the last owner/);
  await until("the role to be as it was", async () => await alone.inputValue() === "owner");
  // Nothing is said of tokens where none can be.
  await role.selectOption("analyst");
  await asked.getByText("second@example.com: Editor → Analyst, for every agent.").waitFor();
  assert.equal(await asked.getByText(/API tokens/).count(), 0);
  await owner.press("Cancel");
  await sound();
});

test("who takes their own role away is told what they lose, and sees it at once", { skip }, async () => {
  const own = await startBrowser({ viewport: { width: 1280, height: 800 } });
  try {
    const third = await Console.member(own, site, { email: "third@example.com", where: `${HOME}/members` });
    await third.field("Role of third@example.com").selectOption("editor");
    await third.says(/This is you. You will no longer be able to open this room/);
    assert.deepEqual(await third.violations(), []);
    await shot(third.page, "console-role");
    await third.press("Change the role");
    await third.says("Your role does not open this room. Ask an owner.");
    assert.deepEqual(third.failures, []);
  } finally {
    await own.stop();
  }
});

test("a token is made, copied once, used and revoked", { skip }, async () => {
  await opened("tokens", "API tokens");
  await owner.says("There is no token yet");
  await sound();
  await owner.button("Make a token").first().click();
  await owner.press("Make it");
  await owner.says(/Say what the token is for/);
  await owner.type("What it is for", "Nightly export");
  await owner.press("Make it");
  await owner.says("Copy the token now");
  const token = (await owner.page.locator("dialog[open] code").textContent()).trim();
  assert.match(token, /^cst_[A-Za-z0-9_-]{43}$/);
  await sound();
  await owner.press("I have copied it");
  const holder = new Holder(site.edge, token);
  assert.equal((await holder.get("agents/ag_northwind")).status, 200);
  assert.ok(!(await owner.page.content()).includes(token));
  await owner.page.getByRole("button", { name: "Revoke Nightly export" }).click();
  await owner.press("Revoke");
  await owner.says(/It opens nothing any more/);
  assertProblem(await holder.get("agents/ag_northwind"), 401, "signed_out");
});

test("conversations are listed, filtered by the address, and watched live without addresses", { skip }, async () => {
  const visitor = new Visitor(site.edge);
  const { line } = await visitor.signIn("bo@example.com");
  await opened("conversations?state=authenticated", "Conversations");
  assert.equal(await owner.field("State").inputValue(), "authenticated");
  await owner.field("Method").selectOption("google");
  await owner.says("There is no conversation like this");
  assert.match(owner.page.url(), /state=authenticated&method=google$/);
  await owner.field("Method").selectOption("email_code");
  await owner.page.locator("tbody th a").first().click();
  await owner.heading("Conversation");
  await owner.says("Login succeeded");
  await line.say("Is anybody there? Write to bo@example.com");
  await owner.says("Is anybody there? Write to b•••@example.com");
  assert.ok(!(await owner.page.content()).includes("bo@example.com"));
  await sound();
  await visitor.leave();
});

test("an answer that comes after that of a later question is not shown", { skip }, async () => {
  const visitor = new Visitor(site.edge);
  await visitor.signIn("carl@example.com");
  const { page } = owner;
  const earlier = (await (await ownerOf(site.edge, "another@example.com")).get("agents/ag_northwind/conversations?state=authenticated")).text;
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  const late = page.waitForResponse((response) => response.url().endsWith("/conversations?state=authenticated"));
  await page.route(/\/conversations\?state=authenticated$/, async (route) => {
    if (route.request().resourceType() === "document") return route.continue();
    await held;
    return route.fulfill({ contentType: "application/json", body: earlier });
  });
  await opened("conversations?state=authenticated", "Conversations");
  await owner.field("Method").selectOption("google");
  await owner.says("There is no conversation like this");
  release();
  await (await late).finished();
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 200); }));
  await owner.says("There is no conversation like this");
  assert.equal(await page.locator("tbody tr").count(), 0);
  await page.unroute(/\/conversations\?state=authenticated$/);
  await visitor.leave();
});

test("the audit is filtered by the address and says in words what happened", { skip }, async () => {
  await opened("audit?kind=conversation_read", "Audit");
  await owner.page.locator("tbody").getByText("Conversation read").first().waitFor();
  await owner.field("Show").selectOption("login_succeeded");
  await owner.page.locator("tbody").getByText("Login succeeded").first().waitFor();
  assert.match(owner.page.url(), /kind=login_succeeded$/);
  await sound();
  // Who did it stands there by their address, which the trail itself has not.
  await opened("audit", "Audit");
  await owner.page.locator("tbody").getByText("By: owner@example.com").first().waitFor();
  const trail = await owner.page.evaluate(async () => (await fetch("/api/admin/agents/ag_northwind/audit")).text());
  assert.match(trail, /"by"/);
  assert.doesNotMatch(trail, /@example\.com/);
  const [download] = await Promise.all([owner.page.waitForEvent("download"), owner.link("Export").click()]);
  assert.equal(download.suggestedFilename(), "ag_northwind-audit.ndjson");
});
