//! Generated code as text: laid out by `rustfmt`, which is where Rust is compiled and costs nobody's build a dependency.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// Code as text.
#[derive(Debug)]
pub struct Formatted {
    /// The text.
    pub text: String,
    /// Why it is not laid out.
    pub problem: Option<String>,
}

/// Items as text, in the style of the `rustfmt.toml` where the compiler runs.
pub fn format(items: &TokenStream) -> Formatted {
    let mut text = String::new();
    write_items(items, &mut text);
    match rustfmt(&text) {
        Ok(text) => Formatted { text, problem: None },
        Err(error) => Formatted { text, problem: Some(format!("rustfmt failed: {error}").trim_end().to_owned()) },
    }
}

fn rustfmt(text: &str) -> io::Result<String> {
    let program = std::env::var_os("RUSTFMT").unwrap_or_else(|| "rustfmt".into());
    let mut child = Command::new(program)
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // It reads everything before it writes anything. The pipe is closed at the end of this line.
    let sent = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let lines = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(lines.lines().next().unwrap_or("it said nothing").to_owned()));
    }
    sent?;
    String::from_utf8(output.stdout).map_err(io::Error::other)
}

/// Items, with a blank line between those that have documentation or braces.
fn write_items(items: &TokenStream, text: &mut String) {
    let mut at_start = true;
    let mut holds_items = false;
    let mut tokens = items.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        if let Some(lines) = documentation(&token, tokens.peek()) {
            tokens.next();
            if at_start {
                text.push('\n');
            }
            write_documentation(&lines, text);
            at_start = false;
            continue;
        }
        if at_start && is_function(&token, tokens.peek()) {
            text.push('\n');
        }
        at_start = false;
        match &token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                text.push('{');
                match holds_items {
                    true => write_items(&group.stream(), text),
                    false => write_tokens(group.stream(), text),
                }
                text.push_str("}\n\n");
                (at_start, holds_items) = (true, false);
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => {
                text.push_str(";\n");
                (at_start, holds_items) = (true, false);
            }
            TokenTree::Ident(word) if *word == "impl" => {
                text.push_str("impl ");
                holds_items = true;
            }
            TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
                write_tokens(token.into(), text);
            }
        }
    }
}

fn write_tokens(tokens: TokenStream, text: &mut String) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if let Some(lines) = documentation(&token, tokens.peek()) {
            tokens.next();
            write_documentation(&lines, text);
            continue;
        }
        match token {
            TokenTree::Group(group) => write_group(&group, text),
            TokenTree::Punct(mark) if mark.spacing() == Spacing::Joint => text.push(mark.as_char()),
            TokenTree::Punct(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => {
                text.push_str(&token.to_string());
                text.push(' ');
            }
        }
    }
}

fn write_group(group: &Group, text: &mut String) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Bracket => ("[", "] "),
        Delimiter::Brace => ("{", "}\n"),
        Delimiter::None => ("", ""),
    };
    text.push_str(open);
    write_tokens(group.stream(), text);
    text.push_str(close);
}

fn is_function(first: &TokenTree, second: Option<&TokenTree>) -> bool {
    let is = |token: &TokenTree, text: &str| matches!(token, TokenTree::Ident(word) if *word == text);
    is(first, "fn") || (is(first, "const") && second.is_some_and(|second| is(second, "fn")))
}

/// The text of `#[doc = "..."]`.
fn documentation(hash: &TokenTree, next: Option<&TokenTree>) -> Option<String> {
    let (TokenTree::Punct(hash), Some(TokenTree::Group(group))) = (hash, next) else { return None };
    let mut inside = group.stream().into_iter();
    match (hash.as_char(), inside.next(), inside.next(), inside.next()) {
        ('#', Some(TokenTree::Ident(doc)), Some(TokenTree::Punct(_)), Some(literal)) if doc == "doc" => {
            Some(syn::parse2::<syn::LitStr>(literal.into()).ok()?.value())
        }
        _ => None,
    }
}

fn write_documentation(lines: &str, text: &mut String) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for line in lines.split('\n') {
        let space = if line.is_empty() || line.starts_with(' ') { "" } else { " " };
        text.push_str(&format!("///{space}{}\n", line.trim_end()));
    }
}
