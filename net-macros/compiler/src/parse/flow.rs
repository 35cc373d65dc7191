//! Flows: a source and the stages behind it.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Result, Token};

use super::{comma_separated, expected, found, in_parentheses, item, name, value};
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
        let path = quote::ToTokens::to_token_stream(&path).to_string().replace(' ', "");
        let text = format!("a flow begins with a value: write `value -> {path}(...)`, not `{path}(...)`");
        return Err(Error::new(start, text));
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
        not_another_arrow(input)?;
        return Err(expected(input, "`->` or `,`"));
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

/// What other languages join stages with.
pub(super) fn not_another_arrow(input: ParseStream) -> Result<()> {
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
    } else if input.peek(syn::token::Bracket) || input.peek(syn::token::Brace) {
        return Err(Error::new(input.span(), "arguments stand in parentheses, e.g. `Dense(10)`"));
    } else if input.peek(syn::token::Paren) || input.peek(syn::Ident) && !super::recover::statement_begins(input) {
        return Err(Error::new(input.span(), format!("expected `->`, found {}: is an arrow missing?", found(input))));
    } else {
        return Ok(());
    };
    Err(Error::new(input.span(), format!("stages are joined by `->`, not by `{wrong}`")))
}
