// Meta's WhatsApp Cloud API on loopback: messages by template as its own description has them, and signed webhooks.
import { createHmac, randomBytes } from "node:crypto";

import { request } from "../http.mjs";
import { startCarrier } from "./carrier.mjs";
import { judgeOfRequest } from "./schema.mjs";

export const NUMBER_ID = "106540352242922";
export const TEMPLATE = "login_code";

export async function startMeta() {
  const token = `EAA${randomBytes(24).toString("hex")}`;
  const [appSecret, verifyToken] = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
  // Documented with the messages endpoint, left out of the published description.
  const judge = judgeOfRequest("meta-whatsapp/send.fixed.json", (description) => description.components.schemas.Message, ["biz_opaque_callback_data"]);
  const refuse = (status, code, message) => ({ status, json: { error: { message, type: "OAuthException", code, fbtrace_id: "A" } } });
  let count = 0;

  function take(entry) {
    if (entry.method !== "POST" || entry.path !== `/v23.0/${NUMBER_ID}/messages`) return refuse(404, 100, "Unknown path");
    if (entry.headers.authorization !== `Bearer ${token}`) return refuse(401, 190, "Invalid OAuth access token");
    let body;
    try {
      body = JSON.parse(entry.raw);
    } catch {
      entry.complaints.push("the body is no JSON");
      return refuse(400, 100, "Invalid parameter");
    }
    entry.body = body;
    if (entry.headers["content-type"] !== "application/json") entry.complaints.push("content-type is not JSON");
    entry.complaints.push(...(judge?.(body) ?? []));
    if (!/^\+[1-9]\d{6,14}$/.test(body.to ?? "")) entry.complaints.push("to is not one number");
    if ((body.biz_opaque_callback_data ?? "").length > 512) entry.complaints.push("biz_opaque_callback_data is too long");
    // Authentication templates: the code in the text and in the button, at most 15 characters.
    const [text, button, ...more] = body.template?.components ?? [];
    const codes = [text, button].map((one) => one?.parameters?.[0]?.text);
    if (more.length > 0 || text?.type !== "body" || button?.type !== "button" || button?.sub_type !== "url" || button?.index !== "0") {
      entry.complaints.push("not the components of an authentication template");
    }
    if (codes[0] !== codes[1] || !/^\d{4,15}$/.test(codes[0] ?? "")) entry.complaints.push("the code is not the same in both");
    if (body.template?.name !== TEMPLATE) return refuse(404, 132001, "Template name does not exist in the translation");
    if (entry.complaints.length > 0) return refuse(400, 100, entry.complaints.join("; "));
    count += 1;
    const id = `wamid.${Buffer.from(`message ${count}`).toString("base64")}`;
    const message = { id, to: body.to, channel: "whatsapp", code: codes[0], ours: body.biz_opaque_callback_data };
    const json = { messaging_product: "whatsapp", contacts: [{ input: body.to, wa_id: body.to.slice(1) }], messages: [{ id, message_status: "accepted" }] };
    return { status: 200, json, message };
  }

  const player = await startCarrier(take, (status) => refuse(status, status === 429 ? 130429 : 131000, "Scripted fault").json);
  return Object.assign(player, {
    token,
    appSecret,
    verifyToken,
    judged: judge !== undefined,
    /** Tells the edge what became of a message. `changed` replaces parts: `{agent, secret, body, headers}`. */
    tell(edge, agent, message, status, changed = {}) {
      const body = changed.body ?? JSON.stringify({
        object: "whatsapp_business_account",
        entry: [{ id: "102290129340398", changes: [{ field: "messages", value: {
          messaging_product: "whatsapp",
          metadata: { display_phone_number: "15550783881", phone_number_id: NUMBER_ID },
          statuses: [{
            id: message.id, status, timestamp: "1750030073", recipient_id: message.to.slice(1), biz_opaque_callback_data: message.ours,
            ...(status === "failed" && { errors: [{ code: 131026, title: "Message undeliverable" }] }),
          }],
        } }] }],
      });
      const signed = createHmac("sha256", changed.secret ?? appSecret).update(body).digest("hex");
      const headers = { "content-type": "application/json", "x-hub-signature-256": `sha256=${signed}`, ...changed.headers };
      return request(`${edge.url}/hooks/whatsapp/${changed.agent ?? agent}`, { method: "POST", headers, body: changed.tampered ?? body });
    },
  });
}
