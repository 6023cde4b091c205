//! What is wrong with the settings for codes to phones.

use std::collections::BTreeSet;

use shared::admin::problem::FieldError;
use shared::card::Channel;

use super::{add, between};
use crate::action::address::Allowed;
use crate::agent::{MetaSettings, PhoneSettings, TwilioSettings};
use crate::phone::PhoneNumber;

const COUNTRY: &str = "A country is two capital letters (ISO 3166-1): US, DE.";
const NUMBER: &str = "A number begins with + and the country code and has no spaces: +14155550100.";

pub(super) fn check(found: &mut Vec<FieldError>, phone: &PhoneSettings, allowed: &Allowed) {
    let at = |name: &str| format!("/customer_auth/phone/{name}");
    if phone.countries.is_empty() {
        add(found, &at("countries"), "Name at least one country: codes go nowhere else.");
    }
    let mut seen = BTreeSet::new();
    for (index, country) in phone.countries.iter().enumerate() {
        let pointer = format!("{}/{index}", at("countries"));
        let is_spelled = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        if !is_spelled || PhoneNumber::dial_code_of(country).is_empty() {
            add(found, &pointer, COUNTRY);
        }
        if !seen.insert(country) {
            add(found, &pointer, "This country is named twice; take one out.");
        }
    }
    check_channels(found, phone, allowed);
    between(found, &at("day_messages"), phone.day_messages, 1..=100_000);
    if let Some(twilio) = &phone.twilio {
        check_twilio(found, twilio);
    }
    if let Some(meta) = &phone.meta {
        check_meta(found, meta);
    }
}

fn check_channels(found: &mut Vec<FieldError>, phone: &PhoneSettings, allowed: &Allowed) {
    let at = "/customer_auth/phone/channels";
    if phone.channels.is_empty() {
        add(found, at, "Choose what codes travel by: sms, whatsapp, or both.");
    }
    let content = phone.twilio.as_ref().and_then(|twilio| twilio.whatsapp_content_sid.as_ref());
    // A development build keeps messages in its outbox where no account is set at all.
    let is_kept = allowed.loopback && phone.twilio.is_none() && phone.meta.is_none();
    let mut seen = BTreeSet::new();
    for (index, channel) in phone.channels.iter().enumerate() {
        let pointer = format!("{at}/{index}");
        if !seen.insert(channel) {
            add(found, &pointer, "This channel is named twice; take one out.");
        }
        match channel {
            Channel::Email | Channel::OnRecord => add(found, &pointer, "Codes to phones go by sms or whatsapp."),
            Channel::Sms if phone.twilio.is_none() && !is_kept => {
                add(found, &pointer, "Text messages need a Twilio account; set one up, or take sms out.");
            }
            Channel::Whatsapp if phone.meta.is_none() && content.is_none() && !is_kept => {
                let words = "WhatsApp needs Meta's API, or a Twilio account with an approved template; set one up, or take \
                             whatsapp out.";
                add(found, &pointer, words);
            }
            Channel::Sms | Channel::Whatsapp => {}
        }
    }
}

fn check_twilio(found: &mut Vec<FieldError>, twilio: &TwilioSettings) {
    let at = |name: &str| format!("/customer_auth/phone/twilio/{name}");
    if !is_sid(&twilio.account_sid, "AC") {
        add(found, &at("account_sid"), "An account SID is AC and 32 hexadecimal digits.");
    }
    if !is_sid(&twilio.from, "MG") && PhoneNumber::from_e164(&twilio.from).is_err() {
        let words = "Give the number that sends (+14155550100), or the SID of a messaging service (MG and 32 hexadecimal digits).";
        add(found, &at("from"), words);
    }
    if twilio.whatsapp_content_sid.as_ref().is_some_and(|sid| !is_sid(sid, "HX")) {
        add(found, &at("whatsapp_content_sid"), "The SID of a template is HX and 32 hexadecimal digits.");
    }
    if twilio.whatsapp_from.as_ref().is_some_and(|number| PhoneNumber::from_e164(number).is_err()) {
        add(found, &at("whatsapp_from"), NUMBER);
    }
}

fn check_meta(found: &mut Vec<FieldError>, meta: &MetaSettings) {
    let at = |name: &str| format!("/customer_auth/phone/meta/{name}");
    let id = &meta.phone_number_id;
    if !(5..=20).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_digit()) {
        let words = "The id of the number is digits alone; it stands in WhatsApp Manager beside the number.";
        add(found, &at("phone_number_id"), words);
    }
    let is_template = (1..=512).contains(&meta.template.len())
        && meta.template.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_template {
        add(found, &at("template"), "The name of a template has small letters, digits and _ alone.");
    }
    let (language, region) = meta.language.split_once('_').unwrap_or((&meta.language, "US"));
    let is_language = (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && region.len() == 2
        && region.bytes().all(|b| b.is_ascii_uppercase());
    if !is_language {
        add(found, &at("language"), "The language of the template is written as Meta does: en_US, de.");
    }
}

fn is_sid(text: &str, kind: &str) -> bool {
    text.strip_prefix(kind).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}
