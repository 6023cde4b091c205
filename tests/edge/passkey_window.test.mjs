// The page of the window for passkeys, as the edge serves it (M8): what it may do, and what it gives away.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { startEdge } from "../rig/edge.mjs";
import { request } from "../rig/http.mjs";

const HOSTILE = `</title></script><script>alert(1)</script>{{script}}"'`;
let edge;

before(async () => {
  edge = await startEdge({ agents: [agent("ag_northwind"), agent("ag_hostile", { name: HOSTILE })] });
});
after(() => edge?.stop());

const get = (path, headers) => request(edge.url + path, { headers });
const directive = (response, name) => response.headers["content-security-policy"].split(";").map((part) => part.trim()).find((part) => part.startsWith(`${name} `));

describe("the window for passkeys", () => {
  test("may be framed by nobody, loads one script of ours, and can send nothing", async () => {
    const page = await get("/chat/ag_northwind/passkey");
    assert.equal(page.status, 200);
    assert.equal(directive(page, "default-src"), "default-src 'none'");
    assert.equal(directive(page, "frame-ancestors"), "frame-ancestors 'none'");
    assert.match(directive(page, "script-src"), /^script-src https?:\/\/[^ *]+\/a\/window-[0-9a-f]+\.js$/);
    assert.match(directive(page, "style-src"), /^style-src 'sha256-[\w+/=]+'$/);
    assert.match(directive(page, "require-trusted-types-for"), /'script'/);
    assert.equal(directive(page, "connect-src"), undefined, "what is not named falls back to none");
    assert.equal(page.headers["cache-control"], "no-store");
    assert.equal(page.headers["referrer-policy"], "no-referrer");
    assert.equal(page.headers["x-content-type-options"], "nosniff");
    assert.match(page.headers["permissions-policy"], /publickey-credentials-get=\(self\), publickey-credentials-create=\(self\)/);
    const [, script] = /<script type="module" src="([^"]+)">/.exec(page.text);
    assert.ok(directive(page, "script-src").endsWith(script));
    assert.equal((await get(script)).status, 200);
  });

  test("is not cut off from the frame that opened it", async () => {
    const page = await get("/chat/ag_northwind/passkey");
    assert.equal(page.headers["cross-origin-opener-policy"], "unsafe-none");
  });

  test("is the same for everybody: it sets no cookie and begins nothing", async () => {
    const [page, other] = [await get("/chat/ag_northwind/passkey"), await get("/chat/ag_northwind/passkey", { cookie: "__Host-cs_ag_northwind=x" })];
    assert.equal(page.headers["set-cookie"], undefined);
    assert.equal(page.text, other.text);
  });

  test("speaks the visitor's language", async () => {
    for (const [language, direction, title] of [["de", "ltr", "Passkey"], ["ar", "rtl", "مفتاح المرور"], ["ja", "ltr", "パスキー"]]) {
      const page = await get("/chat/ag_northwind/passkey", { "accept-language": language });
      assert.match(page.text, new RegExp(`<html lang="${language}" dir="${direction}">`));
      assert.ok(page.text.includes(`<h1 id="title">${title}</h1>`), language);
    }
  });

  test("shows a name as text, whatever is in it", async () => {
    const page = await get("/chat/ag_hostile/passkey");
    assert.equal(page.status, 200);
    assert.equal(page.text.match(/<script/g).length, 2, "the page's own two and no other");
    assert.ok(page.text.includes("{{script}}"), "what a value contains is filled in again");
  });

  test("is there for agents that there are, by GET alone", async () => {
    for (const path of ["/chat/ag_unknown/passkey", "/chat/ag_northwind-test-AAAAAAAAAAAAAAAAAAAAAA/passkey", "/chat/ag_northwind/passkey/", "/chat/ag_northwind", "/chat/", "/chat/..%2fag_northwind/passkey", "/chat/ag_%00/passkey", "/chat//passkey"]) {
      assert.equal((await get(path)).status, 404, path);
    }
    for (const method of ["POST", "PUT", "DELETE"]) {
      const answer = await request(`${edge.url}/chat/ag_northwind/passkey`, { method });
      assert.deepEqual([answer.status, answer.headers.allow], [405, "GET"], method);
    }
  });
});
