//! Signing in with an `OpenID` provider in another window (M4; OIDC Core, RFC 6749, RFC 7636, RFC 9700): what is asked, what
//! comes back, and which window may finish whose login (R30 to R35). Pure: the edge fetches, keeps and draws.

pub mod attempt;
pub mod id_token;
pub mod keys;
pub mod provider;
pub mod request;
pub mod window;

#[cfg(test)]
mod samples;
