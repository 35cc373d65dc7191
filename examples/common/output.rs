//! What the examples show of their training, and where they write: into `examples-output` in cargo's target directory.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use net_runtime::prelude::*;

/// What cargo puts into its target directory, and nobody else into one of its own above it.
const TAG: &str = "CACHEDIR.TAG";

/// The path of an output file; its folder is there afterwards.
///
/// # Errors
///
/// [`Error::Io`] if the folder cannot be made.
pub fn path(file: &str) -> Result<PathBuf, Error> {
    let path = target_directory().join("examples-output").join(file);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| Error::Io { path: folder.to_owned(), source })?;
    }
    Ok(path)
}

/// Wherever the user has put it: the program lies in it. `target` here, for a program that was moved.
fn target_directory() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    let target = program.ancestors().find(|folder| folder.join(TAG).is_file());
    target.map_or_else(|| PathBuf::from("target"), Path::to_owned)
}

/// Shows each epoch as a line, of so many: where the samples are new in each, a run is one epoch, which would be shown as the last.
pub fn line_of<N: Network>(epochs: usize) -> impl FnMut(usize, &Logs, &mut Control<'_, N>) -> Result<(), Error> + Send {
    move |epoch, logs, _| {
        eprintln!("epoch {epoch}/{epochs}  {logs}");
        Ok(())
    }
}

/// Tells that a file was written.
pub fn wrote(path: &Path) {
    let here = env::current_dir().unwrap_or_default();
    println!("wrote {}", path.strip_prefix(here).unwrap_or(path).display());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_lies_where_cargo_has_put_the_program() {
        let program = env::current_exe().unwrap();
        assert!(program.starts_with(target_directory()) && target_directory().join(TAG).is_file());
    }
}
