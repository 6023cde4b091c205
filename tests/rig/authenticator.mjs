// An authenticator of our own and the browser around it (Web Authentication Level 3), with everything that an attacker
// would change open to change: real keys, real signatures, real CBOR.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
const bytes = (text) => Buffer.from(text, "base64url");
const sha256 = (data) => createHash("sha256").update(data).digest();

/** CBOR (RFC 8949) of whole numbers, texts, bytes and maps, in the shortest form. */
export function cbor(value) {
  const head = (kind, n) => {
    if (n < 24) return Buffer.from([(kind << 5) | n]);
    if (n < 256) return Buffer.from([(kind << 5) | 24, n]);
    return Buffer.from([(kind << 5) | 25, n >> 8, n & 255]);
  };
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
}

export const UP = 0x01;
export const UV = 0x04;
const AT = 0x40;

export class Authenticator {
  /** `alg` is -7 (ES256) or -257 (RS256). It counts from 1 unless told not to. */
  constructor({ alg = -7, counts = true } = {}) {
    this.alg = alg;
    this.counter = counts ? 1 : 0;
    this.counts = counts;
    this.id = randomBytes(16);
    this.pair = alg === -7 ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
  }

  get cose() {
    const jwk = this.pair.publicKey.export({ format: "jwk" });
    return this.alg === -7
      ? new Map([[1, 2], [3, this.alg], [-1, 1], [-2, bytes(jwk.x)], [-3, bytes(jwk.y)]])
      : new Map([[1, 3], [3, this.alg], [-1, bytes(jwk.n)], [-2, bytes(jwk.e)]]);
  }

  data(rpId, flags, counter, rest = Buffer.alloc(0)) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, rest]);
  }

  /**
   * Answers `create`. `client` replaces members of the client data; `flags`, `rpId`, `cose`, `statement` and `tail` what
   * the authenticator says; `changed` is given the answer last.
   */
  create(options, origin, { client = {}, flags = UP | UV, rpId = options.rp.id, cose = this.cose, fmt = "none", statement = new Map(), tail = Buffer.alloc(0), changed = (answer) => answer } = {}) {
    this.user = options.user.id;
    const clientData = Buffer.from(JSON.stringify({ type: "webauthn.create", challenge: options.challenge, origin, crossOrigin: true, ...client }));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, cbor(cose), tail]);
    const authData = this.data(rpId, flags | AT, this.counter, attested);
    const object = cbor(new Map([["fmt", fmt], ["attStmt", statement], ["authData", authData]]));
    return changed({
      id: b64(this.id), rawId: b64(this.id), type: "public-key", authenticatorAttachment: "platform", clientExtensionResults: { credProps: { rk: true } },
      response: { clientDataJSON: b64(clientData), attestationObject: b64(object), transports: ["internal"] },
    });
  }

  /** Answers `get`; the options as for `create`. */
  get(options, origin, { client = {}, flags = UP | UV, rpId = options.rpId, counter, key = this.pair.privateKey, user = this.user, tail = Buffer.alloc(0), changed = (answer) => answer } = {}) {
    if (this.counts) this.counter += 1;
    const clientData = Buffer.from(JSON.stringify({ type: "webauthn.get", challenge: options.challenge, origin, crossOrigin: true, ...client }));
    const authData = this.data(rpId, flags, counter ?? this.counter, tail);
    const signature = sign("sha256", Buffer.concat([authData, sha256(clientData)]), key);
    return changed({
      id: b64(this.id), rawId: b64(this.id), type: "public-key", authenticatorAttachment: "platform", clientExtensionResults: {},
      response: { clientDataJSON: b64(clientData), authenticatorData: b64(authData), signature: b64(signature), ...(user === undefined ? {} : { userHandle: user }) },
    });
  }
}
