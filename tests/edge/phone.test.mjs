// Signing in by a code to a phone: text message and WhatsApp, what happens when one fails, and who is refused (M2, M3, R11, R15).
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";

import { Visitor } from "../rig/client.mjs";
import { startEdge } from "../rig/edge.mjs";
import { request } from "../rig/http.mjs";
import { atCard, delivered, freshNumber, metaAccount, phoneAgent, phoneSecrets, startPhone, twilioAccount, twilioWithWhatsapp } from "../rig/phones.mjs";
import { startMeta } from "../rig/players/meta.mjs";
import { CONTENT, signature, startTwilio } from "../rig/players/twilio.mjs";
import { assertRefused } from "../rig/refusal.mjs";
import { until } from "../rig/wait.mjs";

const BOTH = "ag_both";
let edge;
let twilio;
let meta;

before(async () => {
  twilio = await startTwilio();
  meta = await startMeta();
  const accounts = { twilio: twilioAccount(), meta: metaAccount() };
  const agents = [
    phoneAgent(BOTH, accounts),
    phoneAgent("ag_twilio", { twilio: twilioWithWhatsapp({ from: "MGccccccccccccccccccccccccccccccc1" }) }),
    phoneAgent("ag_whatsapp", { ...accounts, channels: ["whatsapp"] }),
    phoneAgent("ag_outbox"),
    phoneAgent("ag_capped", { ...accounts, day_messages: 3 }),
    phoneAgent("ag_block", accounts),
    phoneAgent("ag_known", accounts),
    phoneAgent("ag_pumped", { ...accounts, day_messages: 500 }),
    phoneAgent("ag_two", accounts, { methods: ["phone_code", "email_code"] }),
    phoneAgent("ag_mail", accounts, { methods: ["email_code"] }),
  ];
  edge = await startEdge({ agents, vars: { TWILIO_BASE_URL: twilio.url, META_BASE_URL: meta.url } });
  for (const { id } of agents) if (id !== "ag_outbox") await phoneSecrets(edge, id, { twilio, meta });
});
after(async () => {
  await edge?.stop();
  await twilio?.stop();
  await meta?.stop();
});
afterEach(() => {
  for (const player of [twilio, meta]) {
    player.faults = [];
    player.always = undefined;
  }
});

/** Starts and insists that it worked. */
async function started(visitor, card, number, channel) {
  const answer = await startPhone(visitor, card, number, channel);
  assert.equal(answer.status, 200, answer.text);
  return answer.json().card;
}

async function signedIn(visitor, card, code) {
  const verified = await visitor.verify(card, code);
  assert.equal(verified.status, 200, verified.text);
  const visited = await visitor.arrive();
  assert.equal(visited.state, "authenticated");
}

describe("a code by text message", () => {
  test("signs the visitor in, and the request is what Twilio's own description asks for", async (t) => {
    if (!twilio.judged) t.diagnostic("skipped in part: ../shared/vendors/twilio/api_v2010.json is not on this machine");
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    const shown = line.frames.find((frame) => frame.type === "card").card;
    assert.deepEqual(shown.channels, ["sms", "whatsapp"]);
    const step = (await started(visitor, card, number.replace("+49", "0").replace(/(...)/, "$1 "))).step;
    assert.equal(step.at, "code");
    assert.equal(step.address, number);
    assert.equal(step.channel, "sms");
    assert.equal(step.instead_of, undefined);
    await delivered(line, "sent");
    const message = await twilio.messageTo(number);
    assert.equal(message.fields.From, "+15005550006");
    assert.ok(message.text.includes("Northwind Outfitters") && message.text.includes(step.reference));
    assert.equal(message.text.split("\n").at(-1), `@shop.test #${message.code} @edge.test`);
    assert.match(message.callback, new RegExp(`^https://edge\\.test/hooks/twilio/${visitor.conversation.replace(".", "\\.")}\\?send=[\\w-]{22}$`));
    assert.deepEqual(twilio.complaints(), []);
    await signedIn(visitor, card, message.code);
    await visitor.leave();
  });

  test("is answered before Twilio is", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    twilio.faults = ["hold"];
    assert.equal((await started(visitor, card, number)).step.delivery, "sending");
    twilio.release();
    await until("the held request", () => (twilio.release(), line.frames.some((frame) => frame.card?.step.delivery === "sent")));
    await visitor.leave();
  });

  test("is the same person's again on another device, and nobody else's", async () => {
    const number = freshNumber();
    const homes = [];
    for (let device = 0; device < 2; device += 1) {
      const { visitor, card } = await atCard(edge, BOTH);
      await started(visitor, card, number);
      const message = await twilio.messageTo(number, device + 1);
      await visitor.verify(card, message.code);
      homes.push((await visitor.arrive()).conversation);
      await visitor.leave();
    }
    assert.equal(homes[0], homes[1]);
  });

  test("goes out through a messaging service where the settings name one", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, "ag_twilio");
    await started(visitor, card, number);
    await delivered(line, "sent");
    const { fields } = await twilio.messageTo(number);
    assert.equal(fields.From, undefined);
    assert.equal(fields.MessagingServiceSid, "MGccccccccccccccccccccccccccccccc1");
    await visitor.leave();
  });

  test("is kept in the outbox of a development build that has no account", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, "ag_outbox");
    await started(visitor, card, number);
    await delivered(line, "sent");
    const [kept] = await edge.mailbox.to(number);
    assert.equal(kept.channel, "sms");
    const page = await request(`${edge.url}/dev/inbox`);
    assert.ok(page.text.includes(number) && page.text.includes("Text message"));
    await signedIn(visitor, card, /#(\d{6})/.exec(kept.text)[1]);
    await visitor.leave();
  });
});

describe("a code by WhatsApp", () => {
  test("goes to Meta when the visitor chooses it, as Meta's own description asks for", async (t) => {
    if (!meta.judged) t.diagnostic("skipped in part: ../shared/vendors/meta-whatsapp/send.fixed.json is not on this machine");
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    assert.equal((await started(visitor, card, number, "whatsapp")).step.channel, "whatsapp");
    await delivered(line, "sent");
    const message = await meta.messageTo(number);
    assert.deepEqual(meta.complaints(), []);
    assert.equal(twilio.messagesTo(number).length, 0);
    await signedIn(visitor, card, message.code);
    await visitor.leave();
  });

  test("goes to Twilio's template where there is no account at Meta", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, "ag_twilio");
    await started(visitor, card, number, "whatsapp");
    await delivered(line, "sent");
    const message = await twilio.messageTo(number);
    assert.equal(message.channel, "whatsapp");
    assert.equal(message.fields.ContentSid, CONTENT);
    assert.equal(message.fields.From, "whatsapp:+14155238886");
    await signedIn(visitor, card, message.code);
    await visitor.leave();
  });

  test("is refused where the agent does not allow the channel", async () => {
    const { visitor, card } = await atCard(edge, "ag_whatsapp");
    for (const channel of ["sms", "email", "on_record"]) assertRefused(await startPhone(visitor, card, freshNumber(), channel), 403, "method_off");
    const number = freshNumber();
    await started(visitor, card, number);
    await meta.messageTo(number);
    await visitor.leave();
  });
});

describe("when Twilio stumbles, the same code goes out by WhatsApp and the card says so", () => {
  for (const [what, fault, tries] of [
    ["a refusal", { status: 400 }, 1],
    ["an account that is closed", { status: 401 }, 1],
    ["an error of its own", { status: 500 }, 1],
    ["a connection that breaks", "drop", 1],
    ["a message that was taken without an answer", "drop_after", 1],
    ["a service that stays busy", { status: 429 }, 3],
    ["no answer in time", "hold", 1],
  ]) {
    test(what, async () => {
      const number = freshNumber();
      const { visitor, line, card } = await atCard(edge, BOTH);
      const from = twilio.requests.length;
      twilio.always = fault;
      await started(visitor, card, number);
      const told = await delivered(line, "sent", (step) => step.channel === "whatsapp");
      assert.equal(told.card.step.instead_of, "sms");
      assert.equal(twilio.requests.length - from, tries, "requests to Twilio");
      twilio.release();
      const message = await meta.messageTo(number);
      for (const sms of twilio.messagesTo(number)) assert.equal(sms.code, message.code);
      await signedIn(visitor, card, message.code);
      await visitor.leave();
    });
  }

  test("a busy moment is waited for, and one message is sent", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    twilio.faults = [{ status: 429, retryAfter: 1 }, { status: 503 }];
    await started(visitor, card, number);
    const told = await delivered(line, "sent");
    assert.equal(told.card.step.channel, "sms");
    assert.equal(twilio.messagesTo(number).length, 1);
    assert.equal(meta.messagesTo(number).length, 0);
    await visitor.leave();
  });

  test("when WhatsApp fails too the card says so, and the visitor may try again at once", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    twilio.always = { status: 500 };
    meta.always = { status: 400 };
    await started(visitor, card, number);
    const failed = await delivered(line, "failed");
    assert.ok(Date.parse(failed.card.step.resend_at) <= Date.parse(failed.at) + 1_000);
    twilio.always = undefined;
    await started(visitor, card, number);
    const message = await twilio.messageTo(number);
    await signedIn(visitor, card, message.code);
    assert.ok(!edge.logs().includes(number) && !edge.logs().includes(twilio.token) && !edge.logs().includes(message.code));
    await visitor.leave();
  });

  test("where only one channel is allowed there is nothing to fall over to", async () => {
    const { visitor, line, card } = await atCard(edge, "ag_whatsapp");
    meta.always = { status: 500 };
    await started(visitor, card, freshNumber());
    await delivered(line, "failed");
    await visitor.leave();
  });
});

describe("a status that says the message is lost", () => {
  for (const status of ["failed", "undelivered"]) {
    test(`of Twilio's (${status}) has a code sent by WhatsApp, once`, async () => {
      const number = freshNumber();
      const { visitor, line, card } = await atCard(edge, BOTH);
      await started(visitor, card, number);
      await delivered(line, "sent");
      const sms = await twilio.messageTo(number);
      const [first, second] = await Promise.all([twilio.tell(edge, sms, status), twilio.tell(edge, sms, status)]);
      assert.deepEqual([first.status, second.status], [204, 204]);
      const told = await delivered(line, "sent", (step) => step.channel === "whatsapp");
      assert.equal(told.card.step.instead_of, "sms");
      const message = await meta.messageTo(number);
      await twilio.tell(edge, sms, status);
      await signedIn(visitor, card, message.code);
      assert.equal(meta.messagesTo(number).length, 1);
      await visitor.leave();
    });
  }

  test("of Meta's has a code sent by text message", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    await started(visitor, card, number, "whatsapp");
    await delivered(line, "sent");
    const message = await meta.messageTo(number);
    assert.equal((await meta.tell(edge, BOTH, message, "delivered")).status, 204);
    assert.equal((await meta.tell(edge, BOTH, message, "failed")).status, 204);
    const told = await delivered(line, "sent", (step) => step.channel === "sms");
    assert.equal(told.card.step.instead_of, "whatsapp");
    await signedIn(visitor, card, (await twilio.messageTo(number)).code);
    await visitor.leave();
  });

  test("of the last channel makes the card say that it failed; what came before stays good", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    twilio.faults = [{ status: 500 }];
    await started(visitor, card, number);
    await delivered(line, "sent", (step) => step.channel === "whatsapp");
    const message = await meta.messageTo(number);
    await meta.tell(edge, BOTH, message, "failed");
    await delivered(line, "failed");
    await signedIn(visitor, card, message.code);
    await visitor.leave();
  });

  test("changes nothing once the code is used, is over, or is not the newest", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    await started(visitor, card, number);
    await delivered(line, "sent");
    const sms = await twilio.messageTo(number);
    await edge.later(61_000);
    await started(visitor, card, number);
    const newer = await twilio.messageTo(number, 2);
    await twilio.tell(edge, sms, "failed");
    await edge.later(6 * 60_000);
    await twilio.tell(edge, newer, "failed");
    assert.equal(meta.messagesTo(number).length, 0);
    await visitor.leave();

    const other = freshNumber();
    const again = await atCard(edge, BOTH);
    await started(again.visitor, again.card, other);
    const used = await twilio.messageTo(other);
    await signedIn(again.visitor, again.card, used.code);
    await twilio.tell(edge, used, "failed");
    assert.equal(meta.messagesTo(other).length, 0);
    await again.visitor.leave();
  });
});

test("a lost message brings no code for an address that was asked for after it", async () => {
  const number = freshNumber();
  const { visitor, line, card } = await atCard(edge, "ag_two");
  await started(visitor, card, number);
  await delivered(line, "sent");
  const sms = await twilio.messageTo(number);
  await edge.later(61_000);
  assert.equal((await visitor.start(card, "victim@example.com")).status, 200);
  await until("the mail", async () => (await edge.mailbox.to("victim@example.com")).length === 1);
  const frames = line.frames.length;
  assert.equal((await twilio.tell(edge, sms, "undelivered")).status, 204);
  assert.equal(meta.messagesTo(number).length, 0);
  assert.deepEqual(line.frames.slice(frames).filter((frame) => frame.card?.step.channel), []);
  await visitor.leave();
});

describe("a webhook that is not the vendor's", () => {
  test("has no effect, whatever is wrong with it", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    await started(visitor, card, number);
    await delivered(line, "sent");
    const sms = await twilio.messageTo(number);
    const frames = line.frames.length;
    const form = new URLSearchParams({ MessageStatus: "failed", MessageSid: sms.sid }).toString();
    for (const changed of [
      { headers: { "x-twilio-signature": null } },
      { headers: { "x-twilio-signature": "" } },
      { headers: { "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=" } },
      { token: "another" },
      { token: "" },
      { body: form },
      { url: `${sms.callback}&x=1` },
      { url: sms.callback.replace(/send=.*/, "send=AAAAAAAAAAAAAAAAAAAAAA") },
      { headers: { "x-twilio-signature": signature(twilio.token, sms.callback.replace("https", "http"), form) } },
    ]) {
      assertRefused(await twilio.tell(edge, sms, "failed", changed), 403, "wrong_origin");
    }
    assertRefused(await twilio.tell(edge, sms, "failed", { method: "PUT" }), 405, "method_not_allowed");
    // The agent of this one has no secret: nothing can be verified.
    const foreign = sms.callback.replace(BOTH, "ag_outbox");
    const signed = { "x-twilio-signature": signature("", foreign, form) };
    assertRefused(await twilio.tell(edge, sms, "failed", { url: foreign, headers: signed, form }), 403, "wrong_origin");
    assert.equal(meta.messagesTo(number).length, 0);
    assert.equal(line.frames.length, frames);
    await visitor.leave();
  });

  test("of Meta's kind neither, nor a right one about another agent's conversation", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await atCard(edge, BOTH);
    await started(visitor, card, number, "whatsapp");
    await delivered(line, "sent");
    const message = await meta.messageTo(number);
    for (const changed of [
      { secret: "another" },
      { secret: "" },
      { headers: { "x-hub-signature-256": "" } },
      { headers: { "x-hub-signature-256": "sha256=" } },
      { tampered: "{}" },
      { agent: "ag_outbox" },
      { agent: "ag_nobody" },
    ]) {
      assertRefused(await meta.tell(edge, BOTH, message, "failed", changed), 403, "wrong_origin");
    }
    assert.equal((await meta.tell(edge, "ag_whatsapp", message, "failed")).status, 204);
    assert.equal((await meta.tell(edge, BOTH, message, "failed", { body: "no JSON" })).status, 204);
    assert.equal(twilio.messagesTo(number).length, 0);
    await visitor.leave();
  });

  test("Meta gets its challenge back for the agreed word alone", async () => {
    const ask = (changed = {}) => {
      const query = new URLSearchParams({ "hub.mode": "subscribe", "hub.verify_token": meta.verifyToken, "hub.challenge": "1158201444", ...changed });
      return request(`${edge.url}/hooks/whatsapp/${BOTH}?${query}`);
    };
    const right = await ask();
    assert.equal(right.status, 200);
    assert.equal(right.text, "1158201444");
    assert.match(right.headers["content-type"], /^text\/plain/);
    for (const changed of [{ "hub.verify_token": "x" }, { "hub.verify_token": "" }, { "hub.mode": "unsubscribe" }, { "hub.challenge": "<script>" }, { "hub.challenge": "" }]) {
      assertRefused(await ask(changed), 403, "wrong_origin");
    }
  });
});

describe("a number that gets no code", () => {
  test("what is not one number, costs extra, takes no messages or is of another country", async () => {
    const { visitor, card } = await atCard(edge, BOTH);
    for (const number of [
      "", "abc", "12", "+4915112345678,+4915112345679", "+4915112345678\r\nTo: +14155552671", "+4915112345678\0", "+4915112345678;ext=1", "tel:+4915112345678",
      "+1 900 234 5678", "+1 800 234 5678", "+49 900 1 234567", "+49 180 2 123456", "+44 70 1234 5678", "+49 30 901820",
      "+33 6 12 34 56 78", "+1 876 210 1234", "+7 912 345 67 89", "+882 16 1234 5678", "ann@example.com",
    ]) {
      assertRefused(await startPhone(visitor, card, number), 400, "bad_number");
    }
    for (const address of [["+4915112345678"], { to: "+4915112345678" }, 4915112345678, null, true]) {
      assertRefused(await startPhone(visitor, card, address), 400, "bad_request");
    }
    assert.ok(twilio.messages.every((message) => /^\+49|^\+1|^\+44/.test(message.to)));
    await visitor.leave();
  });

  test("where the agent sends none to phones", async () => {
    const visitor = new Visitor(edge, { agent: "ag_mail" });
    const line = await visitor.connect();
    const card = await visitor.askForCard(line);
    assertRefused(await startPhone(visitor, card, freshNumber()), 403, "method_off");
    await visitor.leave();
  });
});

describe("budgets", () => {
  /** Asks for a code in a conversation of its own. */
  async function ask(id, number, options) {
    const { visitor, card } = await atCard(edge, id, options);
    const answer = await startPhone(visitor, card, number);
    await visitor.leave();
    if (answer.status !== 200) assert.ok(assertRefused(answer, 429, "too_often").retry_after_s > 0);
    return answer.status === 200;
  }
  const allowed = async (count, attempt) => {
    let passed = 0;
    for (let index = 0; index < count; index += 1) passed += (await attempt(index)) ? 1 : 0;
    return passed;
  };
  const alarms = async (id) => (await edge.ledger(id)).filter((record) => record.kind === "alarm_phone").map((record) => record.detail.budget);

  test("one number: three in ten minutes and five in a day, whoever asks", async () => {
    const number = freshNumber();
    assert.equal(await allowed(5, () => ask(BOTH, number)), 3);
    await edge.later(10 * 60_000);
    assert.equal(await allowed(4, () => ask(BOTH, number)), 2);
    await edge.later(3_600_000);
    assert.equal(await allowed(2, () => ask(BOTH, number)), 0);
    await twilio.messageTo(number, 5);
    assert.equal(twilio.messagesTo(number).length, 5);
  });

  test("numbers of one block: ten in an hour, and an alarm", async () => {
    const block = freshNumber().slice(0, -4);
    assert.equal(await allowed(13, (index) => ask(BOTH, `${block}${2000 + index}`)), 10);
    await until("the alarm", async () => (await alarms(BOTH)).includes("phone_prefix"));
    assert.ok(edge.logs().includes("alarm_phone"));
  });

  test("numbers of one block: used up by strangers, the browser that proved one of them has a code all the same", async () => {
    const number = freshNumber();
    const owner = await atCard(edge, "ag_block");
    await started(owner.visitor, owner.card, number);
    await signedIn(owner.visitor, owner.card, (await twilio.messageTo(number)).code);
    const siblings = Array.from({ length: 12 }, (_, index) => `${number.slice(0, -4)}${2000 + index}`).filter((one) => one !== number);
    assert.ok((await allowed(siblings.length, (index) => ask("ag_block", siblings[index]))) < siblings.length);
    await edge.later(61_000);
    assert.equal(await ask("ag_block", number), false, "a stranger was sent one more");
    const { visitor, card } = await atCard(edge, "ag_block", { known: owner.visitor.cookies.get("__Host-csk_ag_block") });
    await started(visitor, card, number);
    await signedIn(visitor, card, (await twilio.messageTo(number, 2)).code);
    for (const one of [owner.visitor, visitor]) await one.leave();
  });

  test("the agent's day: as many as its settings say, and an alarm", async () => {
    assert.equal(await allowed(6, () => ask("ag_capped", freshNumber())), 3);
    await until("the alarm", async () => (await alarms("ag_capped")).includes("phone_day"));
  });

  test("one conversation: two, then one in five minutes; one network: twenty in an hour", async () => {
    const { visitor, card } = await atCard(edge, BOTH);
    const statuses = [];
    for (let minute = 0; minute < 6; minute += 1) {
      statuses.push((await startPhone(visitor, card, freshNumber())).status);
      await edge.later(61_000);
    }
    assert.deepEqual(statuses, [200, 200, 429, 429, 429, 200]);
    await visitor.leave();
    assert.equal(await allowed(22, () => ask(BOTH, freshNumber(), { address: "203.0.113.77" })), 20);
  });

  test("too few codes that come back: sending pauses for an hour, with an alarm", async () => {
    const passed = await allowed(56, async () => {
      await edge.later(150_000);
      return ask("ag_pumped", freshNumber());
    });
    assert.ok(passed >= 50 && passed <= 52, `${passed} sent`);
    await until("the alarm", async () => (await alarms("ag_pumped")).includes("phone_health"));
    await edge.later(3_600_000);
    assert.ok(await ask("ag_pumped", freshNumber()));
  });
});

describe("a browser that is known, of whose number strangers used up everything", () => {
  /** Signs in by a code to a number, and has strangers ask for codes there until they get none. Says how many were sent. */
  async function usedUp(number) {
    const owner = await atCard(edge, "ag_known");
    await started(owner.visitor, owner.card, number);
    await signedIn(owner.visitor, owner.card, (await twilio.messageTo(number)).code);
    for (const count of [2, 2, 1]) {
      for (let index = 0; index < count; index += 1) {
        const { visitor, card } = await atCard(edge, "ag_known");
        await startPhone(visitor, card, number);
        await visitor.leave();
      }
      await edge.later(11 * 60_000);
    }
    const stranger = await atCard(edge, "ag_known");
    assertRefused(await startPhone(stranger.visitor, stranger.card, number), 429, "too_often");
    for (const { visitor } of [owner, stranger]) await visitor.leave();
    assert.equal(twilio.messagesTo(number).length, 5);
    return owner.visitor.cookies.get("__Host-csk_ag_known");
  }

  /** The browser with this cookie, signed out, in a conversation of its own. */
  const backIn = (cookie) => atCard(edge, "ag_known", { known: cookie });

  test("gets its code by the next channel where the first one fails at once", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await backIn(await usedUp(number));
    twilio.faults = [{ status: 500 }];
    await started(visitor, card, number);
    await delivered(line, "sent", (step) => step.channel === "whatsapp" && step.instead_of === "sms");
    await signedIn(visitor, card, (await meta.messageTo(number)).code);
    await visitor.leave();
  });

  test("gets a fresh one by the next channel where the network lost the first one", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await backIn(await usedUp(number));
    await started(visitor, card, number);
    await delivered(line, "sent");
    await twilio.tell(edge, await twilio.messageTo(number, 6), "undelivered");
    await delivered(line, "sent", (step) => step.channel === "whatsapp" && step.instead_of === "sms");
    await signedIn(visitor, card, (await meta.messageTo(number)).code);
    await visitor.leave();
  });

  test("may try again at once where every channel failed", async () => {
    const number = freshNumber();
    const { visitor, line, card } = await backIn(await usedUp(number));
    twilio.always = { status: 500 };
    meta.always = { status: 400 };
    await started(visitor, card, number);
    await delivered(line, "failed");
    twilio.always = undefined;
    await started(visitor, card, number);
    await signedIn(visitor, card, (await twilio.messageTo(number, 6)).code);
    await visitor.leave();
  });

  test("has five messages a day, those that took over counted", async () => {
    const number = freshNumber();
    const cookie = await usedUp(number);
    const came = [];
    twilio.always = { status: 500 };
    for (let round = 0; round < 4; round += 1) {
      await edge.later(61_000);
      const { visitor, line, card } = await backIn(cookie);
      const { status } = await startPhone(visitor, card, number);
      const told = status === 200 && (await line.until("its fate", (frame) => frame.card?.step.delivery === "sent" || frame.card?.step.delivery === "failed"));
      came.push(told ? told.card.step.delivery : status);
      await visitor.leave();
    }
    assert.deepEqual(came, ["sent", "sent", "failed", 429]);
    assert.equal(meta.messagesTo(number).length, 2);
  });
});

test("nothing that any of this sent was something that a vendor refuses", () => {
  assert.deepEqual(twilio.complaints(), []);
  assert.deepEqual(meta.complaints(), []);
});
