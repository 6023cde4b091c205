// Agents that send codes to phones, and a visitor's part in it.
import { agent } from "./agents.mjs";
import { Visitor } from "./client.mjs";
import { CONTENT, SID } from "./players/twilio.mjs";
import { NUMBER_ID, TEMPLATE } from "./players/meta.mjs";

let numbers = 0;

/** A mobile number that no other test of this run uses: Germany, no two of one prefix. */
export function freshNumber() {
  numbers += 1;
  return `+491512${String(1000 + numbers).slice(-3)}${String(1000 + ((numbers * 7919) % 9000))}`;
}

export const twilioAccount = (more = {}) => ({ account_sid: SID, from: "+15005550006", ...more });
export const twilioWithWhatsapp = (more = {}) => twilioAccount({ whatsapp_content_sid: CONTENT, whatsapp_from: "+14155238886", ...more });
export const metaAccount = (more = {}) => ({ phone_number_id: NUMBER_ID, template: TEMPLATE, language: "en_US", ...more });

/** An agent with codes to phones; `phone` replaces single settings. */
export function phoneAgent(id, phone = {}, { methods = ["phone_code"], ...auth } = {}) {
  return agent(id, {
    auth: { methods, phone: { countries: ["DE", "US", "GB"], channels: ["sms", "whatsapp"], day_messages: 500, ...phone }, ...auth },
  });
}

/** A visitor with an open card. */
export async function atCard(edge, id, options = {}) {
  const visitor = new Visitor(edge, { agent: id, ...options });
  const line = await visitor.connect();
  const card = await visitor.askForCard(line);
  return { visitor, line, card };
}

/** Asks for a code to a number. */
export const startPhone = (visitor, card, address, channel) =>
  visitor.send(visitor.under("login/start"), { body: { card, method: "phone_code", address, ...(channel && { channel }) } });

/** Waits until the card says this of its message. */
export const delivered = (line, state, more = () => true) =>
  line.until(`delivery ${state}`, (frame) => frame.type === "card" && frame.card.step.delivery === state && more(frame.card.step));

/** Sets the agent's secrets for its players. */
export async function phoneSecrets(edge, id, { twilio, meta }) {
  if (twilio) await edge.secret(id, "twilio_auth_token", twilio.token);
  if (meta) {
    await edge.secret(id, "whatsapp_token", meta.token);
    await edge.secret(id, "whatsapp_app_secret", meta.appSecret);
    await edge.secret(id, "whatsapp_verify_token", meta.verifyToken);
  }
}
