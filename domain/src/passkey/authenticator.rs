//! Authenticator data (Web Authentication Level 3, section 6.1).

use sha2::{Digest, Sha256};

use super::{Refused, Site, cbor};

/// The most bytes of it: an RSA key of 4,096 bits, a long id and extensions fit.
const MAX_BYTES: usize = 4_096;
/// The longest that a credential's id may be (section 7.1, step 25).
const MAX_ID_BYTES: usize = 1_023;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENDED: u8 = 0x80;

/// What the authenticator said, once the site and the flags were checked.
pub(super) struct AuthenticatorData<'a> {
    /// How often it signed; 0 where it does not count.
    pub(super) counter: u32,
    /// Whether the passkey may be copied to other devices.
    pub(super) backup_eligible: bool,
    /// The new credential, at a registration.
    pub(super) attested: Option<Attested<'a>>,
}

/// A new credential.
pub(super) struct Attested<'a> {
    /// Its id.
    pub(super) id: &'a [u8],
    /// Its public key, COSE.
    pub(super) key: &'a [u8],
}

/// Reads authenticator data made for this site, by somebody who was there and was verified.
pub(super) fn read<'a>(bytes: &'a [u8], site: &Site<'_>) -> Result<AuthenticatorData<'a>, Refused> {
    if bytes.len() > MAX_BYTES {
        return Err(Refused::Malformed);
    }
    let (rp, rest) = bytes.split_first_chunk::<32>().ok_or(Refused::Malformed)?;
    let (flags, rest) = rest.split_first().ok_or(Refused::Malformed)?;
    let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(Refused::Malformed)?;
    if *rp != <[u8; 32]>::from(Sha256::digest(site.rp_id.as_bytes())) {
        return Err(Refused::Rp);
    }
    let has = |flag: u8| flags & flag != 0;
    if !has(USER_PRESENT) {
        return Err(Refused::Presence);
    }
    if !has(USER_VERIFIED) {
        return Err(Refused::Verification);
    }
    if has(BACKED_UP) && !has(BACKUP_ELIGIBLE) {
        return Err(Refused::Backup);
    }
    let attested = if has(ATTESTED) { Some(attested(&mut rest)?) } else { None };
    if has(EXTENDED) {
        let (extensions, after) = cbor::first(rest)?;
        if !matches!(extensions, cbor::Item::Map(_)) {
            return Err(Refused::Malformed);
        }
        rest = after;
    }
    if !rest.is_empty() {
        return Err(Refused::Malformed);
    }
    Ok(AuthenticatorData { counter: u32::from_be_bytes(*counter), backup_eligible: has(BACKUP_ELIGIBLE), attested })
}

fn attested<'a>(rest: &mut &'a [u8]) -> Result<Attested<'a>, Refused> {
    // The model of the authenticator says nothing that is asked for.
    let (_aaguid, after) = rest.split_first_chunk::<16>().ok_or(Refused::Malformed)?;
    let (length, after) = after.split_first_chunk::<2>().ok_or(Refused::Malformed)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > MAX_ID_BYTES {
        return Err(Refused::Malformed);
    }
    let (id, after) = after.split_at_checked(length).ok_or(Refused::Malformed)?;
    let (_, end) = cbor::first(after)?;
    let key = after.get(..after.len() - end.len()).ok_or(Refused::Malformed)?;
    *rest = end;
    Ok(Attested { id, key })
}
