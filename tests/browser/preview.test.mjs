// The console's preview: the visitors' own widget, every state, both schemes; it shows what is typed at once, and nothing leaves it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, shot, startBrowser } from "../rig/browser.mjs";
import { memberOf } from "../rig/members.mjs";
import { Preview, SCENES } from "../rig/preview.mjs";
import { startSite } from "../rig/site.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
let site;
let browser;
let member;
let preview;

before(async () => {
  if (skip) return;
  site = await startSite();
  browser = await startBrowser();
  member = await memberOf(site.edge, { email: "marketer@example.com", agent: "ag_northwind", role: "editor" });
  preview = await Preview.open(browser, site, member);
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

/** What shows that a scene is there. */
const SIGNS = {
  welcome: ".cs-greeting", question: "progress", answer: ".cs-answer", card: "card-email", email: "card-email", phone: "card-email", google: "card-first",
  form: "#field-password", lookup: "card-email", passkey: "card-passkey", code: "card-code", code_phone: "card-code", code_failed: "card-error",
  code_refused: "card-error", locked: "card-error", match: "card-code", signed_in: '#state[data-state="authenticated"]', confirm: ".cs-yes",
  confirmed: ".cs-confirm", declined: ".cs-confirm", interrupted: ".cs-retry", offline: "banner",
};
const SAYS = { code_refused: /did not work/, locked: /tried too often/, code_failed: /could not|not.*sent|fail/i };

for (const scheme of ["light", "dark"]) {
  test(`every state stands in ${scheme}, and axe finds nothing`, { skip }, async () => {
    for (const state of SCENES) {
      await preview.scene(state, { scheme });
      await preview.on(SIGNS[state]).first().waitFor();
      if (SAYS[state]) await until(`${state} to say so`, async () => SAYS[state].test(await preview.on(SIGNS[state]).innerText()));
      const dark = await preview.frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(dark, scheme === "dark" ? "rgb(22, 24, 22)" : "rgb(251, 251, 249)", state);
      assert.deepEqual(await preview.violations(), [], `${state} in ${scheme}`);
      await shot(preview.page, `preview-${state}-${scheme}`);
    }
  });
}

test("what is typed shows within a tenth of a second, and the page stays", { skip }, async () => {
  await preview.scene("card");
  const loads = await preview.page.evaluate(() => window.ready);
  const took = [];
  for (const title of ["S", "Si", "Sign in, please"]) {
    await preview.frame.evaluate((wanted) => {
      window.seen = new Promise((done) => {
        const heading = document.getElementById("card-title");
        new MutationObserver(() => heading.textContent === wanted && done(performance.timeOrigin + performance.now())).observe(heading, { childList: true, characterData: true, subtree: true });
      });
    }, title);
    const at = await preview.page.evaluate(() => performance.timeOrigin + performance.now());
    await preview.show({ card: { title }, look: { accent: "#7a1f6f", ink: "#ffffff", radius: 4 }, greeting: "Good day!", name: "Renamed" });
    took.push(await preview.frame.evaluate(() => window.seen) - at);
  }
  assert.ok(Math.max(...took) < 100, `${took}`);
  assert.equal(await preview.on("card-send").evaluate((button) => getComputedStyle(button).backgroundColor), "rgb(122, 31, 111)");
  assert.equal(await preview.on("h1, h1").count() >= 0 && await preview.frame.locator("h1").innerText(), "Renamed");
  assert.equal(await preview.page.evaluate(() => window.ready), loads);
});

test("a language that is written from the right turns the page around", { skip }, async () => {
  const arabic = await Preview.open(browser, site, member, "ag_northwind?lang=ar");
  await arabic.scene("card", { lang: "ar", card: { title: "تسجيل الدخول" } });
  assert.equal(await arabic.frame.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`), "ar rtl");
  assert.equal(await arabic.on("card-title").innerText(), "تسجيل الدخول");
  assert.equal(await arabic.on("card-title").evaluate((title) => `${title.lang} ${getComputedStyle(title).direction}`), "ar rtl");
  await shot(arabic.page, "preview-arabic");
  await arabic.page.close();
});

test("another method at the front changes the card", { skip }, async () => {
  await preview.scene("card", { card: { methods: ["phone_code", "email_code", "google"], channels: ["sms"] } });
  await until("a phone's field", async () => (await preview.on("card-email").getAttribute("type")) === "tel");
  await preview.scene("card", { card: { methods: ["google"] } });
  await preview.on("#card-first #card-google").waitFor();
});

test("whoever writes and signs in there reaches nobody: no request but for the widget's files, no socket, no cookie", { skip }, async () => {
  const before = await preview.page.context().cookies();
  preview.requests.length = 0;
  await preview.scene("card");
  await preview.on("card-email").fill("visitor@example.com");
  await preview.on("card-send").click();
  await preview.on("card-code").waitFor();
  await preview.on("card-code").fill("123456");
  await preview.on('#state[data-state="authenticated"]').waitFor();
  await preview.on("composer").fill("My secret question");
  await preview.on("send").click();
  await until("the preview's answer", async () => /nothing that you write here is sent/.test(await preview.on("log").innerText()));
  const foreign = preview.requests.filter((line) => !/^GET \/(a\/|console\/preview\/)/.test(line));
  assert.deepEqual(foreign, []);
  assert.deepEqual(await preview.page.context().cookies(), before);
  const reached = await preview.frame.evaluate(async () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const tries = [
      () => XMLHttpRequest && new Promise((yes, no) => {
        const request = new XMLHttpRequest();
        request.onload = yes;
        request.onerror = no;
        request.open("GET", "/health");
        request.send();
      }),
      () => new Promise((yes, no) => Object.assign(new Image(), { onload: yes, onerror: no, src: "/health" })),
      () => navigator.sendBeacon("/health", "x") ? Promise.reject() : Promise.reject(),
      () => localStorage.setItem("x", "y"),
      () => parent.document.title,
    ];
    return (await Promise.allSettled(tries.map(async (one) => one()))).map(({ status }) => status);
  });
  assert.deepEqual(reached, ["rejected", "rejected", "rejected", "rejected", "rejected"]);
});

test("the page is there for members who may see the texts, and for nobody else", { skip }, async () => {
  const path = "/console/preview/ag_northwind";
  const seen = await member.visitor.send(path, { method: "GET" });
  assert.equal(seen.status, 200);
  assert.match(seen.headers["content-security-policy"], /^sandbox allow-scripts allow-forms; default-src 'none'/);
  assert.ok(!seen.setCookie.length);
  const analyst = await memberOf(site.edge, { email: "analyst@example.com", agent: "ag_northwind", role: "analyst" });
  const other = await memberOf(site.edge, { email: "other@example.com", agent: "ag_other", role: "owner" });
  for (const one of [analyst, other]) assert.equal((await one.visitor.send(path, { method: "GET" })).status, 404);
  assert.equal((await member.visitor.send(path, { method: "GET", headers: { cookie: "" } })).status, 404);
  assert.equal((await member.visitor.send(path, { method: "POST", body: {} })).status, 405);
  for (const wrong of ["/console/preview/", "/console/preview/x", "/console/preview/ag_console", "/console/preview/ag_none"]) {
    assert.equal((await member.visitor.send(wrong, { method: "GET" })).status, 404, wrong);
  }
  // Any other page that embeds it sees nothing.
  assert.match(seen.headers["content-security-policy"], new RegExp(`frame-ancestors ${site.origin}$`));
});
