//! What the user may have meant: names at a small distance. The names of other libraries are in `elsewhere`.

/// The valid name that is nearest to `wrong`, if it is near enough to have been meant: at most a third of the letters
/// differ. The case of letters counts little, for `conv2D` means `Conv2d`.
pub fn nearest<'a>(wrong: &str, valid: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wrong.to_lowercase();
    valid
        .map(|name| (distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance * 3 <= name.chars().count().max(wrong.chars().count()))
        .min()
        .map(|(_, name)| name)
}

/// `help` for an unknown name: the nearest valid one, else all of them, sorted.
pub fn help<'a>(wrong: &str, valid: impl Iterator<Item = &'a str>, what: &str) -> Option<String> {
    let mut valid: Vec<_> = valid.collect();
    valid.sort_unstable();
    valid.dedup();
    if let Some(near) = nearest(wrong, valid.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    if valid.is_empty() {
        return None;
    }
    Some(format!("{what} {}", quoted(&valid)))
}

/// The names in backticks with commas between them.
pub fn quoted(names: &[impl std::fmt::Display]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Number of letters to insert, delete, replace or swap with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, &l) in left.iter().enumerate() {
        let mut here = vec![row + 1];
        for (column, &r) in right.iter().enumerate() {
            let mut best = (above[column] + usize::from(l != r)).min(above[column + 1] + 1).min(here[column] + 1);
            if row > 0 && column > 0 && l == right[column - 1] && left[row - 1] == r {
                best = best.min(before[column - 1] + 1);
            }
            here.push(best);
        }
        before = std::mem::replace(&mut above, here);
    }
    above[right.len()]
}
