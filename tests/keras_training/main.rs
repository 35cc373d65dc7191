//! What Keras says of training and of whole networks, and what we say. See `../keras/`.

mod fit;
mod initializers;
mod losses;
mod metrics;
mod networks;
mod optimizers;
mod schedules;
mod terms;
mod thawing;
