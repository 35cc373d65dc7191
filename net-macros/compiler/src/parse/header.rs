//! Inputs and outputs of a network.

use proc_macro2::{Delimiter, Ident, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Result, Token};

use super::item::punctuation;
use super::{expected, in_brackets, name, recover, value, with_help};
use crate::errors::Errors;
use crate::shape::Element;
use crate::syntax::{Dims, Input, Output, Value};

/// What there is to say to `None`, `-1` and the like.
pub(crate) const EVERY_AXIS: &str = "every axis has a fixed length, and the batch axis is not written";

/// What of a header could not be read.
#[derive(Default)]
pub(super) struct Lost {
    /// Whether there is any.
    pub(super) any: bool,
    /// The names of its inputs; those of its outputs are bound elsewhere.
    pub(super) names: Vec<Ident>,
}

/// `(name: [dims], name: u32[dims])`
pub(super) fn inputs(input: ParseStream, errors: &mut Errors, lost: &mut Lost) -> Result<Vec<Input>> {
    if !input.peek(syn::token::Paren) {
        return Err(expected(input, "`(` and the network's inputs, e.g. `(image: [64, 64, 3])`"));
    }
    let content;
    syn::parenthesized!(content in input);
    Ok(list(&content, errors, lost, one_input))
}

/// `-> (name: [dims])`
pub(super) fn outputs(input: ParseStream, errors: &mut Errors, lost: &mut Lost) -> Result<Vec<Output>> {
    if input.peek(syn::token::Brace) {
        errors.push(
            crate::errors::Message::new(input.span(), "the network's outputs are missing")
                .help("write them before the body, e.g. `-> (class: [10])`"),
        );
        lost.any = true;
        return Ok(Vec::new());
    }
    if !input.peek(Token![->]) {
        return Err(expected(input, "`->` and the network's outputs, e.g. `-> (class: [10])`"));
    }
    input.parse::<Token![->]>()?;
    if !input.peek(syn::token::Paren) {
        return Err(expected(input, "`(` and the network's outputs, e.g. `(class: [10])`"));
    }
    let content;
    syn::parenthesized!(content in input);
    let inputs = lost.names.len();
    let outputs = list(&content, errors, lost, one_output);
    lost.names.truncate(inputs);
    Ok(outputs)
}

/// Items with commas between them; after an error it goes on behind the next comma.
fn list<T>(
    input: ParseStream,
    errors: &mut Errors,
    lost: &mut Lost,
    read: impl Fn(ParseStream) -> Result<T>,
) -> Vec<T> {
    let mut items = Vec::new();
    while !input.is_empty() {
        let start = input.cursor();
        let item = read(input).and_then(|item| {
            items.push(item);
            if input.is_empty() || input.peek(Token![,]) { Ok(()) } else { Err(expected(input, "`,`")) }
        });
        if let Err(error) = item {
            // Where nothing but the comma is missing, the next item is known.
            if input.cursor() != start && input.peek(Ident::peek_any) && input.peek2(Token![:]) {
                errors.syntax(error);
                continue;
            }
            errors.syntax(error);
            lost.any = true;
            lost.names.extend(start.ident().map(|(name, _)| name));
            while !input.is_empty() && !input.peek(Token![,]) {
                recover::skip(input);
            }
        }
        if input.peek(Token![,]) {
            recover::skip(input);
        }
    }
    items
}

/// The name of an input or an output; a shape alone is told what it lacks.
fn header_name(input: ParseStream, what: &str, example: &str) -> Result<Ident> {
    let shape = match input.cursor().token_tree() {
        Some((TokenTree::Group(group), _)) if group.delimiter() == Delimiter::Bracket => group.to_string(),
        Some((TokenTree::Literal(length), rest)) if rest.punct().is_none_or(|(mark, _)| mark.as_char() == ',') => {
            format!("[{length}]")
        }
        _ => return name(input, what),
    };
    Err(with_help(expected(input, what), format!("give it a name: `{example}: {shape}`")))
}

fn one_input(input: ParseStream) -> Result<Input> {
    let name = header_name(input, "an input's name", "x")?;
    punctuation::<Token![:]>(input, &format!("`:` and the shape of `{name}`"))?;
    let element = if input.peek(Ident::peek_any) {
        let kind = Ident::parse_any(input)?;
        match kind.to_string().as_str() {
            "f32" => Element::F32,
            "u32" => Element::U32,
            other => {
                let error = Error::new(kind.span(), format!("an input holds `f32` or `u32`, not `{other}`"));
                return Err(with_help(
                    error,
                    match other.starts_with(['i', 'u']) {
                        true => "whole numbers are `u32` here: convert them where the samples are made",
                        false => {
                            "numbers are `f32`, which is not written: leave the type out, and convert them where the samples are made"
                        }
                    },
                ));
            }
        }
    } else {
        Element::F32
    };
    Ok(Input { dims: dims(input, &name)?, element, name })
}

fn one_output(input: ParseStream) -> Result<Output> {
    let name = header_name(input, "an output's name", "y")?;
    punctuation::<Token![:]>(input, &format!("`:` and the shape of `{name}`"))?;
    if input.peek(Ident::peek_any) {
        let kind = Ident::parse_any(input)?;
        let error = Error::new(kind.span(), "an output always holds `f32`, so it is written without a type");
        return Err(with_help(error, format!("write its shape alone, e.g. `{name}: [10]`")));
    }
    Ok(Output { dims: dims(input, &name)?, name })
}

/// `[64, 64, 3]`
pub(super) fn dims(input: ParseStream, of: &Ident) -> Result<Dims> {
    let (dims, span) = in_brackets(input, &format!("the shape of `{of}`, e.g. `[64, 64, 3]`"), |input| {
        super::comma_separated(input, axis)
    })?;
    Ok(Dims { span, dims })
}

/// The length of one axis.
fn axis(input: ParseStream) -> Result<Value> {
    if input.peek(Token![_]) || input.peek(Token![?]) {
        return Err(with_help(expected(input, "the length of an axis"), EVERY_AXIS));
    }
    let length = value::value(input, "the length of an axis")?;
    if input.peek(Token![;]) {
        let error = expected(input, "`,`");
        return Err(with_help(
            error,
            "a shape is a list of lengths, e.g. `[64, 64, 3]`; a type stands before it: `u32[40]`",
        ));
    }
    Ok(length)
}
