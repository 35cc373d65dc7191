//! The names of Keras and PyTorch, and what to do about them here: another name, another way, or the plain word that the
//! thing is not there, which helps more than the name that happens to be spelt alike.

mod argument;
mod head;
mod initializer;
mod of_weights;
mod stage;
mod training;
mod word;

pub use argument::{argument, counted_padding, order, surplus_argument};
pub use head::{head_loss, head_metric, loss, metric};
pub use initializer::initializer;
pub use of_weights::{constraint, regularizer};
pub use stage::{Here, here, stage};
pub use training::training;
pub use word::{ITEMS, item, statement};

fn called(here: &str) -> String {
    format!("here it is called `{here}`")
}

fn missing(what: &str) -> String {
    format!("{what} not there yet")
}
