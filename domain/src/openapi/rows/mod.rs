//! Every operation of the admin API: the one place that describes it.

mod collections;
mod people;
mod settings;

use shared::admin::route::Verb;

/// An operation.
pub struct Row {
    /// What follows `/api/admin/`, parts with names in braces.
    pub path: &'static str,
    /// Its method.
    pub verb: Verb,
    /// Its name for generated clients.
    pub id: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Its query: names and schemas.
    pub query: &'static [(&'static str, &'static str)],
    /// The headers that it has to carry: names and schemas.
    pub carries: &'static [(&'static str, &'static str)],
    /// The headers that it may carry: names and schemas.
    pub may_carry: &'static [(&'static str, &'static str)],
    /// What it takes.
    pub body: Body,
    /// What it answers when it is done.
    pub answer: Answer,
    /// The headers of that answer: names and schemas.
    pub brings: &'static [(&'static str, &'static str)],
    /// Statuses of refusals beside those that follow from the path, the headers and the body.
    pub refuses: &'static [u16],
    /// Whether it is somebody's own thing, and no program's, whatever its scopes.
    pub by_members: bool,
}

/// What an operation takes.
pub enum Body {
    /// Nothing.
    None,
    /// JSON of this schema.
    Json(&'static str),
    /// CSV.
    Csv,
}

/// What an operation answers when it is done.
pub enum Answer {
    /// 204.
    Empty,
    /// JSON of this schema, with this status.
    Json(u16, &'static str),
    /// A text of this type, to be saved as a file.
    File(&'static str),
}

/// An operation that takes and answers nothing.
const fn row(verb: Verb, path: &'static str, id: &'static str, summary: &'static str) -> Row {
    let (body, answer) = (Body::None, Answer::Empty);
    Row {
        path,
        verb,
        id,
        summary,
        query: &[],
        carries: &[],
        may_carry: &[],
        body,
        answer,
        brings: &[],
        refuses: &[],
        by_members: false,
    }
}

impl Row {
    const fn asks(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Self { query, ..self }
    }

    const fn carries(self, carries: &'static [(&'static str, &'static str)]) -> Self {
        Self { carries, ..self }
    }

    const fn may_carry(self, may_carry: &'static [(&'static str, &'static str)]) -> Self {
        Self { may_carry, ..self }
    }

    const fn takes(self, schema: &'static str) -> Self {
        Self { body: Body::Json(schema), ..self }
    }

    const fn answers(self, schema: &'static str) -> Self {
        Self { answer: Answer::Json(200, schema), ..self }
    }

    const fn makes(self, schema: &'static str) -> Self {
        Self { answer: Answer::Json(201, schema), ..self }
    }

    const fn brings(self, brings: &'static [(&'static str, &'static str)]) -> Self {
        Self { brings, ..self }
    }

    const fn refuses(self, refuses: &'static [u16]) -> Self {
        Self { refuses, ..self }
    }

    const fn by_members(self) -> Self {
        Self { by_members: true, ..self }
    }

    /// Whether its body is JSON.
    pub fn takes_json(&self) -> bool {
        matches!(self.body, Body::Json(_))
    }

    /// Whether it names the version that it changes.
    pub fn is_versioned(&self) -> bool {
        self.carries.iter().any(|(name, _)| *name == "If-Match")
    }
}

/// All of them.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [settings::ROWS, collections::ROWS, people::ROWS].into_iter().flatten()
}
