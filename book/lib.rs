//! The book. Its chapters are in `src`, for mdBook; here, `cargo test` compiles and runs every listing in them.
//!
//! A hidden line of a listing may call what is here: [`in_a_folder`] before files are read and written, [`shown`] for what the
//! chapter says that a program prints, [`keep`] for a file that another listing reads.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use tempfile::TempDir;

/// A folder that a listing works in, until this is dropped.
#[must_use = "the folder is removed with this"]
pub struct Workplace {
    before: PathBuf,
    _folder: TempDir,
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // Not every system removes the folder that a program works in. Where this fails, the folder is left.
        let _ = env::set_current_dir(&self.before);
    }
}

/// Works in an empty folder from now on, but for a copy of the book's `data`. Every listing is a process of its own.
///
/// # Panics
///
/// If the folder cannot be made.
pub fn in_a_folder() -> Workplace {
    let make = || -> io::Result<Workplace> {
        let folder = tempfile::tempdir()?;
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data"), &folder.path().join("data"))?;
        let before = env::current_dir()?;
        env::set_current_dir(folder.path())?;
        Ok(Workplace { before, _folder: folder })
    };
    make().unwrap_or_else(|error| panic!("a folder for the listing: {error}"))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() { copy(&entry.path(), &to)? } else { fs::copy(entry.path(), to).map(drop)? }
    }
    Ok(())
}

/// Looks whether a chapter shows this text, as what a listing prints.
///
/// # Panics
///
/// If it does not.
pub fn shown(chapter: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(chapter);
    let chapter = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(chapter.contains(text.trim_end()), "{} should show\n{text}", path.display());
}

/// Keeps a file that a listing has written as one of the book's own, where `UPDATE_EXPECTED` asks for it.
///
/// # Panics
///
/// If the file cannot be copied.
pub fn keep(path: &str) {
    if env::var_os("UPDATE_EXPECTED").is_some() {
        let copied = fs::copy(path, Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
        copied.unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

/// A module for each chapter, which rustdoc alone sees, and when it tests.
macro_rules! chapters {
    ($($name:ident $file:literal)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("src/", $file))]
            pub mod $name {}
        )*

        /// The files of the chapters with listings.
        pub const CHAPTERS: &[&str] = &[$($file),*];
    };
}

chapters! {
    introduction "introduction.md"
    first_network "first-network.md"
    your_data "your-data.md"
    several_inputs_and_outputs "several-inputs-and-outputs.md"
    sharing "sharing.md"
    your_own_losses_and_metrics "your-own-losses-and-metrics.md"
    your_own_layer "your-own-layer.md"
    training "training.md"
    transfer "transfer.md"
    loops_by_hand "loops-by-hand.md"
    deploying "deploying.md"
    speed "speed.md"
    from_keras "from-keras.md"
    from_pytorch "from-pytorch.md"
    messages "messages.md"
    generated_code "generated-code.md"
}
