// One-time codes: how often, how long, for whom (R3–R8, R10, R11 in part; L4, L9).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { agent } from "../rig/agents.mjs";
import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { codeAfter, codeNumber, mailNumber } from "../rig/inbox.mjs";
import { openChallenge, raceRightCodes, raceWrongCodes, wrongCodes } from "../rig/race.mjs";
import { assertRefused, essence } from "../rig/refusal.mjs";
import { claimsOf } from "../rig/token.mjs";

const MINUTE = 60_000;
let edge;
let addresses = 0;

before(async () => {
  edge = await startEdge({
    agents: [
      agent("ag_northwind"),
      agent("ag_other"),
      agent("ag_long", { auth: { code_minutes: 10, code_digits: 8 } }),
    ],
  });
});
after(() => edge?.stop());

/** An address that no other test uses: budgets by address do not meet. */
function address(name = "visitor") {
  addresses += 1;
  return `${name}${addresses}@example.com`;
}

describe("guesses", () => {
  test("200 wrong codes at once: five are evaluated, and the right one is refused after them", async () => {
    const { answers, after: right, evaluated } = await raceWrongCodes(edge, address("race"), 200);
    assert.equal(evaluated, 5);
    for (const answer of answers) assertRefused(answer, 422, "code_not_accepted");
    assertRefused(right, 422, "code_not_accepted");
    assert.equal(new Set([...answers, right].map(essence)).size, 1, "refusals differ by more than their request id");
  });

  test("five wrong codes one after the other lock the challenge, four do not", async () => {
    for (const [tries, status] of [[4, 200], [5, 422]]) {
      const { visitor, card, code } = await openChallenge(edge, address());
      for (const wrong of wrongCodes(code, tries)) assertRefused(await visitor.verify(card, wrong), 422, "code_not_accepted");
      assert.equal((await visitor.verify(card, code)).status, status, `after ${tries} wrong codes`);
      await visitor.leave();
    }
  });

  test("100 right codes at once: one session", async () => {
    const { answers, sessions, visitor, card, code, before: old } = await raceRightCodes(edge, address("race"), 100);
    assert.equal(sessions.length, 1);
    assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    const refusals = answers.filter((answer) => answer.status !== 200);
    // The winner's login ends the cookie that they all came with: whoever is looked at after it is signed out.
    const codes = [...new Set(refusals.map((answer) => answer.json().code))];
    assert.ok(codes.every((one) => ["signed_out", "code_not_accepted"].includes(one)), `${codes}`);
    assert.equal(new Set(refusals.map(essence)).size, codes.length, "refusals of one code differ by more than their request id");
    for (const cookie of [old, visitor.cookieHeader]) {
      assert.notEqual((await visitor.verify(card, code, { headers: { cookie } })).status, 200, "the code worked again");
    }
  });

  test("a wrong code, an old one, a used one and one tried too often are answered alike", async () => {
    const wrong = await openChallenge(edge, address());
    const spent = await openChallenge(edge, address());
    const old = await openChallenge(edge, address());
    const answers = [await wrong.visitor.verify(wrong.card, wrongCodes(wrong.code, 1)[0])];
    for (const one of wrongCodes(spent.code, 6)) await spent.visitor.verify(spent.card, one);
    answers.push(await spent.visitor.verify(spent.card, spent.code));
    await edge.later(5 * MINUTE + 1000);
    answers.push(await old.visitor.verify(old.card, old.code));
    for (const answer of answers) assertRefused(answer, 422, "code_not_accepted");
    assert.equal(new Set(answers.map(essence)).size, 1);
    for (const { visitor } of [wrong, spent, old]) await visitor.leave();
  });

  test("what is no code is refused like a wrong one and opens nothing", async () => {
    const { visitor, card, code } = await openChallenge(edge, address());
    for (const typed of ["", " ", "12345", `${code}0`, `0${code}`, "١٢٣٤٥٦", "١".repeat(6), "null", "0".repeat(5000), "' OR 1=1 --", "\u0000"]) {
      const answer = await visitor.verify(card, typed);
      assert.ok([400, 422].includes(answer.status), `${JSON.stringify(typed.slice(0, 20))}: ${answer.status}`);
      assert.deepEqual(answer.setCookie, []);
    }
    await visitor.leave();
  });

  test("a code may be typed with spaces and dashes", async () => {
    const { visitor, card, code } = await openChallenge(edge, address());
    assert.equal((await visitor.verify(card, ` ${code.slice(0, 3)} - ${code.slice(3)} `)).status, 200);
    await visitor.leave();
  });
});

describe("the life of a code", () => {
  test("it works one second before its end", async () => {
    const { visitor, card, code } = await openChallenge(edge, address());
    await edge.later(5 * MINUTE - 2000);
    assert.equal((await visitor.verify(card, code)).status, 200);
    await visitor.leave();
  });

  test("it does not work at its end", async () => {
    const { visitor, card, code, line } = await openChallenge(edge, address());
    const step = line.numbered.filter((frame) => frame.type === "card").at(-1).card.step;
    const shown = Date.parse(step.expires_at);
    const visited = await visitor.arrive();
    await edge.later(Math.max(0, shown - Date.parse(visited.now)));
    assertRefused(await visitor.verify(card, code), 422, "code_not_accepted");
    await visitor.leave();
  });

  test("the card says when it ends and the agent's settings decide", async () => {
    const { visitor, card, code, line } = await openChallenge(edge, address(), { agent: "ag_long" });
    const frame = line.numbered.filter((one) => one.type === "card" && one.card.id === card).at(-1);
    assert.equal(code.length, 8);
    assert.equal(frame.card.step.digits, 8);
    assert.ok(Math.abs(Date.parse(frame.card.step.expires_at) - Date.parse(frame.at) - 10 * MINUTE) < MINUTE);
    await visitor.leave();
  });
});

describe("sending again", () => {
  test("is refused within a minute and says when it may be", async () => {
    const to = address();
    const { visitor, card } = await openChallenge(edge, to);
    const answer = await visitor.start(card, to);
    const body = assertRefused(answer, 429, "too_often");
    assert.ok(body.retry_after_s > 0 && body.retry_after_s <= 60);
    assert.equal(answer.headers["retry-after"], String(body.retry_after_s));
    assert.equal((await edge.mailbox.to(to)).length, 1);
    await visitor.leave();
  });

  test("leaves the first code alive: a late first mail still works", async () => {
    const to = address();
    const { visitor, card, code } = await openChallenge(edge, to);
    await edge.later(61_000);
    const second = await visitor.codeFor(card, to);
    assert.notEqual(second, code);
    assert.equal((await visitor.verify(card, code)).status, 200);
    await visitor.leave();
  });

  test("gives no further guesses: those before and after add up", async () => {
    const to = address();
    const { visitor, card, code } = await openChallenge(edge, to);
    for (const wrong of wrongCodes(code, 3)) await visitor.verify(card, wrong);
    await edge.later(61_000);
    const second = await visitor.codeFor(card, to);
    for (const wrong of wrongCodes(second, 2)) await visitor.verify(card, wrong);
    assertRefused(await visitor.verify(card, second), 422, "code_not_accepted");
    assertRefused(await visitor.verify(card, code), 422, "code_not_accepted");
    assert.equal(await edge.evaluated(visitor.conversation), 5);
    await visitor.leave();
  });

  test("a third time kills the first code", async () => {
    const to = address();
    const { visitor, card, code } = await openChallenge(edge, to, { agent: "ag_long" });
    await edge.later(61_000);
    const second = await visitor.codeFor(card, to);
    await edge.later(5 * MINUTE + 1000);
    const third = await visitor.codeFor(card, to);
    assertRefused(await visitor.verify(card, code), 422, "code_not_accepted");
    assert.equal((await visitor.verify(card, second)).status, 200, "the second code is still alive");
    assert.notEqual(third, second);
    await visitor.leave();
  });

  test("to a corrected address kills what was sent to the first", async () => {
    const mistyped = address("mistyped");
    const meant = address("meant");
    const { visitor, card, code } = await openChallenge(edge, mistyped);
    await edge.later(61_000);
    const second = await visitor.codeFor(card, meant);
    assertRefused(await visitor.verify(card, code), 422, "code_not_accepted");
    assert.equal((await visitor.verify(card, second)).status, 200);
    await visitor.leave();
  });

  test("card and mail carry the same reference word", async () => {
    const to = address();
    const { visitor, line } = await openChallenge(edge, to);
    const { reference } = line.numbered.filter((frame) => frame.type === "card").at(-1).card.step;
    const mail = await mailNumber(edge, to);
    assert.ok(reference.length >= 3);
    assert.ok(`${mail.subject}\n${mail.text}`.includes(reference), mail.text);
    await visitor.leave();
  });
});

describe("a code is bound", () => {
  test("to its conversation, browser and agent: no swap is accepted", async () => {
    const owners = [];
    for (const id of ["ag_northwind", "ag_northwind", "ag_other", "ag_other"]) {
      owners.push(await openChallenge(edge, address("swap"), { agent: id }));
    }
    for (const [i, one] of owners.entries()) {
      for (const [j, other] of owners.entries()) {
        if (i === j) continue;
        for (const [what, attempt] of [
          ["another's code on one's own card", () => one.visitor.verify(one.card, other.code)],
          ["another's card and code in one's own conversation", () => one.visitor.verify(other.card, other.code)],
          ["another's conversation with one's own browser", () => one.visitor.verify(other.card, other.code, { conversation: other.visitor.conversation })],
          ["another's conversation with no browser", () => one.visitor.verify(other.card, other.code, { conversation: other.visitor.conversation, headers: { cookie: undefined } })],
        ]) {
          if (what.includes("own card") && i > 0) continue; // Five guesses each: the first owner tries them, the rest stay usable.
          const answer = await attempt();
          assert.notEqual(answer.status, 200, `${what}, ${i} ${j}`);
          assert.deepEqual(answer.setCookie, [], what);
        }
      }
    }
    for (const { visitor, card, code } of owners.slice(1)) {
      assert.equal((await visitor.verify(card, code)).status, 200, "the owner's own code was spent by somebody else");
    }
    for (const { visitor } of owners) await visitor.leave();
  });

  test("to one browser: a second browser with a stolen visitor cookie that was renewed gets nothing", async () => {
    const { visitor, card, code } = await openChallenge(edge, address());
    const thief = visitor.sibling();
    thief.cookies.set(visitor.cookieName, `${visitor.token}x`);
    assertRefused(await thief.verify(card, code, { conversation: visitor.conversation }), 401, "signed_out");
    await visitor.leave();
  });

  test("to its address: verify takes none", async () => {
    const to = address();
    const { visitor, card, code } = await openChallenge(edge, to);
    const body = { card, code, address: "mallory@example.com" };
    assertRefused(await visitor.send(visitor.under("login/verify"), { body }), 400, "bad_request");
    await visitor.leave();
  });

  test("to its card: a closed card takes no code and no address", async () => {
    const to = address();
    const { visitor, line, card, code } = await openChallenge(edge, to);
    assert.equal((await visitor.cancel(card)).status, 204);
    await line.until("the card to be closed", (frame) => frame.type === "card" && frame.card.step.at === "cancelled");
    assert.ok([409, 422].includes((await visitor.verify(card, code)).status));
    assertRefused(await visitor.start(card, to), 409, "card_gone");
    await visitor.leave();
  });
});

describe("an identity", () => {
  test("that was guessed at 15 times in a day gets codes of eight digits", async () => {
    const to = address("guessed");
    for (let round = 0; round < 3; round += 1) {
      const { visitor, card, code } = await openChallenge(edge, to);
      assert.equal(code.length, 6, `round ${round}`);
      for (const wrong of wrongCodes(code, 5)) await visitor.verify(card, wrong);
      await visitor.leave();
      await edge.later(61 * MINUTE);
    }
    const { visitor, code } = await openChallenge(edge, to);
    assert.equal(code.length, 8);
    await visitor.leave();
  });

  test("known or unknown is answered alike", async () => {
    const shapes = [];
    for (const to of ["ana@example.com", address("nobody")]) {
      const visitor = new Visitor(edge);
      const line = await visitor.connect();
      const card = await visitor.askForCard(line);
      const answer = await visitor.start(card, to);
      assert.equal(answer.status, 200);
      const { step, ...rest } = answer.json().card;
      shapes.push(JSON.stringify({
        headers: Object.keys(answer.headers).sort(), rest: { ...rest, id: "" },
        step: { ...step, address: "", reference: "", resend_at: "", expires_at: "" },
      }));
      await codeNumber(edge, to);
      await visitor.leave();
    }
    assert.equal(shapes[0], shapes[1]);
  });

  test("is the address, however it is written", async () => {
    const to = address("Case");
    const first = new Visitor(edge);
    const second = new Visitor(edge);
    await first.signIn(to.toLowerCase());
    await edge.later(61_000);
    const line = await second.connect();
    const card = await second.askForCard(line);
    const before = (await edge.mailbox.to(to.toLowerCase())).length;
    const started = await second.start(card, `  ${to.toUpperCase()} `);
    assert.equal(started.status, 200);
    assert.equal((await second.verify(card, await codeAfter(edge, to.toLowerCase(), before, started))).status, 200);
    assert.equal(claimsOf(first.token).sub, claimsOf(second.token).sub);
    await first.leave();
    await second.leave();
  });
});
