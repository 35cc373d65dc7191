//! Arguments and the arithmetic in them.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Lit, Result, Token};

use super::{comma_separated, expected, flow, in_parentheses, item, with_help};
use crate::syntax::{Argument, Arguments, Operator, Stage, Value};

/// `(256, 3, padding = same)`
pub(super) fn arguments(input: ParseStream) -> Result<Arguments> {
    let (items, span) = in_parentheses(input, "arguments", |input| comma_separated(input, argument))?;
    Ok(Arguments { span, items })
}

fn argument(input: ParseStream) -> Result<Argument> {
    let named =
        input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) && !input.peek2(Token![=>]);
    let name = if named {
        let name = Ident::parse_any(input)?;
        input.parse::<Token![=]>()?;
        Some(name)
    } else {
        None
    };
    let value = value(input, "a value")?;
    if let Value::Word(word) = &value
        && (input.peek(Token![:]) || input.peek(Token![==]) || input.peek(Token![=>]))
    {
        return Err(syn::Error::new(input.span(), format!("an argument with a name is written `{word} = ...`")));
    }
    if input.peek(Token![as]) {
        return Err(with_help(expected(input, "`,`"), "leave out the type: a number fits where it stands"));
    }
    if input.peek(Token![%]) {
        return Err(with_help(expected(input, "`,`"), "a share is written as one: `0.2` for 20 %"));
    }
    if input.peek(Token![..]) {
        return Err(with_help(expected(input, "`,`"), "where it begins and ends are two arguments: `Slice(0, 4)`"));
    }
    if input.peek(Token![.]) {
        let named = name.as_ref().map(ToString::to_string).unwrap_or_default();
        let help = match ["init", "_regularizer", "_constraint"].iter().any(|end| named.ends_with(end)) {
            true => "what an argument may be called stands here without a path, e.g. `kernel_regularizer = l2(0.01)`",
            false => "a constant from elsewhere is announced: `extern const path = 10;`",
        };
        return Err(with_help(expected(input, "`,`"), help));
    }
    Ok(Argument { name, value })
}

/// A sum of products; `what` is what the message calls it.
pub(super) fn value(input: ParseStream, what: &str) -> Result<Value> {
    operations(
        input,
        |input| product(input, what),
        |input| {
            if input.peek(Token![+]) {
                Some(Operator::Add)
            } else if input.peek(Token![-]) && !input.peek(Token![->]) {
                Some(Operator::Subtract)
            } else {
                None
            }
        },
    )
}

fn product(input: ParseStream, what: &str) -> Result<Value> {
    operations(
        input,
        |input| atom(input, what),
        |input| {
            if input.peek(Token![*]) {
                Some(Operator::Multiply)
            } else if input.peek(Token![/]) {
                Some(Operator::Divide)
            } else {
                None
            }
        },
    )
}

/// The numbers of a product whose last factor is none: `1 / 3` of `1 / 3 * MeanSquaredError`.
pub(super) fn factors(input: ParseStream, what: &str) -> Result<Value> {
    operations(
        input,
        |input| atom(input, what),
        |input| {
            if input.peek(Token![/]) {
                Some(Operator::Divide)
            } else if input.peek(Token![*]) && (input.peek2(syn::LitInt) || input.peek2(syn::LitFloat)) {
                Some(Operator::Multiply)
            } else {
                None
            }
        },
    )
}

fn operations(
    input: ParseStream,
    operand: impl Fn(ParseStream) -> Result<Value>,
    operator: impl Fn(ParseStream) -> Option<Operator>,
) -> Result<Value> {
    let first = operand(input)?;
    let mut rest = Vec::new();
    while let Some(operator) = operator(input) {
        let span = input.span();
        super::recover::skip(input);
        rest.push((operator, span, operand(input)?));
    }
    Ok(if rest.is_empty() { first } else { Value::Operation { first: Box::new(first), rest } })
}

/// A value without operators around it.
pub(super) fn atom(input: ParseStream, what: &str) -> Result<Value> {
    if input.peek(syn::token::Paren) {
        let (items, span) =
            in_parentheses(input, "values", |input| comma_separated(input, |input| value(input, "a value")))?;
        return Ok(Value::Tuple { items, span });
    }
    if input.peek(syn::token::Bracket) {
        return Err(syn::Error::new(input.span(), "several numbers stand in parentheses, e.g. `(3, 3)`"));
    }
    if input.peek(Token![-]) && !input.peek(Token![->]) {
        let minus = input.parse::<Token![-]>()?.span;
        return number(input, Some(minus), what);
    }
    if input.peek(Lit) {
        return number(input, None, what);
    }
    if input.peek(Token![|]) {
        let help = "a function of your own is made of stages, e.g. `-> square`, or is a layer: `extern layer path(x: [8]) -> (y: [8]);`";
        return Err(with_help(expected(input, what), help));
    }
    if input.peek(Token![_]) || !(input.peek(Ident::peek_any) || input.peek(Token![::])) {
        return Err(expected(input, what));
    }
    let path = input.peek2(Token![::]) || input.peek(Token![::]);
    if !path && !input.peek2(syn::token::Paren) && !input.peek2(Token![->]) {
        return Ident::parse_any(input).map(Value::Word);
    }
    let mut stages: Vec<Stage> = vec![Stage {
        path: item::path(input, what)?,
        arguments: if input.peek(syn::token::Paren) { Some(arguments(input)?) } else { None },
    }];
    flow::more_stages(input, &mut stages)?;
    Ok(Value::Chain(stages))
}

fn number(input: ParseStream, minus: Option<Span>, what: &str) -> Result<Value> {
    if !input.peek(Lit) {
        return Err(expected(input, "a number"));
    }
    let literal: Lit = input.parse()?;
    let suffixed = |suffix: &str| -> Result<()> {
        if suffix.is_empty() {
            return Ok(());
        }
        let digits = literal.to_token_stream().to_string();
        if let Some((first, second)) = digits.split_once('x')
            && !first.is_empty()
            && second.parse::<u32>().is_ok()
            && suffix.starts_with('x')
        {
            let text = format!("several numbers stand in parentheses: `({first}, {second})`");
            return Err(syn::Error::new(literal.span(), text));
        }
        Err(syn::Error::new(literal.span(), format!("numbers have no type here: leave out `{suffix}`")))
    };
    match &literal {
        Lit::Int(literal) => {
            suffixed(literal.suffix())?;
            Ok(Value::Integer { minus, literal: literal.clone() })
        }
        Lit::Float(literal) => {
            suffixed(literal.suffix())?;
            Ok(Value::Float { minus, literal: literal.clone() })
        }
        Lit::Str(literal) if minus.is_none() => Ok(Value::Text(literal.clone())),
        Lit::Bool(literal) if minus.is_none() => Ok(Value::Bool(literal.clone())),
        _ => {
            let minus = if minus.is_some() { "-" } else { "" };
            let found = literal.to_token_stream();
            Err(syn::Error::new(literal.span(), format!("expected {what}, found `{minus}{found}`")))
        }
    }
}
