// The rig itself: third-party cookies are really blocked, and really allowed, or the other browser tests show nothing.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, before, test } from "node:test";

import { noBrowser, startBrowser } from "../rig/browser.mjs";
import { startShop } from "../rig/shop.mjs";
import { startTls } from "../rig/tls.mjs";
import { until } from "../rig/wait.mjs";

const skip = noBrowser();
let control;
let tls;
let shop;
const sent = [];

before(async () => {
  // A page for an iframe that sets one cookie of each kind and reports which of them came back.
  control = createServer((incoming, outgoing) => {
    if (incoming.url === "/again") sent.push(incoming.headers.cookie ?? "");
    outgoing.writeHead(200, {
      "content-type": "text/html",
      "set-cookie": [
        "__Host-parted=1; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
        "__Host-whole=1; Path=/; Secure; HttpOnly; SameSite=None",
      ],
    });
    outgoing.end(incoming.url === "/first" ? '<!doctype html><meta http-equiv="refresh" content="0;url=/again">' : "<!doctype html>again");
  });
  control.listen(0, "127.0.0.1");
  await once(control, "listening");
  tls = await startTls();
  tls.to(control.address().port);
  shop = await startShop({ "/": `<!doctype html><iframe src="${tls.origin("edge")}/first"></iframe>` });
});

after(async () => {
  await shop?.stop();
  await tls?.stop();
  control?.close();
});

for (const [thirdPartyCookies, expected] of [["blocked", ["__Host-parted=1"]], ["allowed", ["__Host-parted=1", "__Host-whole=1"]]]) {
  test(`with third-party cookies ${thirdPartyCookies} the frame sends ${expected.join(" and ")}`, { skip }, async () => {
    sent.length = 0;
    const browser = await startBrowser({ thirdPartyCookies });
    try {
      const page = await browser.page();
      await page.goto(`${shop.origin()}/`);
      await until("the frame's second request", () => sent.length > 0);
      assert.deepEqual(sent[0].split("; ").sort(), expected);
    } finally {
      await browser.stop();
    }
  });
}
