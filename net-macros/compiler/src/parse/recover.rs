//! Finding a place to go on after an error.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::Token;
use syn::buffer::Cursor;
use syn::parse::ParseStream;

use super::item::keyword;
use crate::syntax::BrokenStatement;

/// Throws away what is left of a group.
pub(super) fn drain(input: ParseStream) {
    while skip(input) {}
}

/// Throws away one token; false at the end.
pub(super) fn skip(input: ParseStream) -> bool {
    input.parse::<TokenTree>().is_ok()
}

/// Goes on behind the next `;` or `{...}`, or before the next statement, whatever comes first. `start` is where the broken
/// statement begins, which is never where it ends.
pub(super) fn to_next_statement(input: ParseStream, start: Cursor<'_>) {
    if input.cursor() == start {
        skip(input);
    }
    while !input.is_empty() && !statement_begins(input) {
        let body = input.peek(syn::token::Brace) && !input.peek2(Token![;]) && !input.peek2(Token![else]);
        let end = input.peek(Token![;]) || body;
        skip(input);
        if end {
            return;
        }
    }
}

/// Whether a statement begins here, as far as a few tokens can tell.
pub(super) fn statement_begins(input: ParseStream) -> bool {
    input.peek(Token![let])
        || input.peek(keyword::layer) && input.peek2(syn::Ident) && input.peek3(Token![=])
        || (input.peek(keyword::loss) || input.peek(keyword::metric))
            && input.peek2(syn::Ident)
            && input.peek3(Token![:])
}

/// Goes on behind the next `;` or `{...}`, or before the next item, whatever comes first.
pub(super) fn to_next_item(input: ParseStream, start: Cursor<'_>) {
    if input.cursor() == start {
        skip(input);
    }
    while !input.is_empty() && !item_begins(input) {
        let end = input.peek(Token![;]) || input.peek(syn::token::Brace);
        skip(input);
        if end {
            return;
        }
    }
}

fn item_begins(input: ParseStream) -> bool {
    input.peek(Token![const])
        || input.peek(Token![extern])
        || input.peek(Token![pub])
        || input.peek(Token![#])
        || (input.peek(keyword::network) || input.peek(keyword::block)) && input.peek2(syn::Ident)
}

/// What is known of the statement between two places.
pub(super) fn broken(start: Cursor<'_>, end: Cursor<'_>) -> BrokenStatement {
    let mut tokens = Vec::new();
    let mut here = start;
    while here != end
        && let Some((token, next)) = here.token_tree()
    {
        tokens.push(token);
        here = next;
    }
    // `mut` is one of the things that break a statement.
    let named: Vec<_> =
        tokens.iter().filter(|token| !matches!(token, TokenTree::Ident(word) if word == "mut")).cloned().collect();
    let names = match named.as_slice() {
        [TokenTree::Ident(keyword), TokenTree::Ident(name), ..] if keyword == "let" || keyword == "layer" => {
            vec![name.clone()]
        }
        [TokenTree::Ident(keyword), TokenTree::Group(pattern), ..]
            if keyword == "let" && pattern.delimiter() == Delimiter::Parenthesis =>
        {
            words(pattern.stream().into_iter().collect())
        }
        // What stands beside networks, or has another keyword elsewhere.
        [TokenTree::Ident(keyword), TokenTree::Ident(name), ..]
            if matches!(keyword.to_string().as_str(), "const" | "block" | "network" | "fn" | "var" | "val") =>
        {
            vec![name.clone()]
        }
        // A keyword that is misspelt.
        [TokenTree::Ident(_), TokenTree::Ident(name), TokenTree::Punct(equals), ..] if equals.as_char() == '=' => {
            vec![name.clone()]
        }
        [TokenTree::Ident(name), TokenTree::Punct(equals), ..] if equals.as_char() == '=' => vec![name.clone()],
        _ => Vec::new(),
    };
    let mentions = words(tokens).iter().map(Ident::to_string).collect();
    BrokenStatement { names, mentions }
}

/// Every word, within groups too; their depth was checked.
fn words(tokens: Vec<TokenTree>) -> Vec<Ident> {
    let mut words = Vec::new();
    let mut rest: Vec<TokenTree> = tokens.into_iter().rev().collect();
    while let Some(token) = rest.pop() {
        match token {
            TokenTree::Ident(word) => words.push(word),
            TokenTree::Group(group) => rest.extend(reversed(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    words
}

fn reversed(tokens: TokenStream) -> impl Iterator<Item = TokenTree> {
    tokens.into_iter().collect::<Vec<_>>().into_iter().rev()
}
