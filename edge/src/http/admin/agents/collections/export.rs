//! `GET …/collections/{collection}/export`: every record as CSV, page by page, so that no size is too large. Cells that a
//! spreadsheet would carry out are made harmless; an import takes that away again.

use domain::collection::export;
use futures_util::stream;
use shared::admin::collections::Field;
use shared::id::AgentId;
use worker::{Env, Error, Response};

use super::{found, noted};
use crate::http::admin::{Done, Granted};
use crate::store::records::{self, Search};

/// How many records are read at a time.
const AT_A_TIME: u32 = 1_000;

struct Rest {
    env: Env,
    agent: AgentId,
    name: String,
    fields: Vec<Field>,
    /// After which id it goes on; none when everything is written.
    after: Option<String>,
}

/// Answers.
pub async fn answer(granted: &Granted, name: &str) -> Done<Response> {
    let stored = found(granted, name).await?;
    noted(granted, name, "exported", Some(stored.records)).await?;
    let rest = Rest {
        env: granted.ask.env.clone(),
        agent: granted.agent.clone(),
        name: stored.name,
        fields: stored.fields,
        after: None,
    };
    // A byte order mark: spreadsheets take a file without one for another encoding.
    let first = format!("\u{FEFF}{}", export::header(&rest.fields));
    let pages = stream::try_unfold((Some(first), rest), page);
    let response = Response::from_stream(pages)?;
    let headers = response.headers();
    headers.set("content-type", "text/csv; charset=utf-8")?;
    headers.set("content-disposition", &format!("attachment; filename=\"{name}.csv\""))?;
    Ok(response)
}

/// The next piece of the file.
async fn page((first, mut rest): (Option<String>, Rest)) -> Result<Option<(Vec<u8>, (Option<String>, Rest))>, Error> {
    if let Some(header) = first {
        rest.after = Some(String::new());
        return Ok(Some((header.into_bytes(), (None, rest))));
    }
    let Some(after) = rest.after.take() else { return Ok(None) };
    let all = Search { text: "", key: "" };
    let rows = records::page(&rest.env, &rest.agent, &rest.name, &all, (&after, AT_A_TIME)).await;
    // What is missing must not look like the end.
    let rows = rows.map_err(|_| Error::RustError("the records could not be read".to_owned()))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut text = String::new();
    for row in &rows {
        let data = serde_json::from_str(&row.data).unwrap_or_default();
        text.push_str(&export::record(&rest.fields, &data));
    }
    rest.after = rows.last().filter(|_| rows.len() == AT_A_TIME as usize).map(|row| row.id.clone());
    Ok(Some((text.into_bytes(), (None, rest))))
}
