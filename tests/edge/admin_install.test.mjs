// A look at the owner's page: whether it loads the chat, and why not. What it fetches is an address that somebody chose.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, afterEach, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { assertProblem, ownerOf } from "../rig/members.mjs";
import { startProcess } from "../rig/process.mjs";

const EDGE = "https://edge.test";
const SNIPPET = `<script async src="${EDGE}/embed.js" data-agent="ag_shop"></script>`;
let site;
let edge;
let owner;
let answer;
let asked = [];

/** A site on this machine whose every page is what the test says. */
async function startSite() {
  const server = http.createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) };
}

before(async () => {
  site = await startSite();
  edge = await startProcess({ agents: [{ ...agent("ag_shop"), origins: [site.url] }, agent("ag_far")] });
  owner = await ownerOf(edge);
});
after(async () => {
  await edge?.stop();
  await site?.stop();
});
afterEach(() => {
  asked = [];
});

const page = (body, headers = {}, status = 200) => (request, response) => response.writeHead(status, { "content-type": "text/html", ...headers }).end(body);

async function look(url = `${site.url}/`, id = "ag_shop") {
  const found = await owner.post(`agents/${id}/install/check`, { url });
  assert.equal(found.status, 200, found.text);
  const looked = found.json();
  for (const { level, sentence, mend = "" } of looked.findings) {
    assert.match(sentence, /[.]$/);
    assert.ok(level === "fine" || mend.length > 10, sentence);
  }
  return { ...looked, levels: Object.fromEntries(looked.findings.map(({ about, level }) => [about, level])) };
}

describe("an address that is not public is refused, and nothing is sent", () => {
  for (const url of [
    "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://192.168.0.1/", "https://[::1%25eth0]/", "https://[fe80::1]/",
    "https://metadata.google.internal/", "https://shop.internal/", "http://shop.com/", "https://127.0.0.1.nip.io/", "https://2130706433.com:22/",
    "https://0x0a000001/", "ftp://shop.com/", "file:///etc/passwd", "javascript:alert(1)", "https://user:pw@shop.com/", "shop.com", "", "https://shop.com\\@10.0.0.1/",
  ]) {
    test(url || "none", async () => {
      const { errors } = assertProblem(await owner.post("agents/ag_shop/install/check", { url }), 422, "invalid");
      assert.equal(errors[0].pointer, "/url");
    });
  }

  for (const to of ["https://169.254.169.254/latest", "http://shop.com/", "https://10.0.0.1/", "//[fd00::1]/", "file:///etc/passwd", "https://user@shop.com/"]) {
    test(`also when a page leads there: ${to}`, async () => {
      answer = page("", { location: to }, 302);
      const { loads, findings } = await look();
      assert.equal(loads, false);
      assert.match(findings[0].sentence, /not public/);
      assert.equal(asked.length, 1);
    });
  }
});

test("whose page was fetched is in the trail, without its path and query", async () => {
  answer = page("");
  await look(`${site.url}/somebody?token=canary`);
  const noted = (await edge.ledger("ag_shop")).filter(({ kind }) => kind === "page_checked");
  assert.ok(noted.length > 0 && noted.every(({ detail }) => Object.keys(detail).sort().join() === "by,host" && !detail.host.includes("/")));
});

describe("a page that is made to harm", () => {
  test("is left at the fourth redirect", async () => {
    answer = (request, response) => response.writeHead(302, { location: `/next${request.url}` }).end();
    const { findings } = await look();
    assert.match(findings[0].sentence, /on and on/);
    assert.equal(asked.length, 4);
  });

  test("of 10 MB is read to its second", async () => {
    answer = (request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.write(SNIPPET);
      response.end("x".repeat(10 * 1024 * 1024));
    };
    assert.equal((await look()).loads, true);
    answer = page("x".repeat(10 * 1024 * 1024) + SNIPPET);
    assert.equal((await look()).levels.script, "unsure");
  });

  test("that never ends is given up after ten seconds", { timeout: 30_000 }, async () => {
    answer = (request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      const more = setInterval(() => response.write("<p>more</p>"), 200);
      response.on("close", () => clearInterval(more));
    };
    const began = Date.now();
    const { findings } = await look();
    assert.match(findings[0].sentence, /10 seconds/);
    assert.ok(Date.now() - began < 15_000);
  });

  test("that cuts the line is not reached", async () => {
    answer = (request, response) => response.destroy();
    assert.match((await look()).findings[0].sentence, /not be reached/);
  });

  test("learns nothing of who asks", async () => {
    answer = page(SNIPPET);
    await look();
    const { headers } = asked[0];
    for (const name of ["cookie", "authorization", "referer", "origin", "x-forwarded-for", "cf-connecting-ip"]) assert.equal(headers[name], undefined, name);
    assert.match(headers["user-agent"], /^countersign\//);
  });

  test("is shown to nobody", async () => {
    answer = page(`<title>SECRET-TITLE</title><script src="https://evil.example/embed.js" data-agent="ag_shop"></script>${"<p>SECRET-BODY</p>"}`);
    const { levels, findings } = await look(`${site.url}/?token=SECRET-QUERY`);
    assert.equal(levels.script, "fault");
    assert.ok(!/SECRET/.test(JSON.stringify(findings)));
  });
});

describe("a page of the owner's", () => {
  test("that loads the chat is fine", async () => {
    answer = page(`<h1>Shop</h1>${SNIPPET}`);
    const { url, loads, levels } = await look(`${site.url}/a?b=c#d`);
    assert.deepEqual([url, loads], [`${site.url}/a`, true]);
    assert.deepEqual(levels, { page: "fine", script: "fine", origin: "fine", policy: "fine" });
  });

  test("is followed to where it leads", async () => {
    answer = (request, response) => (request.url === "/shop" ? page(SNIPPET)(request, response) : response.writeHead(301, { location: "/shop" }).end());
    const { url, loads } = await look();
    assert.deepEqual([url, loads], [`${site.url}/shop`, true]);
  });

  for (const [what, script, pattern] of [
    ["without the script", "", /not in the page/],
    ["with another agent's id", SNIPPET.replace("ag_shop", "ag_other"), /ag_other/],
    ["with the script of another deployment", SNIPPET.replace(EDGE, "https://chat.example.com"), /not this deployment/],
  ]) {
    test(`${what} has its mend`, async () => {
      answer = page(`<h1>Shop</h1>${script}`);
      const { loads, levels, findings } = await look();
      assert.deepEqual([loads, levels.script], [false, "fault"]);
      const { sentence, mend } = findings.find(({ about }) => about === "script");
      assert.match(sentence, pattern);
      assert.ok(mend.includes("ag_shop"), mend);
    });
  }

  test("that is not on the list of origins has its mend", async () => {
    answer = page(SNIPPET.replace("ag_shop", "ag_far"));
    const { loads, levels, findings } = await look(`${site.url}/`, "ag_far");
    assert.deepEqual([loads, levels.script, levels.origin], [false, "fine", "fault"]);
    assert.ok(findings.find(({ about }) => about === "origin").mend.includes(site.url));
  });

  for (const [what, headers, html] of [
    ["header stops the script", { "content-security-policy": "default-src 'self'" }, ""],
    ["header stops the frame", { "content-security-policy": `script-src ${EDGE}; frame-src 'none'` }, ""],
    ["second header stops it", { "content-security-policy": [`default-src ${EDGE}`, "script-src 'self'"] }, ""],
    ["meta stops the script", {}, "<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'self'\">"],
  ]) {
    test(`whose policy's ${what} has its mend`, async () => {
      answer = page(html + SNIPPET, headers);
      const { loads, levels, findings } = await look();
      assert.deepEqual([loads, levels.policy], [false, "fault"]);
      assert.ok(findings.find(({ about }) => about === "policy").mend.includes(EDGE));
    });
  }

  test("whose policy names this deployment is fine", async () => {
    answer = page(SNIPPET, { "content-security-policy": `default-src 'self'; script-src 'self' ${EDGE}; frame-src ${EDGE}` });
    assert.equal((await look()).loads, true);
  });

  test("that answers with an error is told as it is", async () => {
    answer = page("Not here", {}, 404);
    const { levels, loads } = await look();
    assert.deepEqual([levels.page, loads], ["unsure", false]);
  });
});
