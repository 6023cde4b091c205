// What most visitors never need, as a module of its own that the page loads when it is needed first. The page calls these
// by name (`edge.more`, `data-press`); what they ask the edge goes through the page's own `edge`.
export { account } from "./account";
export { google, openGoogle } from "./google";
export { otp } from "./otp";
export { offer, passkey } from "./passkey";
export { remembered } from "./remembered";
