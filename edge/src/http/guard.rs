//! What a request that changes something must show: that our own page sent it (R36).

use shared::error::ErrorCode;
use shared::route::CSRF_HEADER;
use worker::Request;

use crate::config::Config;
use crate::failure::Answer;

/// Our own page: as [`own_page`], and JSON.
pub fn same_origin(request: &Request, config: &Config) -> Answer<()> {
    let json = request.headers().get("content-type")?.is_some_and(|value| {
        value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    });
    own_page(request, config)?;
    if json { Ok(()) } else { Err(ErrorCode::WrongOrigin.into()) }
}

/// Our own page: exact origin, our header, and `Sec-Fetch-Site: same-origin` where the browser says it.
pub fn own_page(request: &Request, config: &Config) -> Answer<()> {
    let headers = request.headers();
    let is = |name: &str, wanted: &str| headers.get(name).ok().flatten().is_some_and(|value| value == wanted);
    let fetch_site = headers.get("sec-fetch-site")?;
    if is("origin", &config.origin) && is(CSRF_HEADER, "1") && fetch_site.is_none_or(|site| site == "same-origin") {
        Ok(())
    } else {
        Err(ErrorCode::WrongOrigin.into())
    }
}

/// Nothing that another site began, where the browser says so: a reading that is noted is noted of whoever asked for it.
pub fn no_other_site(request: &Request) -> Answer<()> {
    let site = request.headers().get("sec-fetch-site")?;
    if site.is_none_or(|site| matches!(site.as_str(), "same-origin" | "none")) {
        Ok(())
    } else {
        Err(ErrorCode::WrongOrigin.into())
    }
}

/// A WebSocket sends no header of ours: the exact origin alone shows where it comes from (R37).
pub fn own_socket(request: &Request, config: &Config) -> Answer<()> {
    let origin = request.headers().get("origin")?;
    if origin.as_deref() == Some(config.origin.as_str()) { Ok(()) } else { Err(ErrorCode::WrongOrigin.into()) }
}
