//! Where a one-time code goes.

use serde::{Deserialize, Serialize};

use crate::address::EmailAddress;
use crate::phone::PhoneNumber;

/// Where a code goes, which is what accepting it proves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Destination {
    /// An email address.
    Email {
        /// The address.
        address: EmailAddress,
    },
    /// A phone.
    Phone {
        /// Its number.
        number: PhoneNumber,
    },
    /// The phone or email on a record, if there is such a record: nothing tells (R17).
    Record {
        /// The collection.
        collection: String,
        /// What was looked up, in one spelling.
        key: String,
    },
}

impl Destination {
    /// What is shown on the card.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email { address } => address.as_str(),
            Self::Phone { number } => number.as_str(),
            Self::Record { key, .. } => key,
        }
    }

    /// What budgets are counted under: an address or number as it is, and a record so that no address is ever taken for it.
    pub fn budget_key(&self) -> String {
        match self {
            Self::Email { .. } | Self::Phone { .. } => self.as_str().to_owned(),
            Self::Record { collection, key } => format!("record\n{collection}\n{key}"),
        }
    }

    /// What kind it is and of what: with [`Destination::as_str`] it is one destination and no other.
    pub(super) fn kind(&self) -> (&'static str, &str) {
        match self {
            Self::Email { .. } => ("email", ""),
            Self::Phone { .. } => ("phone", ""),
            Self::Record { collection, .. } => ("record", collection),
        }
    }
}

impl From<EmailAddress> for Destination {
    fn from(address: EmailAddress) -> Self {
        Self::Email { address }
    }
}

impl From<PhoneNumber> for Destination {
    fn from(number: PhoneNumber) -> Self {
        Self::Phone { number }
    }
}
