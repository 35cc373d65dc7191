//! Every public name of Keras and PyTorch against what is here: `tests/keras/names.py` and `pytorch_names.py` have asked for the names,
//! `elsewhere` says what becomes of them. The book has the lists as tables, which `UPDATE_EXPECTED=1` writes; they are also printed:
//!
//! ```text
//! cargo test -p net-compiler --test names -- --nocapture
//! ```

mod found;
mod keras;
mod list;
mod page;
mod pytorch;
