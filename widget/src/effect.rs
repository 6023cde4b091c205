//! Keeping the page at what the signals say.

use reactive_graph::effect::Effect;

/// Runs `draw` now and whenever a signal that it reads has changed.
///
/// Boxed, so that the machinery of an effect (a kilobyte) is compiled once and not for every closure.
pub fn draw(draw: impl FnMut() + 'static) {
    let mut draw: Box<dyn FnMut()> = Box::new(draw);
    Effect::new(move |_: Option<()>| draw());
}
