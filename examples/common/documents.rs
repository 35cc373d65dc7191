//! Text that there is wherever the examples are.

use std::fs;
use std::path::Path;

use net_runtime::Error;

/// What this project says of itself: its README and the map of its code.
///
/// # Errors
///
/// [`Error::Io`] if they cannot be read.
pub fn read() -> Result<String, Error> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| {
        let path = project.join(name);
        fs::read_to_string(&path).map_err(|source| Error::Io { path, source })
    };
    Ok(read("README.md")? + &read("ARCHITECTURE.md")?)
}
