// console_first_paint_ratio: the console's first useful paint (a room with its settings in the fields, for who is signed in, nothing in
// the browser's cache) over that of a bare page that fetches the same files and then shows a heading. Both are loaded by turns in one
// browser from one edge, so that a slow machine slows both; medians of 15. In the detail also the same over the widget's page in
// which one can type. Held to no bar: a time of one machine is none of another's.

import { startBrowser } from "../rig/browser.mjs";
import { Console } from "../rig/console.mjs";
import { startSite } from "../rig/site.mjs";

const TIMES = 15;
const ROOM = "/console/agents/ag_northwind/general";

/** Runs in the page: notes when it can first be used, two frames after it stands. */
function watch() {
  const stands = () => {
    const { pathname } = location;
    if (pathname.startsWith("/console/")) return document.querySelector("h1")?.textContent === "General" && document.querySelector("main input")?.value;
    if (pathname.startsWith("/frame/")) return document.querySelector("#composer") && document.querySelector("#send") && !document.querySelector("#send").disabled;
    return document.querySelector("h1");
  };
  const look = () => {
    if (stands()) requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = performance.now(); }));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

const site = await startSite();
const browser = await startBrowser({ viewport: { width: 1280, height: 800 } });
try {
  const signedIn = await Console.member(browser, site, { where: ROOM });
  await signedIn.heading("General");
  const files = await signedIn.page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname).filter((name) => /\.(js|wasm|css)$/.test(name) && name.includes("console")));
  if (!files.some((name) => name.endsWith(".wasm"))) throw new Error(`the console loaded ${files}`);
  await signedIn.close();
  const bare = `<!doctype html><title>Bare</title><script>Promise.all(${JSON.stringify(files)}.map((file) => fetch(file).then((answer) => answer.arrayBuffer())))
    .then((all) => { window.bytes = all.reduce((sum, one) => sum + one.byteLength, 0); document.body.append(Object.assign(document.createElement("h1"), { textContent: "Bare" })); });</script><body></body>`;
  const page = await browser.page();
  await page.addInitScript(watch);
  // Every page comes through here, so that each pays for it.
  await page.route("**/*", (route) => (new URL(route.request().url()).pathname === "/bare" ? route.fulfill({ contentType: "text/html", body: bare }) : route.continue()));
  const network = await page.context().newCDPSession(page);
  const take = async (where) => {
    await page.goto("about:blank");
    await page.goto(site.origin + where);
    return (await page.waitForFunction(() => window.painted)).jsonValue();
  };
  await network.send("Network.enable");
  await network.send("Network.setCacheDisabled", { cacheDisabled: true });
  const kinds = { console: ROOM, bare: "/bare", widget: "/frame/ag_northwind" };
  const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  // The first of each is not counted: the edge reads its settings, the browser starts its processes.
  for (let n = 0; n <= TIMES; n += 1) {
    for (const [kind, where] of Object.entries(kinds)) {
      const taken = await take(where);
      if (n > 0) times[kind].push(taken);
    }
  }
  await page.goto(`${site.origin}/bare`);
  const bytes = await (await page.waitForFunction(() => window.bytes)).jsonValue();
  const ms = Object.fromEntries(Object.entries(times).map(([kind, all]) => [`${kind}_ms`, Math.round(median(all))]));
  const ratio = (one, other) => Math.round((100 * median(times[one])) / median(times[other])) / 100;
  const detail = { ...ms, over_the_widget: ratio("console", "widget"), bytes, loads: TIMES };
  console.log(JSON.stringify({ value: ratio("console", "bare"), detail }));
} finally {
  await browser.stop();
  await site.stop();
}
