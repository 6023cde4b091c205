// Secrets that can be recognised, one whole login with each of them used, and a search through everything that was
// written or sent on the way (R71, R2, R13, R28). What may be where is written down in ALLOWED and nowhere else.
import { startCompany } from "../../demo/company/company.mjs";
import { agentWithActions, agentWithModel, agent, modelAt, order } from "./agents.mjs";
import { Visitor, messageId } from "./client.mjs";
import { codeIn } from "./inbox.mjs";
import { shopAssistant, startOpenAi } from "./players/openai.mjs";
import { startResend } from "./players/resend.mjs";
import { startProcess } from "./process.mjs";
import { startPuppet } from "./puppet.mjs";
import { typed } from "./stage.mjs";

/**
 * Where each canary may be found. Places: `mail` (requests to Resend), `model` (requests to the model), `card` (frames and
 * answers to the visitor's own browser), `cookie` (Set-Cookie to it), `company` (requests to the company's API), `records` (files of
 * D1), `objects` (files of the Durable Objects), `log`, `address` (URLs that the edge was asked for or asked itself).
 */
export const ALLOWED = {
  // The code is for the inbox and for nothing else; the object keeps its HMAC.
  code: ["mail"],
  // The address goes to the mail service and back to the one who typed it. It is stored with the card, so that it can be
  // corrected, and stands in the site owner's own records.
  email: ["mail", "card", "objects", "records"],
  // An agent whose settings mark it visible may tell the model.
  visibleEmail: ["mail", "card", "objects", "records", "model"],
  session: ["cookie"],
  masterKey: [],
  signingKey: [],
  // Each goes to its own vendor, in the Authorization header.
  resendKey: ["mail"],
  modelKey: ["model"],
  // Fields of a record that the AI may not see: in the site owner's own record and nowhere else.
  hiddenField: ["records"],
  // What is typed into the form of a login action, and the tokens that come back: to the company and nowhere else (R54, R55).
  password: ["company"],
  wrongPassword: ["company"],
  token: ["company"],
  refreshToken: ["company"],
  phoneCode: ["company"],
  // What the first step of a login gives for the second.
  step: ["company"],
  // What the company answers and no action shows.
  unshown: [],
};

const HIDDEN = "CANARY-HIDDEN-FIELD-5b1e";

/** Logs `people` people in and searches. Returns `{leaks, searched, places}`; a leak is `{canary, place, where}`. */
export async function searchForCanaries({ people = 3 } = {}) {
  const resend = await startResend();
  const model = await startOpenAi({ script: shopAssistant });
  const emails = Array.from({ length: people }, (_, index) => `canary-person-${index}-${messageId().slice(2, 8).toLowerCase().replace(/[^a-z0-9]/g, "x")}@example.com`);
  const collections = [{
    collection: "orders",
    email_field: "customer_email",
    rows: emails.map((email, index) => ({ ...order(`NW-77${10 + index}`, email), payment_reference: `${HIDDEN}-${index}` })),
  }];
  const visible = { ...agent().customer_auth, visible_fields: ["email"] };
  const company = await startCompany();
  const puppet = await startPuppet();
  const edge = await startProcess({
    resend, model, collections,
    agents: [
      agentWithModel(model, "ag_model"), agentWithModel(model, "ag_visible", { customer_auth: visible }),
      agentWithActions(company, "ag_actions", { model: modelAt(puppet.model) }),
    ],
  });
  const canaries = [
    { name: "masterKey", value: edge.secrets.COUNTERSIGN_MASTER_KEY },
    { name: "signingKey", value: edge.secrets.COUNTERSIGN_SIGNING_KEYS.split(":")[1] },
    { name: "resendKey", value: resend.key },
    { name: "modelKey", value: model.key },
    { name: "hiddenField", value: HIDDEN },
  ];
  const places = { mail: [], model: [], card: [], cookie: [], company: [], records: [], objects: [], log: [], address: [] };
  try {
    for (const [index, email] of emails.entries()) {
      const seesEmail = index % 3 === 2;
      const visitor = recording(new Visitor(edge, { agent: seesEmail ? "ag_visible" : "ag_model" }), places);
      const line = await visitor.connect();
      const card = await visitor.askForCard(line);
      const code = await visitor.codeFor(card, email);
      canaries.push({ name: "code", value: code, digits: true }, { name: seesEmail ? "visibleEmail" : "email", value: email });
      await visitor.verify(card, String((Number(code) + 1) % 10 ** code.length).padStart(code.length, "0"));
      // Typed into the chat, as people do, in more than one spelling; then where it belongs.
      for (const text of [code, `it says ${code.slice(0, 3)} ${code.slice(3)}`]) {
        const id = messageId();
        line.send({ type: "message", id, text });
        await line.until("a word about it", (frame) => frame.id === id && ["ack", "refused"].includes(frame.type));
      }
      const verified = await visitor.verify(card, code);
      if (verified.status !== 200) throw new Error(`the code was refused: ${verified.text}`);
      canaries.push({ name: "session", value: visitor.token.split(".")[2] });
      await line.closed;
      await visitor.arrive();
      const again = await visitor.connect();
      await again.until("the answer", (frame) => frame.type === "answer");
      await again.ask("Thank you! What is your return policy?");
      await visitor.verify(card, code);
      for (const one of [line, again]) places.card.push(...one.frames.map((frame) => ({ where: `frame ${frame.type}`, text: JSON.stringify(frame) })));
      if (index % 2 === 1) await visitor.signOut();
      await visitor.leave();
    }
    await stumble(edge, { resend, model, places, canaries });
    await signInAtCompany({ edge, company, puppet, places, canaries, people });
    places.mail.push(...resend.requests.map((one) => ({ where: one.path, text: `${JSON.stringify(one.headers)}\n${one.raw}` })));
    places.company.push(...company.requests.map((one) => ({ where: one.path, text: `${JSON.stringify(one.headers)}\n${one.raw}` })));
    places.model.push(...[...model.requests, ...puppet.model.requests].map((one) => ({ where: one.path, text: `${JSON.stringify(one.headers)}\n${one.raw}` })));
    places.address.push(...[...resend.requests, ...model.requests, ...puppet.model.requests, ...company.requests].map((one) => ({ where: "asked by the edge", text: one.path })));
    places.log.push({ where: "log", text: edge.logs() });
    for (const { file, bytes } of await edge.files()) {
      places[file.startsWith("d1") ? "records" : "objects"].push({ where: file, text: bytes.toString("latin1") });
    }
    const mails = resend.mails.length;
    if (mails < people || codeIn(resend.mails[0].text).length < 6) throw new Error("the players saw no login");
  } finally {
    await edge.stop();
    await resend.stop();
    await model.stop();
    await puppet.stop();
    await company.stop();
  }
  const leaks = [];
  for (const { name, value, digits } of canaries) {
    for (const [place, items] of Object.entries(places)) {
      if (ALLOWED[name].includes(place)) continue;
      for (const { where, text } of items) {
        for (const spelling of spellings(value, digits)) {
          if (found(text, spelling, digits && spelling === value)) leaks.push({ canary: name, place, where, spelling: spelling === value ? "as it is" : "encoded" });
        }
      }
    }
  }
  const searched = Object.entries(places).map(([place, items]) => `${place} ${items.reduce((sum, { text }) => sum + text.length, 0)} B`).join(", ");
  return { leaks, searched, canaries: canaries.length, places };
}

/** People with an account at the company: by password and by phone, with tokens that end, calls that fail and a form filled in wrong. */
async function signInAtCompany({ edge, company, puppet, places, canaries, people }) {
  for (let n = 0; n < people; n += 1) {
    const who = company.enrol({ password: `Canary ${n} & "sings" ${messageId()}` });
    const wrong = `Canary wrong ${messageId()}`;
    canaries.push({ name: "password", value: who.password }, { name: "wrongPassword", value: wrong }, { name: "unshown", value: `MARGIN-${who.user_id.slice(1)}` });
    const visitor = recording(new Visitor(edge, { agent: "ag_actions" }), places);
    const line = await visitor.connect();
    const track = puppet.plan([["track_order", { order_number: who.order }]], [["find_shop", { city: "Boulder" }]]);
    await line.say(track);
    const { id } = await line.cardAfter();
    // The API repeats what it was sent, as careless ones do.
    company.next(({ json }) => ({ status: 401, body: { success: false, message: `No account takes ${json.password}.` } }), { when: ({ path }) => path === "/login" });
    await visitor.submit(id, "sign_in", { user_name: who.user_name, password: wrong });
    company.next({ status: 500, body: { success: false } }, { when: ({ path }) => path === "/login" });
    await visitor.submit(id, "sign_in", { user_name: who.user_name, password: wrong });
    await visitor.submit(id, "sign_in", { user_name: who.user_name, password: who.password, extra: wrong });
    if (n % 2 === 1) {
      await visitor.submit(id, "sign_in_by_phone", { phone: who.phone });
      const [step, { code }] = [...company.accounts.phoneCodes].findLast(([, { phone }]) => phone === who.phone);
      canaries.push({ name: "step", value: step }, { name: "phoneCode", value: code, digits: true });
      const done = await visitor.submit(id, "enter_phone_code", { code });
      if (done.status !== 200) throw new Error(`the code of the phone was refused: ${done.text}`);
    } else {
      const done = await visitor.submit(id, "sign_in", typed(who));
      if (done.status !== 200) throw new Error(`the password was refused: ${done.text}`);
    }
    await line.closed;
    await visitor.arrive();
    const again = await visitor.connect();
    const [{ told }] = await puppet.toldOf(track);
    if (told.status !== "done") throw new Error(`the order was not read: ${JSON.stringify(told)}`);
    await again.until("the answer", (frame) => frame.type === "answer");
    // A token that has ended: refreshed, and used again. Then an API that says what it should not.
    company.accounts.expire(who.user_id);
    await again.ask(puppet.plan([["track_order", { order_number: who.order }]]));
    company.next(({ headers }) => ({ status: 500, body: { success: false, message: `Refused: ${headers.authorization}` } }), { when: ({ path }) => path.startsWith("/orders/") });
    await again.ask(puppet.plan([["track_order", { order_number: who.order }]]));
    await visitor.remembered();
    if (n % 3 === 2) await visitor.erase();
    places.card.push(...[line, again].flatMap(({ frames }) => frames).map((frame) => ({ where: `frame ${frame.type}`, text: JSON.stringify(frame) })));
    const of = (tokens) => [...tokens].filter(([, { user_id }]) => user_id === who.user_id).map(([value]) => value);
    canaries.push(...of(company.accounts.tokens).map((value) => ({ name: "token", value })), ...of(company.accounts.refreshTokens).map((value) => ({ name: "refreshToken", value })));
    await visitor.leave();
  }
}

/** A visitor for whom everything fails that can: what the edge writes to its log then is searched too. */
async function stumble(edge, { resend, model, places, canaries }) {
  const email = "canary-stumbles@example.com";
  const visitor = recording(new Visitor(edge, { agent: "ag_model" }), places);
  const line = await visitor.connect();
  const card = await visitor.askForCard(line);
  const from = resend.requests.length;
  resend.always = { status: 500 };
  await visitor.start(card, email);
  await line.until("the mail to fail", (frame) => frame.type === "card" && frame.card.step.delivery === "failed");
  resend.always = undefined;
  canaries.push({ name: "email", value: email }, { name: "code", value: codeIn(JSON.parse(resend.requests[from].raw).text), digits: true });
  for (const address of [`${email}, ${email}`, [email]]) await visitor.start(card, address);
  model.script = () => [{ status: 500 }];
  const id = messageId();
  line.send({ type: "message", id, text: "What is your return policy?" });
  await line.until("the model to fail", (frame) => frame.type === "interrupted");
  model.script = shopAssistant;
  await visitor.leave();
}

/** A secret as it is, and as it would look in JSON, base64, hex or a URL. */
function spellings(value, digits) {
  if (digits) return [value, `${value.slice(0, 3)} ${value.slice(3)}`, `${value.slice(0, 3)}-${value.slice(3)}`];
  const bytes = Buffer.from(value);
  return [...new Set([value, JSON.stringify(value).slice(1, -1), value.toUpperCase(), encodeURIComponent(value), bytes.toString("hex"), bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url")])];
}

/** Six digits of their own: not inside a longer number, which by chance holds any six digits. */
function found(text, spelling, alone) {
  if (!alone) return text.includes(spelling);
  return new RegExp(`(?<![0-9A-Za-z_.-])${spelling}(?![0-9A-Za-z_.-])`).test(text);
}

/** Notes every answer, cookie and address of a visitor's requests. */
function recording(visitor, places) {
  const send = visitor.send.bind(visitor);
  visitor.send = async (path, options) => {
    const answer = await send(path, options);
    places.address.push({ where: "asked by the browser", text: path });
    places.card.push({ where: path, text: answer.text });
    places.cookie.push({ where: path, text: answer.setCookie.join("\n") });
    return answer;
  };
  const socket = visitor.socket.bind(visitor);
  visitor.socket = (after, options) => {
    places.address.push({ where: "socket", text: `${visitor.under("socket")}?after=${after}` });
    return socket(after, options);
  };
  return visitor;
}
