// Twilio on loopback: the Messages resource as twilio/twilio-oai describes it, its errors, and its signed status callbacks.
import { createHmac, randomBytes } from "node:crypto";

import { codeIn } from "../inbox.mjs";
import { request } from "../http.mjs";
import { startCarrier } from "./carrier.mjs";
import { judgeOfRequest } from "./schema.mjs";

export const SID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa00";
export const CONTENT = "HXbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb01";
const PATH = `/2010-04-01/Accounts/${SID}/Messages.json`;

/** `X-Twilio-Signature` over an address and a form. */
export function signature(token, url, form) {
  const pairs = [...new URLSearchParams(form)].map(([name, value]) => name + value).sort();
  return createHmac("sha1", token).update(url + pairs.join("")).digest("base64");
}

export async function startTwilio() {
  const token = randomBytes(16).toString("hex");
  const judge = judgeOfRequest("twilio/api_v2010.json", (description) =>
    description.paths["/2010-04-01/Accounts/{AccountSid}/Messages.json"].post.requestBody.content["application/x-www-form-urlencoded"].schema);
  const refuse = (status, code, message) => ({ status, json: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } });
  let count = 0;

  function take(entry) {
    if (entry.method !== "POST" || entry.path !== PATH) return refuse(404, 20404, `The requested resource ${entry.path} was not found`);
    const basic = `Basic ${Buffer.from(`${SID}:${token}`).toString("base64")}`;
    if (entry.headers.authorization !== basic) return refuse(401, 20003, "Authenticate");
    if (entry.headers["content-type"] !== "application/x-www-form-urlencoded") entry.complaints.push("content-type is not a form");
    const form = new URLSearchParams(entry.raw);
    const fields = Object.fromEntries(form);
    if ([...form].length !== Object.keys(fields).length) entry.complaints.push("a field stands twice");
    entry.complaints.push(...(judge?.(fields) ?? []));
    if (!/^(whatsapp:)?\+[1-9]\d{6,14}$/.test(fields.To ?? "")) entry.complaints.push("To is not one number");
    if ((fields.From === undefined) === (fields.MessagingServiceSid === undefined)) entry.complaints.push("not one of From and MessagingServiceSid");
    if ((fields.Body === undefined) === (fields.ContentSid === undefined)) entry.complaints.push("not one of Body and ContentSid");
    if ((fields.Body ?? "").length > 1600) entry.complaints.push("Body is too long");
    const whatsapp = (fields.To ?? "").startsWith("whatsapp:");
    if (whatsapp && fields.From && !fields.From.startsWith("whatsapp:")) entry.complaints.push("To and From are of two channels");
    if (entry.complaints.length > 0) return refuse(400, 21211, entry.complaints.join("; "));
    count += 1;
    const sid = `SM${String(count).padStart(32, "0")}`;
    const message = {
      sid,
      to: fields.To.replace("whatsapp:", ""),
      channel: whatsapp ? "whatsapp" : "sms",
      text: fields.Body,
      code: whatsapp ? JSON.parse(fields.ContentVariables)["1"] : codeIn(fields.Body),
      callback: fields.StatusCallback,
      fields,
    };
    // The shape of a recorded answer.
    const resource = `/2010-04-01/Accounts/${SID}/Messages/${sid}`;
    const json = {
      account_sid: SID, api_version: "2010-04-01", body: fields.Body ?? "", date_created: "Wed, 10 Jun 2026 09:00:35 +0000", date_sent: null,
      date_updated: "Wed, 10 Jun 2026 09:00:35 +0000", direction: "outbound-api", error_code: null, error_message: null, from: fields.From ?? null,
      messaging_service_sid: fields.MessagingServiceSid ?? null, num_media: "0", num_segments: "1", price: null, price_unit: "USD", sid,
      status: fields.MessagingServiceSid ? "accepted" : "queued", subresource_uris: { media: `${resource}/Media.json` }, to: fields.To, uri: `${resource}.json`,
    };
    return { status: 201, json, message };
  }

  const player = await startCarrier(take, (status) => ({ code: status === 429 ? 20429 : 20500, message: "Scripted fault", more_info: "", status }));
  return Object.assign(player, {
    token,
    judged: judge !== undefined,
    /** Tells the edge what became of a message. `changed` replaces parts: `{token, url, form, headers, method}`. */
    tell(edge, message, status, changed = {}) {
      const form = changed.form ?? new URLSearchParams({
        SmsSid: message.sid, SmsStatus: status, MessageStatus: status, To: message.fields.To, MessageSid: message.sid, AccountSid: SID,
        From: message.fields.From ?? "+15005550006", ApiVersion: "2010-04-01", ...(status === "undelivered" && { ErrorCode: "30008" }),
      }).toString();
      const url = changed.url ?? message.callback;
      const { pathname, search } = new URL(url);
      const signed = signature(changed.token ?? token, message.callback, form);
      const headers = { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signed, ...changed.headers };
      if (changed.headers && changed.headers["x-twilio-signature"] === null) delete headers["x-twilio-signature"];
      return request(edge.url + pathname + search, { method: changed.method ?? "POST", headers, body: changed.body ?? form });
    },
  });
}
