//! Tokens to syntax tree. After an error it goes on at the next statement of a body, or at the next item, so that all
//! that is wrong with the text is told at once.

mod flow;
pub(crate) mod header;
mod item;
mod recover;
mod statement;
mod value;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::parse::{ParseBuffer, ParseStream, Parser};
use syn::{Error, Result, Token};

use crate::errors::Errors;
use crate::syntax::Block;

/// How deep groups may be nested. Deeper ones are no network, and would exhaust the stack of a recursive parser.
const DEEPEST: usize = 64;

/// Parses the body of one `network!` block.
pub fn parse(tokens: TokenStream, errors: &mut Errors) -> Block {
    if let Some(span) = too_deep(&tokens) {
        errors.error(span, format!("brackets are nested more than {DEEPEST} deep"));
        return Block::default();
    }
    let before = errors.len();
    let last = tokens.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span());
    let mut block = Block::default();
    let parsed = (|input: ParseStream| {
        item::items(input, last, &mut block, errors);
        Ok(())
    })
    .parse2(tokens);
    // Groups that were left half-read after an error are reported by `syn` at the end; that is no news.
    if let Err(error) = parsed
        && errors.len() == before
    {
        errors.syntax(error);
    }
    block
}

/// The first bracket that is nested too deeply; without recursion.
fn too_deep(tokens: &TokenStream) -> Option<Span> {
    let mut open = vec![tokens.clone().into_iter()];
    while let Some(level) = open.last_mut() {
        match level.next() {
            None => {
                open.pop();
            }
            Some(TokenTree::Group(group)) if open.len() > DEEPEST => return Some(group.span_open()),
            Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
            Some(TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_)) => {}
        }
    }
    None
}

/// A name that the user chooses or refers to; `what` says which, for the message.
fn name(input: ParseStream, what: &str) -> Result<Ident> {
    use syn::ext::IdentExt;
    if !input.peek(Ident::peek_any) {
        return Err(expected(input, what));
    }
    let name = Ident::parse_any(input)?;
    if name == "_" {
        return Err(Error::new(name.span(), format!("expected {what}, found `_`")));
    }
    check_name(&name)?;
    Ok(name)
}

/// Whether a word is a name and no keyword.
pub(crate) fn is_name(word: &Ident) -> bool {
    syn::parse2::<Ident>(TokenTree::Ident(word.clone()).into()).is_ok()
}

/// Whether a word can be a name in generated code.
pub(crate) fn check_name(name: &Ident) -> Result<()> {
    let text = name.to_string();
    if text.starts_with("r#") {
        return Err(Error::new(name.span(), format!("`{text}` cannot be a name here: leave out `r#`")));
    }
    // The parser knows no words that are reserved since the edition of 2024.
    if !is_name(name) || text == "gen" {
        return Err(Error::new(name.span(), format!("`{text}` is a Rust keyword and cannot be a name")));
    }
    Ok(())
}

/// An error with its place; what is missing behind the last token is told on that token, for the whole invocation of
/// the macro is no place that helps.
fn placed(error: Error, last: Span) -> Error {
    let (span, invocation) = (error.span(), Span::call_site());
    if (span.start(), span.end()) == (invocation.start(), invocation.end()) {
        return Error::new(last, error.to_string());
    }
    error
}

/// The error that something else was expected than the next token.
fn expected(input: ParseStream, what: &str) -> Error {
    Error::new(input.span(), format!("expected {what}, found {}", found(input)))
}

/// The same error with what to do about it.
fn with_help(error: Error, help: impl std::fmt::Display) -> Error {
    Error::new(error.span(), format!("{error}\nhelp: {help}"))
}

/// The marks of two characters that are one to their reader.
const PAIRS: [&str; 12] = ["->", "=>", "==", "<-", "--", "|>", ">>", "::", ":=", "..", "**", "&&"];

/// The next token, for a message.
fn found(input: ParseStream) -> String {
    if let Some((first, rest)) = input.cursor().punct() {
        let pair = rest.punct().map(|(second, _)| format!("{}{}", first.as_char(), second.as_char()));
        let pair = pair.filter(|pair| first.spacing() == proc_macro2::Spacing::Joint && PAIRS.contains(&pair.as_str()));
        return format!("`{}`", pair.unwrap_or_else(|| first.as_char().to_string()));
    }
    match input.cursor().token_tree() {
        None => "the end".to_owned(),
        Some((TokenTree::Group(group), _)) => match group.delimiter() {
            proc_macro2::Delimiter::Parenthesis => "`(`".to_owned(),
            proc_macro2::Delimiter::Brace => "`{`".to_owned(),
            proc_macro2::Delimiter::Bracket => "`[`".to_owned(),
            proc_macro2::Delimiter::None => format!("`{}`", group.stream()),
        },
        Some((token, _)) => format!("`{token}`"),
    }
}

/// The content of parentheses, read whole by `read`.
fn in_parentheses<T>(input: ParseStream, what: &str, read: impl FnOnce(ParseStream) -> Result<T>) -> Result<(T, Span)> {
    if !input.peek(syn::token::Paren) {
        return Err(expected(input, &format!("`(` and {what}")));
    }
    let content;
    let parentheses = syn::parenthesized!(content in input);
    Ok((whole(&content, read)?, parentheses.span.join()))
}

/// The content of brackets, read whole by `read`.
fn in_brackets<T>(input: ParseStream, what: &str, read: impl FnOnce(ParseStream) -> Result<T>) -> Result<(T, Span)> {
    if !input.peek(syn::token::Bracket) {
        return Err(expected(input, what));
    }
    let content;
    let brackets = syn::bracketed!(content in input);
    Ok((whole(&content, read)?, brackets.span.join()))
}

/// Reads a group to its end; what is left after an error is thrown away.
fn whole<T>(content: &ParseBuffer<'_>, read: impl FnOnce(ParseStream) -> Result<T>) -> Result<T> {
    let result = read(content).and_then(|value| {
        if content.is_empty() {
            Ok(value)
        } else {
            Err(Error::new(content.span(), format!("unexpected {}", found(content))))
        }
    });
    recover::drain(content);
    result
}

/// Items with commas between them, up to the end of the group.
fn comma_separated<T>(input: ParseStream, mut read: impl FnMut(ParseStream) -> Result<T>) -> Result<Vec<T>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        items.push(read(input)?);
        if input.is_empty() {
            break;
        }
        if !input.peek(Token![,]) {
            return Err(expected(input, "`,`"));
        }
        input.parse::<Token![,]>()?;
    }
    Ok(items)
}
