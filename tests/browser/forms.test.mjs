// Forms of login actions on the card, and the card of a person who proves again who they are (M5, L2, R53).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { Stage, codeStep, loginCard, refusal, signInForm, startRememberingSite } from "../rig/played_edge.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const PASSWORD = " canary-hunter2 ";
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

async function atForm(more) {
  const stage = await Stage.open(browser, site);
  await stage.card(more);
  await stage.on("field-user_name").waitFor();
  return stage;
}

async function signIn(stage) {
  await stage.on("field-user_name").fill("ana");
  await stage.on("field-password").fill(PASSWORD);
  await stage.on("field-password").press("Enter");
}

test("axe finds nothing on a form, with an error, and at its next step, in light and dark", { skip }, async () => {
  const stage = await atForm();
  for (const colorScheme of ["light", "dark"]) {
    await stage.chat.page.emulateMedia({ colorScheme });
    assert.deepEqual(await stage.chat.violations(), [], `form, ${colorScheme}`);
    await stage.on("card-submit").click();
    await stage.says("card-error", /Fill in: User name/);
    assert.deepEqual(await stage.chat.violations(), [], `form with an error, ${colorScheme}`);
    await shot(stage.chat.page, `form-${colorScheme}`);
  }
  await stage.card({
    step: {
      at: "form",
      form: {
        action: "enter_code",
        title: "Enter the code from the message",
        fields: [
          { name: "code", label: "Code", kind: "number", autocomplete: "one-time-code" },
          { name: "region", label: "Region", kind: "choice", choices: [{ value: "eu", label: "Europe" }] },
          { name: "mail", label: "Email", kind: "email", optional: true },
          { name: "phone", label: "Phone", kind: "tel", optional: true },
        ],
      },
    },
  });
  await stage.on("field-code").waitFor();
  assert.deepEqual(await stage.chat.violations(), [], "next step");
  await stage.close();
});

test("a form is drawn from its fields: types, autocomplete, labels, and no capital letters", { skip }, async () => {
  const stage = await atForm();
  const name = stage.on("field-user_name");
  assert.equal(await name.getAttribute("type"), "text");
  assert.equal(await name.getAttribute("autocomplete"), "username");
  assert.equal(await name.getAttribute("autocapitalize"), "none");
  assert.equal(await name.getAttribute("required"), "");
  assert.equal(await stage.on("field-password").getAttribute("type"), "password");
  assert.equal(await stage.on("field-password").getAttribute("autocomplete"), "current-password");
  assert.equal(await stage.chat.frame.getByLabel("User name").getAttribute("id"), "field-user_name");
  assert.match(await stage.on("card-subtitle").innerText(), /Northwind account/);
  assert.ok(await stage.on("card-email").isHidden());
  await stage.close();
});

test("what was typed goes to the edge once, unchanged, and the password leaves its field at once", { skip }, async () => {
  const stage = await atForm();
  let answer;
  stage.answers["login/action"] = () => new Promise((resolve) => { answer = resolve; });
  await signIn(stage);
  const body = await stage.asked("login/action");
  assert.deepEqual(body, { card: loginCard().id, action: "sign_in", values: { user_name: "ana", password: PASSWORD } });
  assert.equal(await stage.on("field-password").inputValue(), "");
  assert.equal(await stage.on("field-user_name").inputValue(), "ana");
  assert.equal(await stage.on("card-submit").getAttribute("aria-disabled"), "true");
  await stage.on("field-user_name").press("Enter");
  answer({ json: { card: loginCard({ step: { at: "done" } }) } });
  await stage.on("card").waitFor({ state: "hidden" });
  assert.equal(stage.requests.length, 1);
  assert.ok(!(await stage.chat.frame.content()).includes(PASSWORD.trim()));
  await stage.focus("composer");
  await stage.close();
});

describe("a refused form", { skip }, () => {
  test("says what the company's API said, as text, and keeps all but the password", async () => {
    const stage = await atForm();
    stage.answers["login/action"] = refusal(422, "login_refused", "Unknown user <b>name</b>.");
    await signIn(stage);
    await stage.says("card-error", /Unknown user <b>name<\/b>\./);
    assert.equal(await stage.on("field-user_name").inputValue(), "ana");
    assert.equal(await stage.on("field-password").inputValue(), "");
    await stage.focus("field-password");
    await stage.close();
  });

  test("says it in the page's words where the API said nothing that may be shown", async () => {
    const stage = await atForm();
    stage.answers["login/action"] = refusal(422, "login_refused");
    await signIn(stage);
    await stage.says("card-error", /Check what you entered/);
    await stage.close();
  });

  test("that was tried too often says when it may be tried again", async () => {
    const stage = await atForm();
    stage.answers["login/action"] = refusal(429, "too_often", "x", { retry_after_s: 42 });
    await signIn(stage);
    await stage.says("card-error", /42 s/);
    await stage.close();
  });
});

test("a field that is missing is named, marked and gets the keyboard, and nothing is sent", { skip }, async () => {
  const stage = await atForm();
  await stage.on("field-user_name").fill("ana");
  await stage.on("field-user_name").press("Enter");
  await stage.says("card-error", /Fill in: Password/);
  await stage.focus("field-password");
  assert.equal(await stage.on("field-password").getAttribute("aria-invalid"), "true");
  assert.equal(await stage.on("field-user_name").getAttribute("aria-invalid"), "false");
  assert.deepEqual(stage.requests, []);
  await stage.close();
});

test("a password can be shown, is hidden again when it is sent, and is gone when the chat is closed", { skip }, async () => {
  const stage = await atForm();
  await stage.on("field-password").fill(PASSWORD);
  await stage.on("peek-password").click();
  assert.equal(await stage.on("field-password").getAttribute("type"), "text");
  assert.equal(await stage.on("peek-password").innerText(), "Hide");
  await stage.on("close").click();
  await until("the password to go", async () => (await stage.on("field-password").inputValue()) === "");
  assert.equal(await stage.on("field-password").getAttribute("type"), "password");
  await stage.close();
});

test("the methods' order says which way is shown first, and the others are a press away", { skip }, async () => {
  const stage = await Stage.open(browser, site);
  await stage.card({ methods: ["email_code", "login_action"] });
  await stage.focus("card-email");
  await stage.on("card-ways").getByText("Use your Northwind account").click();
  await stage.focus("field-user_name");
  await stage.on("field-password").fill(PASSWORD);
  await stage.on("card-ways").getByText("Use an email code").click();
  await stage.focus("card-email");
  assert.equal(await stage.on("field-password").count(), 0);
  await stage.close();
});

test("a login in two steps goes on with its next form", { skip }, async () => {
  const stage = await atForm();
  const form = signInForm({ action: "enter_code", title: "Enter the code", fields: [{ name: "code", label: "Code", kind: "text", autocomplete: "one-time-code" }] });
  stage.answers["login/action"] = { json: { card: loginCard({ step: { at: "form", form } }) } };
  await signIn(stage);
  await stage.focus("field-code");
  stage.answers["login/action"] = { json: { card: loginCard({ step: { at: "done" } }) } };
  await stage.on("field-code").fill("123456");
  await stage.on("field-code").press("Enter");
  await stage.on("card").waitFor({ state: "hidden" });
  assert.deepEqual(await stage.asked("login/action", 2), { card: loginCard().id, action: "enter_code", values: { code: "123456" } });
  await stage.close();
});

test("a person who proves again who they are gets the code where it always goes, and cannot change that", { skip }, async () => {
  const stage = await Stage.open(browser, site, { state: "authenticated", label: "ana@example.com" });
  const card = { methods: ["email_code"], forms: [], address: "ana@example.com" };
  await stage.on("composer").focus();
  await stage.card(card);
  await stage.focus("card-title");
  assert.match(await stage.on("card-to").innerText(), /ana@example\.com/);
  assert.ok(await stage.on("card-email").isHidden());
  assert.deepEqual(await stage.chat.violations(), []);
  stage.answers["login/start"] = { json: { card: loginCard({ ...card, step: codeStep("ana@example.com") }) } };
  await stage.on("card-send").click();
  await stage.focus("card-code");
  assert.equal((await stage.asked("login/start")).address, "ana@example.com");
  assert.ok(await stage.on("card-change").isHidden());
  await stage.chat.inState("authenticated");
  stage.answers["login/verify"] = refusal(409, "other_person");
  await stage.on("card-code").fill("123456");
  await stage.says("card-error", /another account/);
  await stage.close();
});
