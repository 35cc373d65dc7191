//! What is done to a program: to its tokens, its statements and its names.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, TokenStream, TokenTree};

/// A small generator (splitmix64), so that a failure can be repeated from its number.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % end.max(1) as u64) as usize
    }
}

const NUMBERS: [u64; 12] = [0, 1, 2, 3, 7, 64, 255, 4096, 65_536, i32::MAX as u64, i64::MAX as u64, u64::MAX];

/// One change.
pub(super) fn mutate(tokens: TokenStream, random: &mut Random) -> TokenStream {
    match random.below(17) {
        0 => exchange_parts(tokens, ';', random),
        1 => exchange_parts(tokens, ',', random),
        2 => double_part(tokens, ';', random),
        3 => double_part(tokens, ',', random),
        4 => rename(tokens, random),
        5 => swap(tokens, random),
        kind => change_one(tokens, kind - 6, random),
    }
}

/// Every token, those in groups behind the group.
fn all(tokens: &TokenStream) -> Vec<TokenTree> {
    let mut found = Vec::new();
    for token in tokens.clone() {
        let inner = if let TokenTree::Group(group) = &token { all(&group.stream()) } else { Vec::new() };
        found.push(token);
        found.extend(inner);
    }
    found
}

/// Replaces each token that `change` answers for; it is told the number of each, counted as in [`all`].
fn replace(
    tokens: TokenStream,
    number: &mut usize,
    change: &mut dyn FnMut(usize, &TokenTree) -> Option<Vec<TokenTree>>,
) -> TokenStream {
    let mut changed = Vec::new();
    for token in tokens {
        let here = *number;
        *number += 1;
        let replacement = change(here, &token);
        let inner = if let TokenTree::Group(group) = &token {
            Some((group.delimiter(), replace(group.stream(), number, change)))
        } else {
            None
        };
        match (replacement, inner) {
            (Some(replacement), _) => changed.extend(replacement),
            (None, Some((delimiter, inner))) => changed.push(TokenTree::Group(Group::new(delimiter, inner))),
            (None, None) => changed.push(token),
        }
    }
    changed.into_iter().collect()
}

fn parenthesized(tokens: TokenStream) -> TokenTree {
    TokenTree::Group(Group::new(Delimiter::Parenthesis, tokens))
}

/// Delete, repeat, replace, insert, a huge number, another mark, nest deeply, open a group, empty it, put a word in quotes,
/// other brackets.
fn change_one(tokens: TokenStream, kind: usize, random: &mut Random) -> TokenStream {
    let known = all(&tokens);
    let at = random.below(known.len());
    let other = known.get(random.below(known.len())).cloned();
    let number = NUMBERS[random.below(NUMBERS.len())];
    let mark = ['-', '>', '=', ';', ',', ':', '+', '*', '/', '.', '#', '&'][random.below(12)];
    let depth = [1, 2, 30, 63, 64, 65, 200][random.below(7)];
    let number = || TokenTree::Literal(Literal::u64_unsuffixed(number));
    replace(tokens, &mut 0, &mut |here, token| {
        if here != at {
            return None;
        }
        Some(match kind {
            0 => Vec::new(),
            1 => vec![token.clone(), token.clone()],
            2 => other.clone().into_iter().collect(),
            3 => other.clone().into_iter().chain([token.clone()]).collect(),
            4 => vec![number()],
            5 => vec![TokenTree::Punct(Punct::new(mark, Spacing::Alone))],
            6 => vec![(0..depth).fold(token.clone(), |inner, _| parenthesized(inner.into()))],
            7 => match token {
                TokenTree::Group(group) => group.stream().into_iter().collect(),
                token => vec![token.clone(), parenthesized(token.clone().into())],
            },
            8 => match token {
                TokenTree::Group(group) => vec![TokenTree::Group(Group::new(group.delimiter(), TokenStream::new()))],
                TokenTree::Literal(_) => vec![number()],
                token => vec![token.clone(), number()],
            },
            9 => match token {
                TokenTree::Ident(_) => vec![TokenTree::Literal(Literal::string(&token.to_string()))],
                token => vec![TokenTree::Literal(Literal::f32_unsuffixed(0.5)), token.clone()],
            },
            _ => match token {
                TokenTree::Group(group) => {
                    let delimiters = [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket];
                    vec![TokenTree::Group(Group::new(delimiters[at % 3], group.stream()))]
                }
                token => vec![token.clone()],
            },
        })
    })
}

/// Two tokens change places, wherever they stand.
fn swap(tokens: TokenStream, random: &mut Random) -> TokenStream {
    let known = all(&tokens);
    let (first, second) = (random.below(known.len()), random.below(known.len()));
    replace(tokens, &mut 0, &mut |here, _| {
        let other = if here == first {
            second
        } else if here == second {
            first
        } else {
            return None;
        };
        known.get(other).map(|token| vec![token.clone()])
    })
}

/// A name becomes another name of the program, everywhere or in one place: names of other scopes among them.
fn rename(tokens: TokenStream, random: &mut Random) -> TokenStream {
    let words: Vec<Ident> = all(&tokens)
        .into_iter()
        .filter_map(|token| if let TokenTree::Ident(word) = token { Some(word) } else { None })
        .collect();
    if words.is_empty() {
        return tokens;
    }
    let (from, to) = (&words[random.below(words.len())], &words[random.below(words.len())]);
    let exchanged = random.below(2) == 0;
    replace(tokens, &mut 0, &mut |_, token| match token {
        TokenTree::Ident(word) if word == from => Some(vec![TokenTree::Ident(to.clone())]),
        TokenTree::Ident(word) if word == to && exchanged => Some(vec![TokenTree::Ident(from.clone())]),
        _ => None,
    })
}

/// The parts of a stream, each with the mark that ends it.
fn parts(tokens: &TokenStream, mark: char) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in tokens.clone() {
        let ends = matches!(&token, TokenTree::Punct(found) if found.as_char() == mark);
        parts.last_mut().expect("there is one from the start").push(token);
        if ends {
            parts.push(Vec::new());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Changes the list of the parts of one group that has several.
fn change_parts(
    tokens: TokenStream,
    mark: char,
    random: &mut Random,
    change: impl Fn(&mut Vec<Vec<TokenTree>>, &mut Random),
) -> TokenStream {
    let groups: Vec<usize> = all(&tokens)
        .iter()
        .enumerate()
        .filter(|(_, token)| matches!(token, TokenTree::Group(group) if parts(&group.stream(), mark).len() > 1))
        .map(|(index, _)| index)
        .collect();
    if groups.is_empty() {
        return tokens;
    }
    let at = groups[random.below(groups.len())];
    replace(tokens, &mut 0, &mut |here, token| match token {
        TokenTree::Group(group) if here == at => {
            let mut parts = parts(&group.stream(), mark);
            change(&mut parts, random);
            let stream = parts.into_iter().flatten().collect();
            Some(vec![TokenTree::Group(Group::new(group.delimiter(), stream))])
        }
        _ => None,
    })
}

/// Two statements, or two items of a list, change places.
fn exchange_parts(tokens: TokenStream, mark: char, random: &mut Random) -> TokenStream {
    change_parts(tokens, mark, random, |parts, random| {
        let (first, second) = (random.below(parts.len()), random.below(parts.len()));
        parts.swap(first, second);
    })
}

/// A statement, or an item of a list, stands there twice.
fn double_part(tokens: TokenStream, mark: char, random: &mut Random) -> TokenStream {
    change_parts(tokens, mark, random, |parts, random| {
        let part = parts[random.below(parts.len())].clone();
        let place = random.below(parts.len() + 1);
        parts.insert(place, part);
    })
}
