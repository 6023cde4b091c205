// The console's rooms about people: members, tokens, conversations and the audit, as an owner uses them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { Visitor } from "../rig/client.mjs";
import { Console } from "../rig/console.mjs";
import { mailNumber } from "../rig/inbox.mjs";
import { Holder, assertProblem } from "../rig/members.mjs";
import { startSite } from "../rig/site.mjs";

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
  await owner.says(/The role is changed/);
  await owner.page.getByRole("button", { name: "Remove ana@example.com" }).click();
  await owner.says("ana@example.com is removed.");
  await owner.page.getByRole("button", { name: "Remove ana@example.com" }).waitFor({ state: "detached" });
  // The last owner stays.
  await owner.page.getByRole("button", { name: "Remove owner@example.com" }).click();
  await owner.says(/This is the last owner/);
  await sound();
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

test("the audit is filtered by the address and says in words what happened", { skip }, async () => {
  await opened("audit?kind=conversation_read", "Audit");
  await owner.page.locator("tbody").getByText("Conversation read").first().waitFor();
  await owner.field("Show").selectOption("login_succeeded");
  await owner.page.locator("tbody").getByText("Login succeeded").first().waitFor();
  assert.match(owner.page.url(), /kind=login_succeeded$/);
  await sound();
  const [download] = await Promise.all([owner.page.waitForEvent("download"), owner.link("Export").click()]);
  assert.equal(download.suggestedFilename(), "ag_northwind-audit.ndjson");
});
