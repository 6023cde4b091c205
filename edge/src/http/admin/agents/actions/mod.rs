//! Actions that are not saved, tried and judged.

pub mod trial;
pub mod verdict;
