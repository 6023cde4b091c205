// An OpenID provider that lies: it has a key of its own, and signs, or does not sign, whatever it is told to. Counts who
// asks for its keys.
import { createHmac, createPublicKey, createSign, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import http from "node:http";

import { CLIENT } from "./google.mjs";

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const pair = (bits = 2048) => generateKeyPairSync("rsa", { modulusLength: bits });

/** Signs by RS256 unless told otherwise. */
export function sign(key, head, claims, alg = "sha256") {
  const message = `${part(head)}.${part(claims)}`;
  return `${message}.${createSign(alg).update(message).sign(key).toString("base64url")}`;
}

/** A token with a MAC in the signature's place. */
export function mac(secret, head, claims) {
  const message = `${part(head)}.${part(claims)}`;
  return `${message}.${createHmac("sha256", secret).update(message).digest("base64url")}`;
}

/** A token with nothing in the signature's place. */
export const bare = (head, claims) => `${part(head)}.${part(claims)}.`;

/** Starts it. `player.answer` gets `{head, claims, keys}` and gives the id token, or `{status, body}`, or "hang". */
export async function startHostileOp() {
  const keys = { own: pair().privateKey, other: pair().privateKey };
  const jwk = { ...createPublicKey(keys.own).export({ format: "jwk" }), kid: "k1", use: "sig", alg: "RS256" };
  const pem = createPublicKey(keys.own).export({ type: "spki", format: "pem" });
  const honest = ({ head, claims }) => sign(keys.own, head, claims);
  const player = { keys, pem, jwk, client: CLIENT, answer: honest, honest, keyFetches: 0, exchanges: [], keyAnswer: undefined };
  const nonces = new Map();
  let codes = 0;

  const json = (outgoing, body, status = 200) => {
    outgoing.writeHead(status, { "content-type": "application/json" });
    outgoing.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  const server = http.createServer((incoming, outgoing) => {
    const { pathname } = new URL(incoming.url, player.issuer);
    const chunks = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      if (pathname === "/.well-known/openid-configuration") {
        return json(outgoing, {
          issuer: player.issuer, authorization_endpoint: `${player.issuer}/auth`,
          token_endpoint: `${player.issuer}/token`, jwks_uri: `${player.issuer}/jwks`,
        });
      }
      if (pathname === "/jwks") {
        player.keyFetches += 1;
        return json(outgoing, player.keyAnswer ?? { keys: [jwk] });
      }
      const form = new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
      player.exchanges.push({ form: Object.fromEntries(form), headers: incoming.headers });
      const now = player.now();
      const claims = {
        iss: player.issuer, aud: CLIENT.id, azp: CLIENT.id, sub: "4711", nonce: nonces.get(form.get("code")),
        iat: now, exp: now + 3600, email: "ana@example.com", email_verified: true, name: "Mallory",
      };
      const answered = player.answer({ head: { alg: "RS256", kid: "k1", typ: "JWT" }, claims, keys });
      if (answered === "hang") return undefined;
      if (answered?.status) return json(outgoing, answered.body ?? "{}", answered.status);
      return json(outgoing, { access_token: "canary-access-token", token_type: "Bearer", expires_in: 3600, id_token: answered });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(player, {
    issuer: `http://127.0.0.1:${server.address().port}`,
    now: () => Math.floor(Date.now() / 1000),
    /** What the provider would send a window back with, from where the window was sent. */
    back(asked, origin) {
      codes += 1;
      nonces.set(`code${codes}`, asked.searchParams.get("nonce"));
      return `${origin}/login/google/callback?state=${encodeURIComponent(asked.searchParams.get("state"))}&code=code${codes}`;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
}
