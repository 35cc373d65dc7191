//! Tables in the chapters of the book.

use std::fs;
use std::path::Path;

/// Looks whether a chapter has this text between the marks of this name, or writes it there.
pub fn expect(chapter: &str, mark: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src").join(chapter);
    let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let [begin, end] = ["begin", "end"].map(|word| format!("<!-- {word}: {mark} -->\n"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("{chapter} should have `{begin}`"));
    let (found, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{chapter} should have `{end}`"));
    let expected = format!("\n{text}\n");
    if found == expected {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_EXPECTED").is_some(),
        "{}: the table `{mark}` is another; `UPDATE_EXPECTED=1` writes it",
        path.display()
    );
    fs::write(&path, format!("{before}{begin}{expected}{end}{after}")).unwrap();
}
