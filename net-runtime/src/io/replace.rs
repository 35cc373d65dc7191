//! Writing a file so that a crash leaves the old one or the new one, never a half of either.
//!
//! The contents go to a file beside it, which then gets its name. That one is called `.<name>.part`, and whoever writes it has it
//! locked: one that nobody has locked was left by a writer that was killed, and the next one removes it. So there is one such file
//! at most, and writers of one file wait for each other.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::Error;

/// Writes `contents` to a file beside `path`, waits until they are on the disk, and gives them the name. A link stays one, to
/// the new file; a file that is there hands on its permissions, and its owner if the system lets it. What is no file, such
/// as a pipe, is written to.
pub(crate) fn replace_file(path: &Path, contents: &[u8]) -> Result<(), Error> {
    replace(path, contents).map_err(|source| Error::Io { path: path.into(), source })
}

fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let path = follow_links(path)?;
    let old = match fs::metadata(&path) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        return OpenOptions::new().write(true).open(&path)?.write_all(contents);
    }
    let mut part = PartialFile::beside(&path)?;
    if let Some(old) = old {
        part.take_after(&old);
    }
    part.file.write_all(contents)?;
    part.file.sync_all()?;
    part.rename(&path)
}

/// Links that are followed one after the other, as on Linux.
const MOST_LINKS: usize = 40;

/// What a path leads to, whether that exists or not: a name in a folder, which is no link itself.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder(&path).join(target),
            // No link, or nothing at all.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("it is a link that leads to too many others"))
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Bytes of a file's name that the other one's begins with: a name has 255 at most. Files whose names differ only behind them wait
/// for each other.
const LONGEST: usize = 200;

/// A file that is being written, and is removed if it does not get another name.
struct PartialFile {
    path: PathBuf,
    file: File,
    /// What it is to have at the end; meanwhile it is its owner's alone.
    permissions: Permissions,
    renamed: bool,
}

impl PartialFile {
    /// A new file in the same folder, since a name can only be moved within one file system.
    fn beside(path: &Path) -> io::Result<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy();
        let name = &name[..name.floor_char_boundary(LONGEST)];
        // Where files cannot be locked, or another user's is there, a name that nobody else has will do.
        Self::locked(folder(path).join(format!(".{name}.part"))).or_else(|_| {
            let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
            Self::create(folder(path).join(format!(".{name}.{process}-{number}.part")))
        })
    }

    fn create(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        // Those of any new file of this user.
        let permissions = file.metadata()?.permissions();
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self { path, file, permissions, renamed: false })
    }

    /// One that nobody else writes, after those who did.
    fn locked(path: PathBuf) -> io::Result<Self> {
        loop {
            match Self::create(path.clone()) {
                Ok(mut part) => {
                    part.file.lock()?;
                    // Before it was locked, it may have been taken for one that was left.
                    if is_at(&part.file, &path)? {
                        return Ok(part);
                    }
                    part.renamed = true;
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => remove_left(&path)?,
                Err(error) => return Err(error),
            }
        }
    }

    /// What the file that is replaced was to others, this one will be.
    fn take_after(&mut self, old: &Metadata) {
        self.permissions = old.permissions();
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            // Only who may give files away can; for anybody else the file becomes their own, as any new one.
            let _ = fchown(&self.file, Some(old.uid()), Some(old.gid()));
        }
    }

    fn rename(mut self, path: &Path) -> io::Result<()> {
        self.file.set_permissions(self.permissions.clone())?;
        fs::rename(&self.path, path)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.renamed {
            // What cannot be removed is removed by the next writer.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Waits until nobody writes a file, and removes it if it is still there.
fn remove_left(path: &Path) -> io::Result<()> {
    let done = || {
        if fs::symlink_metadata(path)?.is_file() {
            let file = OpenOptions::new().write(true).open(path)?;
            file.lock()?;
            if !is_at(&file, path)? {
                return Ok(());
            }
            return fs::remove_file(path);
        }
        fs::remove_file(path)
    };
    match done() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Whether a file has this name; it may have got another one, or none.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let own = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((own.dev(), own.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere a file that is open keeps its name.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn replaces_a_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace_file(&path, b"first").unwrap();
        replace_file(&path, b"2nd").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2nd");
        assert_eq!(names(folder.path()), ["file"]);
        let long = "ü".repeat(127);
        replace_file(&folder.path().join(&long), b"").unwrap();
        assert_eq!(names(folder.path()), ["file", &long]);
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("file");
        let error = replace_file(&path, b"").unwrap_err();
        assert!(error.to_string().starts_with(path.to_str().unwrap()), "{error}");
        assert!(replace_file(folder.path(), b"").is_err() && folder.path().is_dir());
    }

    #[test]
    fn what_a_killed_writer_left_is_removed_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".file.part"), b"half of").unwrap();
        replace_file(&folder.path().join("file"), b"all").unwrap();
        assert_eq!(names(folder.path()), ["file"]);
        assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"all");
    }

    #[test]
    fn a_failed_writer_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        drop(PartialFile::beside(&path).unwrap());
        assert!(names(folder.path()).is_empty());
        // A folder in the place of the other file: nothing that a writer has left.
        fs::create_dir(folder.path().join(".file.part")).unwrap();
        replace_file(&path, b"all").unwrap();
        assert_eq!(names(folder.path()), [".file.part", "file"]);
    }

    #[test]
    fn writers_of_one_file_wait_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace_file(&path, &[0; 1000]).unwrap();
        std::thread::scope(|scope| {
            for writer in 1..5 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..20 {
                        replace_file(path, &vec![writer; 1000 * usize::from(writer)]).unwrap();
                        let found = fs::read(path).unwrap();
                        assert!(
                            found.len() == 1000 * usize::from(found[0]) && found.iter().all(|&byte| byte == found[0])
                        );
                    }
                });
            }
        });
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{PermissionsExt, symlink};

        use super::*;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o7777
        }

        #[test]
        fn others_may_read_what_the_mask_lets_them() {
            let folder = tempfile::tempdir().unwrap();
            let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
            replace_file(&ours, b"").unwrap();
            fs::write(&plain, b"").unwrap();
            assert_eq!(mode(&ours), mode(&plain));
        }

        #[test]
        fn a_file_keeps_its_permissions() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            for permissions in [0o600, 0o400, 0o640, 0o777] {
                fs::write(&path, b"old").unwrap();
                fs::set_permissions(&path, Permissions::from_mode(permissions)).unwrap();
                replace_file(&path, b"new").unwrap();
                assert_eq!((mode(&path), &*fs::read(&path).unwrap()), (permissions, &b"new"[..]));
                fs::remove_file(&path).unwrap();
            }
        }

        #[test]
        fn a_link_stays_one_and_its_file_is_replaced() {
            let folder = tempfile::tempdir().unwrap();
            let [link, second, file] = ["link", "second", "inner/file"].map(|name| folder.path().join(name));
            fs::create_dir(folder.path().join("inner")).unwrap();
            symlink("second", &link).unwrap();
            symlink("inner/file", &second).unwrap();
            // First the file is not there yet.
            for contents in [b"one", b"two"] {
                replace_file(&link, contents).unwrap();
                assert_eq!(fs::read(&file).unwrap(), contents);
                assert!(fs::read_link(&link).unwrap() == Path::new("second") && second.is_symlink());
            }
            assert_eq!(names(&folder.path().join("inner")), ["file"]);
            let circle = folder.path().join("circle");
            symlink("circle", &circle).unwrap();
            assert!(replace_file(&circle, b"").unwrap_err().to_string().ends_with("too many others"));
        }

        #[test]
        fn a_link_in_the_place_of_the_other_file_is_not_followed() {
            let folder = tempfile::tempdir().unwrap();
            let [path, innocent] = ["file", "innocent"].map(|name| folder.path().join(name));
            fs::write(&innocent, b"mine").unwrap();
            symlink("innocent", folder.path().join(".file.part")).unwrap();
            replace_file(&path, b"all").unwrap();
            assert_eq!(fs::read(&innocent).unwrap(), b"mine");
            assert_eq!(names(folder.path()), ["file", "innocent"]);
        }

        #[test]
        fn what_is_no_file_is_written_to() {
            replace_file(Path::new("/dev/null"), b"all").unwrap();
            assert!(!fs::metadata("/dev/null").unwrap().is_file());
        }
    }
}
