// A signed token taken apart and put together again, as a forger would.
const decode = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export const headOf = (token) => decode(token.split(".")[0]);
export const claimsOf = (token) => decode(token.split(".")[1]);

/** The token with other header fields or claims, and its old signature unless another is given. */
export function remade(token, { head = {}, claims = {}, signature } = {}) {
  return [encode({ ...headOf(token), ...head }), encode({ ...claimsOf(token), ...claims }), signature ?? token.split(".")[2]].join(".");
}
