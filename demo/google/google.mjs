// What plays Google where there is none: an OpenID provider on loopback (panva's oidc-provider) with RS256 and PKCE, a page
// on which one chooses an account, and nothing to type. It speaks the protocol for real; only its accounts are made up.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";

import { Provider, interactionPolicy } from "oidc-provider";

import { chooser } from "./page.mjs";

/** Made-up accounts. `sub` is what an account is known by; addresses change hands. */
export const ACCOUNTS = [
  { sub: "107691503500061507151", name: "Ana Silva", email: "ana@example.com", email_verified: true },
  { sub: "113082367424680135790", name: "Ben Okafor", email: "ben@example.com", email_verified: true },
  { sub: "100246813579024681357", name: "Chris Unverified", email: "chris@example.com", email_verified: false },
];

/** The client of the demo. */
export const DEMO_CLIENT = { id: "demo-countersign.apps.googleusercontent.example", secret: "demo-google-secret-that-opens-nothing" };

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomBytes(8).toString("hex"), use: "sig", alg: "RS256" };
}

/** Starts it. `redirects` are the exact addresses that a client may be answered at. */
export async function startGoogle({ port = 0, client = DEMO_CLIENT, redirects, accounts = ACCOUNTS } = {}) {
  let answer;
  const seen = [];
  const server = http.createServer((incoming, outgoing) => {
    seen.push({ method: incoming.method, path: incoming.url });
    return incoming.url === "/health" ? outgoing.end("ok") : answer(incoming, outgoing);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${server.address().port}`;

  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
  const provider = new Provider(issuer, {
    clients: [{
      client_id: client.id, client_secret: client.secret, redirect_uris: redirects, response_types: ["code"],
      grant_types: ["authorization_code"], token_endpoint_auth_method: "client_secret_post",
    }],
    jwks: { keys: [signingKey()] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    // As Google does: what the scopes allow stands in the id token.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    scopes: ["openid", "email", "profile"],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/choose/${interaction.uid}`, policy },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    ttl: { AuthorizationCode: 60, AccessToken: 300, IdToken: 3600, Interaction: 3600, Session: 86_400, Grant: 86_400 },
    findAccount: (_, sub) => {
      const account = accounts.find((one) => one.sub === sub);
      return account && { accountId: sub, claims: () => ({ ...account }) };
    },
    async loadExistingGrant(ctx) {
      // Nobody is asked whether a chat may know who they are a second time.
      const grant = new provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
  // Exactly these; a test may learn the edge's port after this one was told to its provider.
  provider.Client.prototype.redirectUriAllowed = (uri) => redirects.includes(uri);
  provider.use(async (ctx, next) => {
    const [, place, , choice] = ctx.path.split("/");
    if (place !== "choose") return next();
    if (choice === "none") {
      return provider.interactionFinished(ctx.req, ctx.res, { error: "access_denied", error_description: "The person said no" });
    }
    const account = accounts.find((one) => one.sub === choice);
    if (account) {
      return provider.interactionFinished(ctx.req, ctx.res, { select_account: {}, login: { accountId: account.sub } });
    }
    await provider.interactionDetails(ctx.req, ctx.res);
    ctx.type = "html";
    ctx.body = chooser(ctx.path, accounts);
    return undefined;
  });
  answer = provider.callback();

  return {
    issuer, client, accounts, redirects,
    /** Every request, as `{method, path}`. */
    seen,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
