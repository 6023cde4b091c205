//! Everything that leaves this page: requests, the socket, the host page. No other module touches them.

pub mod fetch;
pub mod post_message;
pub mod socket;
pub mod timer;
pub mod wire;
