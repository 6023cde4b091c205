// Standard Webhooks (standardwebhooks.com, specification 1.0.0): who sent a request, told by HMAC-SHA-256 over its id,
// its time and its bytes.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_S = 5 * 60;

/** Why the signature of a request is no good, or undefined when it is. `secret` is `whsec_` and base64; `now` in ms. */
export function complaint({ headers, raw }, secret, now = Date.now()) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (!id || !timestamp || !signatures) return "the request is not signed";
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_S) return "the time is not near";
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const wanted = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(raw).digest();
  const good = signatures.split(" ").some((one) => {
    const [version, text] = one.split(",");
    const given = Buffer.from(text ?? "", "base64");
    return version === "v1" && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  return good ? undefined : "the signature is wrong";
}
