// Two tabs of one browser while the key that signs cookies is changed: both come at once, both stay in (K7).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { freshKey } from "../rig/secrets.mjs";
import { Chat, startSite } from "../rig/site.mjs";
import { headOf } from "../rig/token.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
const [k1, k2] = [`k1:${freshKey()}`, `k2:${freshKey()}`];
let site;
let browser;

before(async () => {
  if (skip) return;
  // As long as what it is changed to.
  site = await startSite({ secrets: { COUNTERSIGN_SIGNING_KEYS: k1.padEnd(k1.length + k2.length + 1) } });
  browser = await startBrowser();
});
after(async () => {
  await browser?.stop();
  await site?.stop();
});

/** The token in the browser's jar. */
async function token() {
  const cookies = (await browser.context.cookies(site.origin)).filter(({ name }) => name.startsWith("__Host-cs_"));
  assert.ok(cookies.length <= 1, "two cookies of one name");
  return cookies[0]?.value;
}

test("two tabs that reload at once while keys rotate are both still signed in, and so they stay when the old key is gone", { skip }, async () => {
  const one = await Chat.at(browser, site);
  await one.open();
  await one.ask("Where is my order?");
  await one.on("card-email").waitFor();
  await one.signIn("ana@example.com");
  const two = await Chat.at(browser, site);
  await two.open();
  await two.inState("authenticated");
  assert.equal(headOf(await token()).kid, "k1");
  for (const keys of [`${k2},${k1}`, k2]) {
    await site.restartWith({ COUNTERSIGN_SIGNING_KEYS: keys });
    // Only a login that may be under way keeps a cookie from being signed again, and the card is done.
    await Promise.all([one, two].map(async (tab) => {
      await tab.reload();
      await tab.open();
      await tab.inState("authenticated");
    }));
    await until("a cookie of the newest key", async () => headOf(await token()).kid === "k2");
  }
  await two.ask("What is your return policy?");
  await one.says(/return policy/);
});
