//! Signals, memos and stored values of every type over one type. Leptos compiles its machinery anew for each type that a signal
//! holds; in a console with a hundred such types that was a fifth of the program. These hold a box of anything: there is one
//! machinery, and what is compiled for a type is a cast (`docs/decisions/0026-room-for-the-console.md`). They have the names and
//! methods of Leptos' own, as far as the console uses them.

use core::any::Any;
use core::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude as plain;
use leptos::prelude::{
    GetUntracked as _, GetValue as _, Set as _, SetValue as _, Track as _, Write as _, WriteValue as _,
};

/// A value of any type.
type Held = Arc<dyn Any + Send + Sync>;

/// What computes one.
type Computes = Arc<dyn Fn() -> Held + Send + Sync>;

/// A computed value with what tells whether it is another one.
#[derive(Clone)]
struct Computed {
    value: Held,
    same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Computed {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&*self.value, &*other.value)
    }
}

fn same<T: PartialEq + 'static>(one: &dyn Any, other: &dyn Any) -> bool {
    one.downcast_ref::<T>() == other.downcast_ref::<T>()
}

/// Where a value is read.
trait Place {
    /// The value, unless it is gone with the page that made it. A tracked look is one that the running effect hears of.
    fn held(self, tracked: bool) -> Option<Held>;
}

impl Place for plain::RwSignal<Held> {
    fn held(self, tracked: bool) -> Option<Held> {
        if tracked {
            self.track();
        }
        self.try_get_untracked()
    }
}

impl Place for plain::Memo<Computed> {
    fn held(self, tracked: bool) -> Option<Held> {
        if tracked {
            self.track();
        }
        self.try_get_untracked().map(|computed| computed.value)
    }
}

impl Place for plain::StoredValue<Held> {
    fn held(self, _: bool) -> Option<Held> {
        self.try_get_value()
    }
}

/// The value as what its owner says that it is.
fn cast<T: 'static>(held: &Held) -> &T {
    held.downcast_ref().unwrap_or_else(|| other())
}

/// The value as what its owner says that it is, to be changed.
fn cast_mut<T: 'static>(held: &mut Held) -> &mut T {
    Arc::get_mut(held).and_then(|held| held.downcast_mut()).unwrap_or_else(|| other())
}

fn other() -> ! {
    unreachable!("a signal was changed while it was read")
}

/// What must be there: it is read while the page is there that made it.
fn there(held: Option<Held>) -> Held {
    held.unwrap_or_else(|| unreachable!("a signal was read after its page was gone"))
}

/// The methods by which all of them are read.
macro_rules! readable {
    ($name:ident) => {
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T: 'static> $name<T> {
            /// Shows the value and listens.
            pub fn with<R>(self, see: impl FnOnce(&T) -> R) -> R {
                see(cast(&there(self.0.held(true))))
            }

            /// Shows the value without listening.
            pub fn with_untracked<R>(self, see: impl FnOnce(&T) -> R) -> R {
                see(cast(&there(self.0.held(false))))
            }

            /// Shows the value without listening, unless it is gone.
            pub fn try_with_untracked<R>(self, see: impl FnOnce(&T) -> R) -> Option<R> {
                self.0.held(false).map(|held| see(cast(&held)))
            }
        }

        impl<T: Clone + 'static> $name<T> {
            /// The value; listens.
            pub fn get(self) -> T {
                self.with(T::clone)
            }

            /// The value, without listening.
            pub fn get_untracked(self) -> T {
                self.with_untracked(T::clone)
            }

            /// The value without listening, unless it is gone.
            pub fn try_get_untracked(self) -> Option<T> {
                self.try_with_untracked(T::clone)
            }
        }
    };
}

/// A value that can be set, and heard of.
pub struct RwSignal<T>(plain::RwSignal<Held>, PhantomData<fn() -> T>);

readable!(RwSignal);

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// Holds a value.
    pub fn new(value: T) -> Self {
        Self(plain::RwSignal::new(Arc::new(value)), PhantomData)
    }

    /// Sets it, unless it is gone.
    pub fn set(self, value: T) {
        self.0.try_set(Arc::new(value));
    }

    /// Changes it, unless it is gone.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        self.try_update(change);
    }

    /// Changes it and gives what the change gives, unless it is gone.
    pub fn try_update<R>(self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.try_write().map(|mut held| change(cast_mut(&mut held)))
    }
}

/// A value that is computed from others, and heard of when it is another one.
pub struct Memo<T>(plain::Memo<Computed>, PhantomData<fn() -> T>);

readable!(Memo);

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// Computes it from all that it listens to.
    pub fn new(compute: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self::of(Box::new(move || Computed { value: Arc::new(compute()), same: same::<T> }))
    }

    fn of(compute: Box<dyn Fn() -> Computed + Send + Sync>) -> Self {
        Self(memo(compute), PhantomData)
    }
}

/// The one memo that is compiled.
fn memo(compute: Box<dyn Fn() -> Computed + Send + Sync>) -> plain::Memo<Computed> {
    plain::Memo::new(move |_| compute())
}

/// Does something now, and whenever what it listens to changes, as long as its page is there.
pub fn effect(act: impl FnMut() + 'static) {
    one_effect(Box::new(act));
}

/// The one effect that is compiled.
fn one_effect(act: Box<dyn FnMut()>) {
    plain::Effect::new(act);
}

/// A value that is kept with its page.
pub struct StoredValue<T>(plain::StoredValue<Held>, PhantomData<fn() -> T>);

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

impl<T: Send + Sync + 'static> StoredValue<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Self(plain::StoredValue::new(Arc::new(value)), PhantomData)
    }

    /// Shows it.
    pub fn with_value<R>(self, see: impl FnOnce(&T) -> R) -> R {
        see(cast(&there(self.0.held(false))))
    }

    /// Shows it, unless it is gone.
    pub fn try_with_value<R>(self, see: impl FnOnce(&T) -> R) -> Option<R> {
        self.0.held(false).map(|held| see(cast(&held)))
    }

    /// Keeps another one.
    pub fn set_value(self, value: T) {
        self.0.try_set_value(Arc::new(value));
    }

    /// Changes it, unless it is gone.
    pub fn try_update_value<R>(self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.try_write_value().map(|mut held| change(cast_mut(&mut held)))
    }
}

impl<T: Clone + Send + Sync + 'static> StoredValue<T> {
    /// The value.
    pub fn get_value(self) -> T {
        self.with_value(T::clone)
    }

    /// The value, unless it is gone.
    pub fn try_get_value(self) -> Option<T> {
        self.try_with_value(T::clone)
    }
}

/// Where a component's value comes from.
#[derive(Clone, Copy)]
enum Source {
    Set(plain::RwSignal<Held>),
    Computed(plain::Memo<Computed>),
    Derived(plain::StoredValue<Computes>),
    Fixed(plain::StoredValue<Held>),
}

impl Place for Source {
    fn held(self, tracked: bool) -> Option<Held> {
        match self {
            Self::Set(signal) => signal.held(tracked),
            Self::Computed(memo) => memo.held(tracked),
            Self::Fixed(stored) => stored.held(tracked),
            Self::Derived(stored) => {
                let compute = stored.try_get_value()?;
                Some(if tracked { compute() } else { plain::untrack(|| compute()) })
            }
        }
    }
}

/// A value that a component shows, wherever it comes from.
pub struct Signal<T>(Source, PhantomData<fn() -> T>);

readable!(Signal);

impl<T: Send + Sync + 'static> Signal<T> {
    /// Computed anew whenever it is read.
    pub fn derive(compute: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let compute: Computes = Arc::new(move || Arc::new(compute()));
        Self(Source::Derived(plain::StoredValue::new(compute)), PhantomData)
    }
}

impl<T: Default + Send + Sync + 'static> Default for Signal<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T: Send + Sync + 'static> From<T> for Signal<T> {
    fn from(value: T) -> Self {
        Self(Source::Fixed(plain::StoredValue::new(Arc::new(value))), PhantomData)
    }
}

impl<T> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self(Source::Set(signal.0), PhantomData)
    }
}

impl<T> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self(Source::Computed(memo.0), PhantomData)
    }
}

impl From<&str> for Signal<String> {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
