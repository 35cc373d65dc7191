//! Where the examples write: `target/examples-output`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use net_runtime::Error;

/// The path of an output file; its folder is there afterwards.
pub fn path(file: &str) -> Result<PathBuf, Error> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join("examples-output");
    fs::create_dir_all(&folder).map_err(|source| Error::Io { path: folder.clone(), source })?;
    Ok(folder.join(file))
}

/// Tells that a file was written.
pub fn wrote(path: &Path) {
    let here = env::current_dir().unwrap_or_default();
    println!("wrote {}", path.strip_prefix(here).unwrap_or(path).display());
}
