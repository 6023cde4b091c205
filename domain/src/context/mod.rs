//! What is kept about a person.

pub mod seal;
