//! Keys for tests alone: they sign nothing that anybody believes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::keys::KeySet;

const PRIVATE: &str = "\
    MIIEpQIBAAKCAQEAzQTk3e/PNcmSCCUuVc+cVe9oa2Cqhb6h324W9eGqlrWVRuFgMh4b4/3G2inzS8DPAlxNYdueszcDGwHA2yH7d/XmIUwgpy\
    OYkQF9E7v4iSdFqervHc3gjiRNbqmiMh3aSsZiobMfW2/xpRi1x7Y6ERTk9o68aaekXEmqjosK0FGeTuEARYxKmEAHD5X9Ly13NABkDwjZDyct\
    BFbW+U1/raHxWHfaxKgYF2ozDEf6Yd3RlXHxzdoTUi2GiTh5sV92Yk+RUFjRyWPDrvssOpyGTs7A84JiJ0YqGdoMK+690vO9HjG34Y31Ama23h\
    L1iIdss83AMLfDbiMn0ZCTZYLqeQIDAQABAoIBADa+XUxjud0fZzZ0kyRHrPOHW0b8x1uyFPAfqdLbAJ2AfA0ypeiMAJ+Gxn+/nt7163Cya9k6\
    9uvcvyAJflElCEw2ZU4z0S5AA3+Iubi4wvsAeQoPmOzI6fKaf/CSLCScswqvYWvS9AcK46fVasiagHPKM/8gCvBdWrZn1zp7pxYLkrM7lvG/5d\
    DVXASEDCOAx2bgpe2MYp0F6z6EZkP6URD52hMuArfPpQ4zHhmihFn+v52nMnFjpjKsqvPi8y71VdK84PD/o+IMosn6l+AUIz7vOnS7+sUpkzVk\
    hn2yBwJ4D00IzxrXl0x85TyxRUTC/sE9fOJ/2FHjX5SkhczFbb8CgYEA7+2S8o09PqWM7V2zkDgho27nTM5atCiHrgndKcDjGWBcNy8yk5HQHA\
    GUVu15k0A44BvXIflpcYX5mPb8Ifqfd/A4yvvg49CrJu9wzKVY4E3tMrT4UAtFopCRaIC8bxaupVWuG2sjEmZpEdWHsYj0JaK4IdAzoNV01/87\
    aDDbhosCgYEA2sCugdrDKc9LfiOq9SNjS5u5+7mvyZwpN3rsTEaegecIFHNseH5cTG4TLiBzR3HiAqag0M0pI41UVFEweF37IoMqVMCVNDPbyk\
    HfNYHwbTwOQ3CDTgU0flXJSdJSTFQ6PdbVk0uYeXC8wwWCJR+WRNyT1BSJgbIw575Rl8NbN4sCgYEA6p6gny28oUFUoV2K1VH+mwo9h18XVat4\
    mpksu8LSkSMoqhIuXB4vquNkgujwhS09MPIomyGBmjDQFmQXxMaHIMs5Tk2m6kBIzedBn+1lDttFQ9uyItwS+VhzyQRywBMnL6isfEV1Y23f+z\
    +a1OI/FXqcovwtMG7sNrhxCH8WfOcCgYEA0TaM78ag9yC56+cC/zacJdjHNFgwJpsC1Hvs+TplKIokMSL/L/JyJer0zx3cAw2JAc4Jagl9efIW\
    IBoSSFxh7m0SFEKnsGiUockESHGA14gjgB5ghkL2JIm5XLAZY8T+etw4IYqgRi0raz2ebhDar/tiKuiFZpRcr5dXA9WkLOcCgYEAgKqkD8LYo1\
    1E0NlC1U9q+CRYwamW1CDFAR1TvQ58QFXpfkvarhM5cuUbUK2CEktgIeypH9TvmHHc1ZUcSWLd/FpAm4uV4OlZmxZW5UOW/TLw+eH1ji3iU4MM\
    sF6lxbMTNj6nXLoLEfcL3NO/TZZcv5BtTf9s7H4yyML83NRuH7Q=";
const STRANGER: &str = "\
    MIIEpAIBAAKCAQEAuBtBAiTlKSmRSt+Y0ULFzE4KT1U5KDv/+Uszh3T7WzOHMYEXLXxO43wA5nxMwJxPE5Sl2N6uPtGaAUuiZwe6LjjbfXLmIz\
    Eo+8dueXPdVGM6E1aFhTcMzMGtownTOia7TsUp4RmmJYkauiKvNV4zQlbdTZ6oeHNVvWq1rVKcv43w79ELpbuaEzmqLcCeiPWJUcyuXec/NZp1\
    SEYOgaIwiv9aLd6NKxxqgt3igkp8cYxbLGalnkWTXzymRx9LWOyB43XxPtpQ4zfCceig12AgN0+5YvcAg5alB77G/Pp1I0PwL8VWdmnJaA13qW\
    haWmoiSh5+ccczADSVm/T7TxfolQIDAQABAoIBAFZuPQuzpH25jQM4i3aaQV/Tt1VdLhMsb9RqMIvEKIi9XRepgecRt7tmKMoLysCV4S3RGDcC\
    +4x0PDeleV2jLA2tFaYEPfSBjLr++mc8NMj8OHSBpvdOS80Ik+q5nxdqvX6SY0HRF8YBYrHFvLlyOuBHBWf+NxstEjB1m0r+QKZQQUwoqLxfvF\
    C8jJEWc2kHEA9zNGEKbvacSi1edvoIfco9OJ9h7jvsUJXmw8K063TLAJjhf00t32RpgEid6YDus9b3am2obTZmZaV+9FAexvlZjQY8KLtICHkX\
    DUOLsGLYJ7wqbk/ThNFy61XW2Ml3vDvdFVJIuV0dicLaOjmNjHUCgYEA6ZpL4eByiTBUTwaVc3QN3P0xzX7LvvjY69yvFUPJDDK2PfKNukoKV9\
    t+c/Qk618Ls5zGKTshFJIpsxkqE9fupsB+GcuSeS3KbL7JhzZsYmpkM4FSy1XQ21m2ybQUMdPylBrit4b7VupzuYRspRMRonn4eUeLeesFG3se\
    S3jCilMCgYEAycIWd3wcL+0yrUnoMQ1HhHh0zgPWDH9TuSZsbW9G6ssigPsZ3GyT3Jny4DGy/Zms3fIKzhcIVWl6L6k3uO6haF1tM08lPQFSk0\
    gHwy1R56bsfCxM+Yy4kYPEOTRsQAsxSYplTv9CNaRvXAFFCmu6M8hh/Dee6nNCTr/tu/qUdHcCgYEA5PrJxu8rVi55db0OYc0wiZ3mY3gWX2ut\
    tgTr2fxH5h0PZkmLgz9wRA5zNVXrmovf/H9//opnMrLTDSttg2X2GJ42/TH+samg8ldRU6iVNSL0dUge0BGeWGToN269HNqUvXhdI2i8lcXbCc\
    40cNrwPkMwvDDVFvy4VOeqGnCUwOECgYEAwM8QdWNP9KUzdtNYZ/gOzpPm3DJiTlMoCZqkp/hdx2gVMznEPxgsPfeJWaNlMGG6B+iVVtpABo/k\
    SsPmEn9KFNij0RLjvWcUKNf/QxB+Y2jsOsaDUUCf6cAIt7pXcOTBV0xBALuD5IueOEimWA0XRwFKUqQ85ET9qxBT+v6+/IUCgYAo1daWKNW0V7\
    9U/NP+V64aYgrJ8jr9olegkQZm126YfpTUVgjW5Ei7lW5al8zQbj6INq7iq8fPAN+dJVnd+K2ZlrCHTu/cU/CY0DliTUdg4VxMA98/3AVWtdhR\
    s8jp9/Ek/DZ+lBWupF4alhRi25f8Fjt4JH6HMTLrY75JSAAf1Q==";
const MODULUS: &str = "\
    zQTk3e_PNcmSCCUuVc-cVe9oa2Cqhb6h324W9eGqlrWVRuFgMh4b4_3G2inzS8DPAlxNYdueszcDGwHA2yH7d_XmIUwgpyOYkQF9E7v4iSdFqe\
    rvHc3gjiRNbqmiMh3aSsZiobMfW2_xpRi1x7Y6ERTk9o68aaekXEmqjosK0FGeTuEARYxKmEAHD5X9Ly13NABkDwjZDyctBFbW-\
    U1_raHxWHfaxKgYF2ozDEf6Yd3RlXHxzdoTUi2GiTh5sV92Yk-\
    RUFjRyWPDrvssOpyGTs7A84JiJ0YqGdoMK-690vO9HjG34Y31Ama23hL1iIdss83AMLfDbiMn0ZCTZYLqeQ";
const SHORT_MODULUS: &str = "\
    8UnR0gXac7ybSb00Fwdxotq_wIhM1iCq9XPlBE5S_lRs6j5LzFNx6fOMeX7doA79hY52JcbYFhf81GJQXjc1OQNjPgcptUK9aTL_Un1gQIAn2M\
    5cTKp63Ma2rj6l9CZVyyLwS4VBVhrjtHJB1qvOwQoi2ZeChP4O9Fxat_4eEL8";

/// The provider's key.
pub fn provider() -> EncodingKey {
    EncodingKey::from_rsa_der(&STANDARD.decode(PRIVATE).unwrap())
}

/// Somebody else's.
pub fn stranger() -> EncodingKey {
    EncodingKey::from_rsa_der(&STANDARD.decode(STRANGER).unwrap())
}

/// The provider's modulus, as a JWK has it.
pub fn modulus() -> &'static str {
    MODULUS
}

/// One of 1,024 bits.
pub fn short_modulus() -> &'static str {
    SHORT_MODULUS
}

/// The provider's key as a JWK.
pub fn jwk() -> Value {
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k1", "n": MODULUS, "e": "AQAB"})
}

/// The provider's keys.
pub fn key_set() -> KeySet {
    KeySet::parse(json!({"keys": [jwk()]}).to_string().as_bytes()).unwrap()
}

/// A token that the provider signed.
pub fn signed(claims: &Value) -> String {
    let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::RS256) };
    crate::jwt::encode(&header, claims, &provider()).unwrap()
}
