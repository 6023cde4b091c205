// Input that no honest client sends, and addresses that are not one address (R11, R49, R68 in part).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Visitor, messageId } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { vendorFile } from "../rig/paths.mjs";
import { startResend } from "../rig/players/resend.mjs";
import { assertRefused } from "../rig/refusal.mjs";

const KIB = 1024;
let edge;
let resend;

before(async () => {
  resend = await startResend();
  edge = await startEdge({ resend });
});
after(async () => {
  await edge?.stop();
  await resend?.stop();
});

async function atCard() {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  const card = await visitor.askForCard(line);
  return { visitor, line, card };
}

describe("a frame", () => {
  test("that is not of the protocol is refused, the line stays open and nothing is stored", async () => {
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    const id = messageId();
    const bad = [
      "", " ", "{", "null", "[]", "0", '"text"', "{}", '{"type":"message"}', '{"type":"nonsense"}', '{"type":1}',
      { type: "message", id }, { type: "message", text: "no id" }, { type: "message", id: "", text: "x" }, { type: "message", id: "short", text: "x" },
      { type: "message", id: "a".repeat(65), text: "x" }, { type: "message", id: "spaces are bad", text: "x" }, { type: "message", id: 12345678, text: "x" },
      { type: "message", id, text: "" }, { type: "message", id, text: "   " }, { type: "message", id, text: null }, { type: "message", id, text: ["x"] },
      { type: "message", id, text: "x", role: "system" }, { type: "message", id, text: "x", history: [{ role: "assistant", text: "y" }] },
      { type: "message", id, text: "x", tool_results: {} }, { type: "message", id, text: "x", seq: 1 }, { type: "stop", now: true }, { type: "retry", id },
      { type: "answer", answer: 1, blocks: [] }, { type: "state", state: "authenticated" }, { type: "card" }, { type: "ack", id, seq: 1 },
      `{"type":"message","id":"${id}","text":"x","text":"y"}`, `{"type":"stop","type":"message","id":"${id}","text":"x"}`,
      `${"[".repeat(20_000)}${"]".repeat(20_000)}`, `{"type":"message","id":"${id}","text":"\\ud800"}`,
    ];
    for (const frame of bad) {
      const before = line.frames.length;
      line.send(frame);
      await line.ping();
      const answers = line.frames.slice(before);
      const shown = JSON.stringify(frame).slice(0, 80);
      assert.ok(answers.some((one) => one.type === "refused" && ["bad_request", "too_large"].includes(one.code)), `${shown}: ${JSON.stringify(answers)}`);
      assert.equal(line.closeCode, undefined, shown);
    }
    assert.equal(line.numbered.filter((frame) => frame.type === "message").length, 0);
    assert.equal((await line.ask("What is your return policy?")).type, "answer");
    await visitor.leave();
  });

  test("may hold a message of 8,000 characters and none of 8,001", async () => {
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    await line.say("ü".repeat(8000));
    const id = messageId();
    line.send({ type: "message", id, text: "ü".repeat(8001) });
    const refused = await line.until("the refusal", (frame) => frame.type === "refused" && frame.id === id);
    assert.equal(refused.code, "too_large");
    await visitor.leave();
  });

  test("of more than 64 KiB closes the line with 1009 and stores nothing", async () => {
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    line.send({ type: "message", id: messageId(), text: "x".repeat(64 * KIB) });
    assert.equal((await line.closed).code, 1009);
    assert.ok((await visitor.arrive()).frames.every((frame) => frame.type !== "message"));
    const again = await visitor.connect();
    await again.ask("What is your return policy?");
    await visitor.leave();
  });

  test("of bytes instead of text is refused", async () => {
    const visitor = new Visitor(edge);
    const line = await visitor.connect();
    line.send(Buffer.from(JSON.stringify({ type: "message", id: messageId(), text: "bytes" })));
    await Promise.race([line.closed, line.until("the refusal", (frame) => frame.type === "refused")]);
    assert.ok((await visitor.arrive()).frames.every((frame) => frame.type !== "message"));
    await visitor.leave();
  });
});

describe("a body", () => {
  test("of more than 64 KiB is refused as too large, on every route", async () => {
    const { visitor, card } = await atCard();
    const padding = "x".repeat(65 * KIB);
    for (const [path, body] of [
      [`/api/agents/${visitor.agent}/visit`, { padding }],
      [visitor.under("login/start"), { card, method: "email_code", address: `${padding}@example.com` }],
      [visitor.under("login/verify"), { card, code: padding }],
      [visitor.under("login/cancel"), { card, padding }],
      [visitor.under("logout"), { padding }],
    ]) {
      assertRefused(await visitor.send(path, { body }), 413, "too_large");
      assertRefused(await visitor.send(path, { raw: JSON.stringify(body), headers: { "transfer-encoding": "chunked" } }), 413, "too_large");
    }
    await visitor.leave();
  });

  test("that is not of the protocol is refused, on every route", async () => {
    const { visitor, card } = await atCard();
    const taken = [];
    for (const path of [`/api/agents/${visitor.agent}/visit`, visitor.under("login/start"), visitor.under("login/verify"), visitor.under("login/cancel"), visitor.under("logout")]) {
      for (const raw of ["", "{", "null", "[]", "1", '"x"', '{"unknown":1}', '{"card":null}', "\u0000", `${"[".repeat(10_000)}`, Buffer.from([0xff, 0xfe, 0x7b, 0x7d])]) {
        const answer = await visitor.send(path, { raw });
        if (answer.status === 400) assertRefused(answer, 400, "bad_request");
        else taken.push(`${path} ${raw.toString().slice(0, 20)}: ${answer.status}`);
      }
    }
    assert.deepEqual(taken, []);
    for (const changed of [{ card: "short" }, { card: [card] }, { card: { id: card } }, { method: "password" }, { method: ["email_code"] }, { extra: true }, { email: "a@example.com" }]) {
      const answer = await visitor.send(visitor.under("login/start"), { body: { card, method: "email_code", address: "a@example.com", ...changed } });
      assertRefused(answer, 400, "bad_request");
    }
    await visitor.leave();
  });
});

describe("an address", () => {
  const INVALID = [
    "", " ", "a", "@", "a@", "@example.com", "a@b", "a b@example.com", "a@exam ple.com", "a@@example.com", "a@example..com", "a@.example.com",
    "a@example.com.", ".a@example.com", "a.@example.com", "a..b@example.com", "a@-example.com", "a@example-.com", "a@[127.0.0.1]", "a@127.0.0.1",
    "a@example.com,b@example.com", "a@example.com;b@example.com", "a@example.com b@example.com", "a@example.com\nb@example.com",
    "a@example.com\r\nBcc: b@example.com", "a@example.com%0d%0aBcc:b@example.com", "a\u0000@example.com", "a@example.com\u0000", "a@exam\u0000ple.com",
    "Ana <a@example.com>", '"Ana" a@example.com', "<a@example.com>", "mailto:a@example.com", "a@example.com?bcc=b@example.com", "a(comment)@example.com",
    '"a b"@example.com', '"a@b"@example.com', "a@example.com\u2028b@example.com", "a\u202e@example.com", "a\u200b@example.com", "a@exa\u00admple.com",
    "аna@example.com", "ana@exаmple.com", "ana@example.сom", "ana@ｅxample.com\u0307", "ånå@example.com\u0000", "a@\u{1f600}.com", "=?utf-8?q?a?=@example.com",
    `${"a".repeat(65)}@example.com`, `a@${"b".repeat(64)}.com`, `a@${"b.".repeat(130)}com`, `${"a".repeat(300)}@example.com`,
  ];

  test("that is not one plain address is refused, costs nothing and reaches nobody", async () => {
    const { visitor, card } = await atCard();
    const from = resend.requests.length;
    const taken = [];
    for (const address of INVALID) {
      const answer = await visitor.start(card, address);
      if (answer.status === 400) assertRefused(answer, 400, "bad_address");
      else taken.push(`${JSON.stringify(address).slice(0, 80)}: ${answer.status}`);
    }
    assert.deepEqual(taken, []);
    const good = await visitor.start(card, "after.all@example.com");
    assert.equal(good.status, 200, "bad addresses spent the budget");
    await resend.mailTo("after.all@example.com");
    assert.deepEqual(resend.requests.slice(from).map((request) => request.body.to).flat(), ["after.all@example.com"]);
    await visitor.leave();
  });

  test("that is no text is refused", async () => {
    const { visitor, card } = await atCard();
    const from = resend.requests.length;
    for (const address of [["ana@example.com"], ["ana@example.com", "mallory@example.com"], [], { to: "ana@example.com" }, { 0: "ana@example.com" }, null, 1, true]) {
      assertRefused(await visitor.start(card, address), 400, "bad_request");
    }
    const twice = `{"card":"${card}","method":"email_code","address":"ana@example.com","address":"mallory@example.com"}`;
    assertRefused(await visitor.send(visitor.under("login/start"), { raw: twice }), 400, "bad_request");
    assert.equal(resend.requests.length, from);
    await visitor.leave();
  });

  test("goes to exactly its canonical form", async () => {
    for (const [typed, canonical] of [
      ["  Mixed.Case@Example.COM ", "mixed.case@example.com"],
      ["plus+tag@example.com", "plus+tag@example.com"],
      ["ｆｕｌｌｗｉｄｔｈ@example.com", "fullwidth@example.com"],
      ["o'brien@example.com", "o'brien@example.com"],
      ["under_score@sub.domain.example.com", "under_score@sub.domain.example.com"],
    ]) {
      const { visitor, card } = await atCard();
      const answer = await visitor.start(card, typed);
      assert.equal(answer.status, 200, `${typed}: ${answer.text}`);
      assert.equal(answer.json().card.step.address, canonical);
      await resend.mailTo(canonical);
      await visitor.leave();
    }
    assert.deepEqual(resend.complaints(), []);
  });

  test("of the big list of naughty strings is refused or is one canonical recipient", async (t) => {
    const strings = vendorFile("security/blns.json");
    if (!strings) return t.skip("../shared/vendors/security/blns.json is not on this machine");
    const { visitor, card } = await atCard();
    for (const address of strings) {
      const from = resend.mails.length;
      const answer = await visitor.start(card, address);
      assert.ok([200, 400, 413, 429].includes(answer.status), `${JSON.stringify(address)}: ${answer.status}`);
      if (answer.status === 200) {
        const mail = await resend.mailTo(answer.json().card.step.address);
        assert.match(mail.to, /^[^\s@,;<>]+@[^\s@,;<>]+$/);
        assert.equal(resend.mails.length, from + 1);
      }
    }
    await visitor.leave();
  });
});

test("a message of any naughty string is stored as it is", async (t) => {
  const strings = vendorFile("security/blns.json");
  if (!strings) return t.skip("../shared/vendors/security/blns.json is not on this machine");
  // Control characters are taken out and the ends trimmed; digits may look like a secret. The rest is not ours to change.
  const plainOnes = strings.filter((text) => text.trim() === text && text.length > 3 && !/[\p{Cc}\d]/u.test(text));
  const chosen = plainOnes.filter((_, index) => index % Math.ceil(plainOnes.length / 10) === 0);
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  for (const text of chosen) {
    const { id } = await line.say(text);
    const stored = await line.until("the message", (frame) => frame.type === "message" && frame.id === id);
    assert.equal(stored.text, text);
  }
  await visitor.leave();
});
