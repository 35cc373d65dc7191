//! Flows: a source and the stages behind it.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::buffer::Cursor;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Path, Result, Token};

use super::{comma_separated, expected, found, in_parentheses, item, name, value, with_help};
use crate::elsewhere;
use crate::syntax::{Flow, Source, Stage, TupleItem};

/// `source -> stage -> stage`; `what` is what it should begin with.
pub(super) fn flow(input: ParseStream, what: &str) -> Result<Flow> {
    let start = input.span();
    if super::recover::statement_begins(input) {
        return Err(expected(input, what));
    }
    if input.peek(syn::token::Bracket) {
        return Err(Error::new(input.span(), "several values stand in parentheses, e.g. `(a, b)`"));
    }
    let called = input.peek2(syn::token::Paren) || input.peek2(Token![::]);
    if called && input.peek(syn::Ident::peek_any) {
        let path = item::path(input, what)?;
        return Err(not_a_call(input, start, &path));
    }
    if let Some((word, _)) = input.cursor().ident()
        && let Some(help) = elsewhere::statement(&word.to_string())
        && super::check_name(&word).is_err()
    {
        return Err(with_help(expected(input, what), help));
    }
    let source = if input.peek(syn::token::Paren) {
        let (items, span) = in_parentheses(input, "values", |input| comma_separated(input, tuple_item))?;
        Source::Tuple { items, span }
    } else {
        Source::Name(name(input, what)?)
    };
    let mut stages = Vec::new();
    more_stages(input, &mut stages)?;
    Ok(Flow { source, stages })
}

/// Names with commas between them as what stands before an arrow.
fn operands(tokens: &TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let names = tokens.iter().enumerate().filter_map(|(index, token)| match token {
        TokenTree::Ident(name) if index % 2 == 0 && name.to_string().starts_with(char::is_lowercase) => {
            Some(Some(name.to_string()))
        }
        TokenTree::Punct(mark) if index % 2 == 1 && mark.as_char() == ',' => None,
        TokenTree::Ident(_) | TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => Some(None),
    });
    let names: Vec<String> = names.collect::<Option<_>>()?;
    match names.as_slice() {
        [] => None,
        [name] => Some(name.clone()),
        names => Some(format!("({})", names.join(", "))),
    }
}

/// What `path(arguments)` was meant to be: names are values, numbers arguments.
fn called(path: &str, arguments: TokenStream) -> String {
    if let Some(operands) = operands(&arguments) {
        return format!("{operands} -> {path}");
    }
    let tokens: Vec<TokenTree> = arguments.clone().into_iter().collect();
    match tokens.as_slice() {
        [] => format!("value -> {path}"),
        [TokenTree::Ident(name), TokenTree::Punct(comma), rest @ ..]
            if comma.as_char() == ',' && name.to_string().starts_with(char::is_lowercase) =>
        {
            format!("{name} -> {path}({})", rest.iter().cloned().collect::<TokenStream>())
        }
        [TokenTree::Literal(_) | TokenTree::Ident(_), ..] if !path.starts_with(char::is_lowercase) => {
            format!("value -> {path}({arguments})")
        }
        _ => format!("value -> {path}"),
    }
}

/// The error that a stage is called like a function: `relu(x)` or `Dense(2)(x)`.
fn not_a_call(input: ParseStream, start: Span, path: &Path) -> Error {
    let path = path.to_token_stream().to_string().replace(' ', "");
    fn group(cursor: Cursor<'_>) -> Option<(TokenStream, Cursor<'_>)> {
        let (content, _, after) = cursor.group(Delimiter::Parenthesis)?;
        Some((content.token_stream(), after))
    }
    let written = match group(input.cursor()) {
        None => format!("value -> {path}"),
        Some((arguments, after)) => match group(after) {
            Some((operand, _)) => {
                format!("{} -> {path}({arguments})", operands(&operand).unwrap_or("value".to_owned()))
            }
            None => called(&path, arguments),
        },
    };
    Error::new(start, format!("a flow begins with a value: write `{written}`"))
}

fn tuple_item(input: ParseStream) -> Result<TupleItem> {
    let named = input.peek(syn::Ident) && input.peek2(Token![=]) && !input.peek2(Token![=>]);
    let name = if named {
        let name = name(input, "an input's name")?;
        input.parse::<Token![=]>()?;
        Some(name)
    } else {
        None
    };
    let flow = flow(input, "a value's name or a tuple")?;
    if !input.is_empty() && !input.peek(Token![,]) {
        not_another_arrow(input, Some(&flow))?;
        let error = expected(input, "`->` or `,`");
        return Err(match &flow.source {
            Source::Name(name) if input.peek(Token![:]) => {
                with_help(error, format!("a value is given to an input by `{name} = value`"))
            }
            _ => error,
        });
    }
    Ok(TupleItem { name, flow })
}

/// `-> stage -> stage`, as far as it goes.
pub(super) fn more_stages(input: ParseStream, stages: &mut Vec<Stage>) -> Result<()> {
    while input.peek(Token![->]) {
        input.parse::<Token![->]>()?;
        if input.peek(syn::token::Paren) {
            let text = "a tuple stands at the beginning of a flow, not behind `->`: bind what is before it by `let`";
            return Err(Error::new(input.span(), text));
        }
        if let Some((literal, _)) = input.cursor().literal()
            && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
        {
            let error = expected(input, "a stage, e.g. `Dense(10)` or `relu`");
            return Err(with_help(error, format!("write it without quotes: `-> {}`", text.value())));
        }
        stages.push(stage(input, "a stage, e.g. `Dense(10)` or `relu`")?);
    }
    Ok(())
}

/// `path(arguments)`
pub(super) fn stage(input: ParseStream, what: &str) -> Result<Stage> {
    let path = item::path(input, what)?;
    let arguments = if input.peek(syn::token::Paren) { Some(value::arguments(input)?) } else { None };
    Ok(Stage { path, arguments })
}

/// What other languages join stages with, operators between values, and an index behind a flow.
pub(super) fn not_another_arrow(input: ParseStream, flow: Option<&Flow>) -> Result<()> {
    if let Some(flow) = flow
        && input.peek(syn::token::Bracket)
        && flow.stages.last().is_none_or(|stage| stage.arguments.is_some())
    {
        let error = Error::new(input.span(), "a value has no index: a part of it is made by a stage");
        let help = "`-> Slice(0, 4)` makes one of the places 0 to 3 of the last axis; with `axis = 0`, of the first";
        return Err(with_help(error, help));
    }
    let merge = match input.cursor().punct().map(|(mark, _)| mark.as_char()) {
        Some('+') => Some("Add"),
        Some('-') if !input.peek(Token![-]) || !(input.peek2(Token![>]) || input.peek2(Token![-])) => Some("Sub"),
        Some('*') => Some("Mul"),
        _ => None,
    };
    if let Some(merge) = merge {
        let error = Error::new(input.span(), format!("values have no operators, but here is {}", found(input)));
        let number = input.cursor().token_tree().and_then(|(_, rest)| rest.literal()).is_some();
        return Err(match number {
            true => with_help(error, "a flow has no numbers either: only values are merged, e.g. by `(a, b) -> Add`"),
            false => with_help(error, format!("write `(a, b) -> {merge}`")),
        });
    }
    let wrong = if input.peek(Token![=>]) {
        "=>"
    } else if input.peek(Token![|]) && input.peek2(Token![>]) {
        "|>"
    } else if input.peek(Token![>>]) {
        ">>"
    } else if input.peek(Token![.]) && !input.peek(Token![..]) {
        "."
    } else if input.peek(Token![|]) {
        "|"
    } else if input.peek(Token![-]) && input.peek2(Token![>]) {
        "- >"
    } else if input.peek(Token![-]) && input.peek2(Token![-]) {
        "--"
    } else if input.peek(Token![<-]) {
        "<-"
    } else if input.peek(Token![>]) {
        ">"
    } else if input.peek(Token![,]) && input.peek2(Token![->]) {
        return Err(with_help(expected(input, "`->`"), "leave out the comma"));
    } else if input.peek(Token![<]) || input.peek(syn::token::Bracket) || input.peek(syn::token::Brace) {
        return Err(Error::new(input.span(), "arguments stand in parentheses, e.g. `Dense(10)`"));
    } else if input.peek(syn::token::Paren) || input.peek(syn::Ident) && !super::recover::statement_begins(input) {
        return Err(Error::new(input.span(), format!("expected `->`, found {}: is an arrow missing?", found(input))));
    } else {
        return Ok(());
    };
    Err(Error::new(input.span(), format!("stages are joined by `->`, not by `{wrong}`")))
}
