// The frame page, the loader and what they may be embedded in (R38, R42, E9).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { request } from "../rig/http.mjs";

const HOSTILE = `</title><img src=x onerror=alert(1)>"'`;
let edge;

before(async () => {
  edge = await startEdge({
    agents: [
      agent("ag_northwind", { origins: ["https://shop.test", "https://*.shops.test"] }),
      agent("ag_hostile", {
        name: HOSTILE,
        greeting: `${HOSTILE}</script>`,
        suggested: [`${HOSTILE}</script><script>alert(1)</script>`],
        auth: { title: HOSTILE, subtitle: HOSTILE },
        theme: { accent: "#123456", radius: 10 },
      }),
      agent("ag_nowhere", { origins: [] }),
    ],
  });
});
after(() => edge?.stop());

const get = (path, headers) => request(edge.url + path, { headers });
const directive = (response, name) => (response.headers["content-security-policy"] ?? "")
  .split(";").map((part) => part.trim()).find((part) => part.startsWith(`${name} `));

describe("the frame page", () => {
  test("may be embedded by the agent's origins and by nobody else", async () => {
    const page = await get("/frame/ag_northwind");
    assert.equal(page.status, 200);
    assert.match(page.headers["content-type"], /^text\/html/);
    assert.deepEqual(directive(page, "frame-ancestors").split(/\s+/).slice(1).sort(), ["https://*.shops.test", "https://shop.test"]);
  });

  test("of an unknown agent is 404 and may be embedded by nobody", async () => {
    for (const path of ["/frame/ag_unknown", "/frame/ag_", "/frame/nonsense", "/frame/ag_northwind/", "/frame/", "/frame/ag_%00", "/frame/..%2fag_northwind"]) {
      const page = await get(path);
      assert.equal(page.status, 404, path);
      assert.equal(directive(page, "frame-ancestors"), "frame-ancestors 'none'", path);
    }
  });

  test("of an agent without origins may be embedded by nobody", async () => {
    const page = await get("/frame/ag_nowhere");
    assert.equal(page.status, 200);
    assert.equal(directive(page, "frame-ancestors"), "frame-ancestors 'none'");
  });

  test("runs nothing but its own scripts", async () => {
    const page = await get("/frame/ag_northwind");
    assert.equal(directive(page, "default-src"), "default-src 'none'");
    const scripts = directive(page, "script-src");
    assert.match(scripts, /'wasm-unsafe-eval'/);
    assert.doesNotMatch(scripts, /'unsafe-inline'|'unsafe-eval'|\*|https?:/);
    assert.doesNotMatch(directive(page, "style-src") ?? "", /'unsafe-inline'/);
    for (const name of ["base-uri", "form-action"]) assert.ok(directive(page, name), `${name} is missing`);
    assert.equal(page.headers["x-content-type-options"], "nosniff");
    assert.equal(page.headers["referrer-policy"], "same-origin");
    assert.match(page.headers["cache-control"], /no-store/);
  });

  test("stores nothing in the browser by itself", async () => {
    for (const path of ["/frame/ag_northwind", "/embed.js", "/health", "/frame/ag_unknown"]) {
      assert.deepEqual((await get(path)).setCookie, [], path);
    }
  });

  test("shows the site owner's words as words", async () => {
    const page = await get("/frame/ag_hostile");
    assert.equal(page.status, 200);
    assert.ok(!page.text.includes("<img src=x"), "markup of a setting reached the page");
    assert.ok(!page.text.includes("<script>alert"), "a script of a setting reached the page");
  });

  test("names the agent and its origins for the widget", async () => {
    const { text } = await get("/frame/ag_northwind");
    assert.match(text, /data-agent="ag_northwind"/);
    assert.match(text, /data-origins="[^"]*https:\/\/shop\.test/);
  });
});

test("the loader is one script that anybody may load", async () => {
  const loader = await get("/embed.js", { origin: "https://anything.test" });
  assert.equal(loader.status, 200);
  assert.match(loader.headers["content-type"], /javascript/);
});

test("an address that is none is refused in the protocol's form", async () => {
  for (const path of ["/", "/api", "/api/agents/ag_northwind", "/api/conversations/ag_northwind.AAAAAAAAAAAAAAAAAAAAAA", "/nothing"]) {
    const response = await get(path);
    assert.equal(response.status, 404, path);
    assert.ok(!response.text.includes(".rs"), path);
  }
});

test("a route refuses every other method and says which it takes", async () => {
  for (const [method, path] of [
    ["POST", "/frame/ag_northwind"], ["PUT", "/frame/ag_northwind"], ["DELETE", "/health"],
    ["GET", "/api/agents/ag_northwind/visit"], ["PUT", "/api/agents/ag_northwind/visit"],
    ["GET", "/api/conversations/ag_northwind.AAAAAAAAAAAAAAAAAAAAAA/logout"],
    ["GET", "/api/conversations/ag_northwind.AAAAAAAAAAAAAAAAAAAAAA/login/verify"],
  ]) {
    const response = await request(edge.url + path, { method });
    assert.equal(response.status, 405, `${method} ${path}`);
    assert.ok(response.headers.allow, `${method} ${path} has no Allow`);
    assert.equal(response.json().code, "method_not_allowed");
    assert.deepEqual(response.setCookie, []);
  }
});
