//! The control plane in D1. SQL stands here and in the objects, nowhere else.

pub mod agents;
pub mod records;
pub mod secrets;
