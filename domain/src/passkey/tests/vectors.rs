//! The standard's own vectors (Web Authentication Level 3, sections 16.4 and 16.5), as base64url.

use serde_json::json;
use shared::passkey::{Assertion, Registration};

use super::super::{Refused, Site, prove, register};

const ORIGIN: &str = "https://example.org";

struct Vector {
    id: &'static str,
    made: [&'static str; 3],
    proved: [&'static str; 4],
}

/// Section 16.4: inside a page of another origin, which the browser does not name.
const WITHIN_ANOTHER_PAGE: Vector = Vector {
    id: "bhBQwNLKLwfHVcssZqdMZPpDBlwY-Tg1TZkV2yvVzlc",
    // Challenge, client data, attestation object.
    made: [
        "O-WqzQNTcUJHI0CrWWnyQPHYdxbiC2gHrCMGVfpLO0k",
        "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiTy1XcXpRTlRjVUpISTBDcldXbnlRUEhZZHhiaUMyZ0hy\
     Q01HVmZwTE8wayIsIm9yaWdpbiI6Imh0dHBzOi8vZXhhbXBsZS5vcmciLCJjcm9zc09yaWdpbiI6dHJ1ZSwiZXh0cmFEYXRh\
     IjoiY2xpZW50RGF0YUpTT04gbWF5IGJlIGV4dGVuZGVkIHdpdGggYWRkaXRpb25hbCBmaWVsZHMgaW4gdGhlIGZ1dHVyZSwg\
     c3VjaCBhcyB0aGlzOiB6WnF1RXREUjlEV3FwVzV0QldURnVnIn0",
        "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikv6vDdDKViwYzYNOtZGHJxHNa5_jt1GWSpeDwFFKy5LVFAAAAAIg_T2AU\
     8ZwJ2HqjgSO-SNAAIG4QUMDSyi8Hx1XLLGanTGT6QwZcGPk4NU2ZFdsr1c5XpQECAyYgASFYICIgCkc_kLEQeIUVUNA7TkSi\
     J5-MTsonsxU97f4D5Ol9Ilggy9C-ledGrW9agZG-EXVuTAQg5y9ltGbTm8VrixI6nG4",
    ],
    // Challenge, client data, authenticator data, signature.
    proved: [
        "h2qlF7qD_e5l_P_bykyE7q5dVPgEGh_IXJkeW7snMTc",
        "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiaDJxbEY3cURfZTVsX1BfYnlreUU3cTVkVlBnRUdoX0lYSmtl\
     Vzdzbk1UYyIsIm9yaWdpbiI6Imh0dHBzOi8vZXhhbXBsZS5vcmciLCJjcm9zc09yaWdpbiI6dHJ1ZSwiZXh0cmFEYXRhIjoi\
     Y2xpZW50RGF0YUpTT04gbWF5IGJlIGV4dGVuZGVkIHdpdGggYWRkaXRpb25hbCBmaWVsZHMgaW4gdGhlIGZ1dHVyZSwgc3Vj\
     aCBhcyB0aGlzOiA5MnBjVFZEMEFieS1xNGR0bWo2ZWZnIn0",
        "v6vDdDKViwYzYNOtZGHJxHNa5_jt1GWSpeDwFFKy5LUFAAAAAA",
        "MEYCIQDrEvzyOxJ2TA8SLiI3H6uS4oOHn9eY847hhByVG25A5wIhAMdiN_-dt3s8VvMIN82moJrPoukVVE5gnAczsRhANtHP",
    ],
};

/// Section 16.5: inside a page that the browser names; whoever made the passkey was not verified.
const WITHIN_A_NAMED_PAGE: Vector = Vector {
    id: "uK1ZuZYEerGOLOtXIGw2LaV0WHk0gfSo6_EBx8p8wPE",
    // Challenge, client data, attestation object.
    made: [
        "Th9MYZhpnjPBTxkhU_Sdfg6ONXfVrEFsXzrckqQfJ-U",
        "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiVGg5TVlaaHBualBCVHhraFVfU2RmZzZPTlhmVnJFRnNY\
     enJja3FRZkotVSIsIm9yaWdpbiI6Imh0dHBzOi8vZXhhbXBsZS5vcmciLCJjcm9zc09yaWdpbiI6dHJ1ZSwidG9wT3JpZ2lu\
     IjoiaHR0cHM6Ly9leGFtcGxlLmNvbSJ9",
        "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikv6vDdDKViwYzYNOtZGHJxHNa5_jt1GWSpeDwFFKy5LVBAAAAAJdYb9CX\
     madkAcIARVCZ7yoAILitWbmWBHqxjizrVyBsNi2ldFh5NIH0qOvxAcfKfMDxpQECAyYgASFYIKHEfB2C2k6-gs1yIHECs4Bn\
     BwGZO8NTmK4uVyZCf-AdIlgghsEIDYKYcCjH9U7LGwEYXeJDs1kpSg7SEM1HSA8K3Ig",
    ],
    proved: [""; 4],
};

impl Vector {
    fn registers(&self) -> Registration {
        let [_, client_data, object] = self.made;
        serde_json::from_value(json!({
            "id": self.id, "rawId": self.id, "type": "public-key",
            "response": {"clientDataJSON": client_data, "attestationObject": object},
        }))
        .unwrap()
    }

    fn signs(&self) -> Assertion {
        let [_, client_data, data, signature] = self.proved;
        serde_json::from_value(json!({
            "id": self.id, "rawId": self.id, "type": "public-key",
            "response": {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature},
        }))
        .unwrap()
    }
}

#[test]
fn the_passkey_of_section_16_4_is_made_and_proves_its_holder() {
    let (vector, site) = (WITHIN_ANOTHER_PAGE, Site::new(ORIGIN, &[]));
    let made = register(&site, vector.made[0], &vector.registers()).unwrap();
    assert_eq!((made.id.as_str(), made.counter, made.backup_eligible), (vector.id, 0, false));
    assert_eq!(prove(&site, vector.proved[0], &made, &vector.signs()), Ok(0));
    assert_eq!(prove(&site, vector.made[0], &made, &vector.signs()), Err(Refused::Challenge));
}

#[test]
fn the_page_around_is_looked_at_as_in_section_16_5() {
    let vector = WITHIN_A_NAMED_PAGE;
    let list = ["https://example.com".to_owned()];
    let (listed, unlisted) = (Site::new(ORIGIN, &list), Site::new(ORIGIN, &[]));
    assert_eq!(register(&unlisted, vector.made[0], &vector.registers()).err(), Some(Refused::Embedded));
    assert_eq!(register(&listed, vector.made[0], &vector.registers()).err(), Some(Refused::Verification));
}
