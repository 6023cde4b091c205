// What this chat remembers about a person: theirs to see and to erase (A1).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { startSite } from "../rig/site.mjs";
import { Stage, refusal, startRememberingSite } from "../rig/played_edge.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const since = "2026-11-21T12:00:00.000Z";
const FIELDS = { json: { fields: [{ name: "company_id", value: "c-7", since }, { name: "token", since }] } };
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

async function opened(answer = FIELDS) {
  const stage = await Stage.open(browser, site, { state: "authenticated", label: "ana@example.com" });
  stage.answers.remembered = answer;
  await stage.on("account").click();
  await stage.on("remembered").click();
  await stage.on("memory").waitFor();
  await stage.asked("remembered");
  return stage;
}

test("the dialog shows each field, and of a secret that it is one", { skip }, async () => {
  const stage = await opened();
  await stage.says("memory-fields", /Company id\s+c-7\s+Token\s+kept secret/);
  assert.equal(stage.requests[0].verb, "GET");
  await stage.focus("memory-close");
  for (const colorScheme of ["light", "dark"]) {
    await stage.chat.page.emulateMedia({ colorScheme });
    assert.deepEqual(await stage.chat.violations(), [], colorScheme);
    await shot(stage.chat.page, `memory-${colorScheme}`);
  }
  await stage.close();
});

test("Escape closes the dialog and not the chat, and the keyboard goes back", { skip }, async () => {
  const stage = await opened();
  await stage.chat.page.keyboard.press("Escape");
  await stage.on("memory").waitFor({ state: "hidden" });
  await stage.focus("account");
  assert.ok(await stage.on("composer").isVisible());
  await stage.close();
});

test("where nothing is remembered it says so and there is nothing to erase", { skip }, async () => {
  const stage = await opened({ json: { fields: [] } });
  await stage.says("memory-fields", /Nothing yet/);
  assert.ok(await stage.on("memory-erase").isHidden());
  await stage.close();
});

test("it is erased after a second yes, which a double click is not", { skip }, async () => {
  const stage = await opened();
  const erase = stage.on("memory-erase");
  await erase.dblclick();
  await stage.says("memory-erase", /Yes/);
  await stage.says("memory-error", /cannot be undone/);
  assert.deepEqual(await stage.chat.violations(), []);
  assert.equal(stage.requests.length, 1);
  stage.answers["remembered/erase"] = { status: 204 };
  await erase.click();
  assert.deepEqual(await stage.asked("remembered/erase"), {});
  await stage.says("memory-fields", /Nothing yet/);
  await until("the button to go", () => erase.isHidden());
  await stage.focus("memory-close");
  await stage.on("memory-close").click();
  await stage.on("memory").waitFor({ state: "hidden" });
  assert.ok(await stage.on("account-menu").isHidden());
  await stage.close();
});

test("a failure is said in the dialog, what it shows stays, and it asks anew", { skip }, async () => {
  const stage = await opened();
  stage.answers["remembered/erase"] = refusal(503, "unavailable");
  await stage.on("memory-erase").click();
  await stage.on("memory-erase").click();
  await stage.says("memory-error", /on our side/);
  await stage.says("memory-fields", /Company id/);
  await stage.says("memory-erase", /^Erase it$/);
  await stage.close();
});

test("an agent that remembers nothing has no such button", { skip }, async () => {
  const forgetful = await startSite();
  try {
    const stage = await Stage.open(browser, forgetful, { state: "authenticated", label: "ana@example.com" });
    await stage.on("account").click();
    assert.equal(await stage.on("remembered").count(), 0);
    await stage.close();
  } finally {
    await forgetful.stop();
  }
});
