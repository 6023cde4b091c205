//! As much of CBOR (RFC 8949) as authenticators write: CTAP2's canonical form, with definite lengths and no more than four
//! levels. Every length is checked against what is there before anything is made of it.

use super::Refused;

/// The deepest that authenticators nest (CTAP 2.1, section 8).
const MAX_DEPTH: u8 = 4;

/// One value, borrowed from the bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// A whole number.
    Int(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    Text(&'a str),
    /// A list.
    List(Vec<Item<'a>>),
    /// A map. No key stands twice.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// False, true, null or undefined, by number: 20 to 23.
    Simple(u8),
}

impl<'a> Item<'a> {
    /// The value of a map's key.
    pub(super) fn get(&self, key: &Item<'_>) -> Option<&Item<'a>> {
        match self {
            Self::Map(pairs) => pairs.iter().find(|(known, _)| known == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The bytes, if it is bytes.
    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub(super) fn int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            _ => None,
        }
    }
}

/// The first value of `bytes`, and what comes after it.
pub(super) fn first(bytes: &[u8]) -> Result<(Item<'_>, &[u8]), Refused> {
    let mut rest = bytes;
    let item = item(&mut rest, 0)?;
    Ok((item, rest))
}

/// The one value that `bytes` is.
pub(super) fn whole(bytes: &[u8]) -> Result<Item<'_>, Refused> {
    match first(bytes)? {
        (item, []) => Ok(item),
        _ => Err(Refused::Malformed),
    }
}

fn item<'a>(rest: &mut &'a [u8], depth: u8) -> Result<Item<'a>, Refused> {
    let (kind, value) = head(rest)?;
    // Both ends of the range of 64 bits: nothing here counts so far.
    let int = i64::try_from(value).map_err(|_| Refused::Malformed);
    Ok(match kind {
        0 => Item::Int(int?),
        1 => Item::Int(-1 - int?),
        2 => Item::Bytes(take(rest, value)?),
        3 => Item::Text(core::str::from_utf8(take(rest, value)?).map_err(|_| Refused::Malformed)?),
        4 | 5 if depth == MAX_DEPTH => return Err(Refused::Malformed),
        // No room is made ahead for what a length only claims.
        4 => {
            let mut list = Vec::new();
            for _ in 0..value {
                list.push(item(rest, depth + 1)?);
            }
            Item::List(list)
        }
        5 => {
            let mut map: Vec<(Item<'a>, Item<'a>)> = Vec::new();
            for _ in 0..value {
                let key = item(rest, depth + 1)?;
                if map.iter().any(|(known, _)| *known == key) {
                    return Err(Refused::Malformed);
                }
                map.push((key, item(rest, depth + 1)?));
            }
            Item::Map(map)
        }
        7 if (20..24).contains(&value) => Item::Simple(value as u8),
        // Tags and floats: no authenticator writes them here.
        _ => return Err(Refused::Malformed),
    })
}

/// The major type and the number that goes with it, in its shortest form.
fn head(rest: &mut &[u8]) -> Result<(u8, u64), Refused> {
    let [initial] = take(rest, 1)? else { return Err(Refused::Malformed) };
    let (kind, short) = (initial >> 5, initial & 31);
    let width = match short {
        0..24 => return Ok((kind, u64::from(short))),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        // Indefinite lengths, and what is reserved.
        _ => return Err(Refused::Malformed),
    };
    let value = take(rest, width)?.iter().fold(0, |value: u64, byte| (value << 8) | u64::from(*byte));
    let least = match width {
        1 => 24,
        width => 1 << (width * 4),
    };
    // Of simple values the longer form is another thing; there is none that is taken.
    if value < least || kind == 7 { Err(Refused::Malformed) } else { Ok((kind, value)) }
}

fn take<'a>(rest: &mut &'a [u8], count: u64) -> Result<&'a [u8], Refused> {
    let count = usize::try_from(count).map_err(|_| Refused::Malformed)?;
    let (taken, after) = rest.split_at_checked(count).ok_or(Refused::Malformed)?;
    *rest = after;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::{Item, first, whole};

    #[test]
    fn the_examples_of_the_standard_are_read() {
        // RFC 8949, appendix A.
        assert_eq!(whole(&[0x17]), Ok(Item::Int(23)));
        assert_eq!(whole(&[0x18, 0x18]), Ok(Item::Int(24)));
        assert_eq!(whole(&[0x19, 0x03, 0xe8]), Ok(Item::Int(1000)));
        assert_eq!(whole(&[0x1a, 0x00, 0x0f, 0x42, 0x40]), Ok(Item::Int(1_000_000)));
        assert_eq!(whole(&[0x39, 0x03, 0xe7]), Ok(Item::Int(-1000)));
        assert_eq!(whole(&[0x44, 1, 2, 3, 4]), Ok(Item::Bytes(&[1, 2, 3, 4])));
        assert_eq!(whole(&[0x62, 0xc3, 0xbc,][..2]), Err(super::Refused::Malformed));
        assert_eq!(whole(&[0x62, 0xc3, 0xbc]), Ok(Item::Text("ü")));
        assert_eq!(whole(&[0x83, 1, 2, 3]), Ok(Item::List(vec![Item::Int(1), Item::Int(2), Item::Int(3)])));
        let map = whole(&[0xa2, 1, 2, 3, 4]).unwrap();
        assert_eq!(map.get(&Item::Int(3)), Some(&Item::Int(4)));
        assert_eq!(whole(&[0xf5]), Ok(Item::Simple(21)));
        assert_eq!(first(&[0x01, 0x02]), Ok((Item::Int(1), &[0x02][..])));
    }

    #[test]
    fn what_no_authenticator_writes_is_refused() {
        let nested = [0x81, 0x81, 0x81, 0x81, 0x81, 0x01];
        for bad in [
            &[][..],
            &[0x18],
            &[0x18, 0x17],
            &[0x19, 0x00, 0xff],
            &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x5f, 0x41, 0x01, 0xff],
            &[0x9f, 0xff],
            &[0xbf, 0xff],
            &[0xc0, 0x01],
            &[0xf9, 0x3c, 0x00],
            &[0xf8, 0x20],
            &[0xff],
            &[0x42, 0x01],
            &[0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9b, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xa2, 1, 2, 1, 3],
            &[0xa1, 1],
            &[0x61, 0xff],
            &[0x01, 0x01],
            &nested,
        ] {
            assert!(whole(bad).is_err(), "{bad:02x?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok((_, rest)) = first(&bytes) {
                prop_assert!(rest.len() < bytes.len());
            }
        }

        #[test]
        fn a_length_that_is_not_there_takes_no_room(kind in 2_u8..6, length in any::<u32>()) {
            let mut bytes = vec![(kind << 5) | 0x1a];
            bytes.extend((length | 0x0100_0000).to_be_bytes());
            prop_assert!(whole(&bytes).is_err());
        }
    }
}
