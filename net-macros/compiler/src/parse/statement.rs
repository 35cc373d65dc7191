//! The statements of a body.

use proc_macro2::{Delimiter, Ident};
use syn::buffer::Cursor;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Result, Token};

use super::item::{keyword, punctuation};
use super::{comma_separated, expected, flow, found, header, in_parentheses, name, recover, value, with_help};
use crate::elsewhere;
use crate::errors::Errors;
use crate::suggest;
use crate::syntax::{Flow, Let, LossStatement, LossTerm, MetricStatement, Pattern, SharedLayer, Statement};

/// One statement; if it is broken, that is told, and the input stands before the next one.
pub(super) fn statement_or_broken(input: ParseStream, errors: &mut Errors) -> Statement {
    let start = input.cursor();
    match statement(input, errors) {
        Ok(statement) => statement,
        Err(error) => {
            errors.syntax(error);
            recover::to_next_statement(input, start);
            Statement::Broken(recover::broken(start, input.cursor()))
        }
    }
}

fn statement(input: ParseStream, errors: &mut Errors) -> Result<Statement> {
    if input.peek(Token![let]) {
        let_statement(input, errors).map(Statement::Let)
    } else if input.peek(keyword::layer) {
        layer(input, errors).map(Statement::Layer)
    } else if input.peek(keyword::loss) {
        loss(input, errors).map(Statement::Loss)
    } else if input.peek(keyword::metric) {
        metric(input, errors).map(Statement::Metric)
    } else if input.peek(Token![;]) {
        Err(Error::new(input.span(), "a `;` without a statement"))
    } else {
        Err(no_statement(input))
    }
}

/// The error that no statement begins here.
fn no_statement(input: ParseStream) -> Error {
    let error = expected(input, "`let`, `layer`, `loss` or `metric`");
    let word = input.cursor().ident().map(|(word, _)| word.to_string()).unwrap_or_default();
    let binds =
        (input.peek2(Token![=]) || input.peek2(Token![:])) && !input.peek2(Token![==]) && !input.peek2(Token![=>]);
    if let Some(help) = elsewhere::statement(&word) {
        return with_help(error, help);
    }
    match suggest::nearest(&word, ["let", "layer", "loss", "metric"].into_iter()) {
        Some(near) => Error::new(error.span(), format!("{error}: did you mean `{near}`?")),
        None if binds => Error::new(error.span(), format!("{error}: a value is bound by `let {word} = ...;`")),
        None if input.peek2(Token![->]) => with_help(error, "bind what comes out: `let name = ...;`"),
        None if input.cursor().token_tree().is_some_and(|(_, rest)| rest.eof()) => {
            with_help(error, "a network ends without a result: an output is the `let` of its name")
        }
        None => error,
    }
}

fn let_statement(input: ParseStream, errors: &mut Errors) -> Result<Let> {
    input.parse::<Token![let]>()?;
    if input.peek(Token![mut]) {
        return Err(Error::new(input.span(), "a value never changes: leave out `mut`"));
    }
    let pattern = pattern(input)?;
    let annotation = if input.peek(Token![:]) {
        let colon = input.parse::<Token![:]>()?;
        match &pattern {
            Pattern::Name(name) => Some(header::dims(input, name)?),
            Pattern::Tuple { .. } => {
                return Err(Error::new(colon.span, "a shape can be written behind one name only, not behind a tuple"));
            }
        }
    } else {
        None
    };
    equals(input, "`=` and where the value comes from")?;
    let flow = flow::flow(input, "a value's name or a tuple")?;
    end(input, Some(&flow), errors)?;
    Ok(Let { pattern, annotation, flow })
}

fn pattern(input: ParseStream) -> Result<Pattern> {
    if input.peek(Token![_]) {
        return Err(Error::new(input.span(), "`_` binds nothing: give the value a name such as `_rest`, or remove it"));
    }
    if !input.peek(syn::token::Paren) {
        return name(input, "a name or a tuple of names").map(Pattern::Name);
    }
    let (names, span) = in_parentheses(input, "names", |input| {
        comma_separated(input, |input| {
            if input.peek(Token![_]) {
                input.parse::<Token![_]>()?;
                return Ok(None);
            }
            name(input, "a name or `_`").map(Some)
        })
    })?;
    Ok(Pattern::Tuple { names, span })
}

/// `=`, but neither `==` nor `=>`, which begin with it.
fn equals(input: ParseStream, what: &str) -> Result<()> {
    if input.peek(Token![==]) || input.peek(Token![=>]) {
        return Err(expected(input, what));
    }
    punctuation::<Token![=]>(input, what)
}

fn layer(input: ParseStream, errors: &mut Errors) -> Result<SharedLayer> {
    input.parse::<keyword::layer>()?;
    let name = name(input, "the layer's name")?;
    let arguments = if input.peek(syn::token::Paren) { Some(value::arguments(input)?) } else { None };
    equals(input, "`=` and the layer")?;
    let mut stages = vec![flow::stage(input, "a layer")?];
    flow::more_stages(input, &mut stages)?;
    end(input, None, errors)?;
    Ok(SharedLayer { name, arguments, stages })
}

fn loss(input: ParseStream, errors: &mut Errors) -> Result<LossStatement> {
    input.parse::<keyword::loss>()?;
    let output = output(input, "loss", "MeanSquaredError")?;
    let mut terms = vec![loss_term(input)?];
    while input.peek(Token![+]) {
        input.parse::<Token![+]>()?;
        terms.push(loss_term(input)?);
    }
    if input.peek(Token![-]) {
        return Err(with_help(
            expected(input, "`+` or `;`"),
            "the losses of an output are added, and their weights are above 0",
        ));
    }
    if input.peek(Token![*]) || input.peek(Token![/]) {
        return Err(Error::new(
            input.span(),
            "a weight is a number and stands before its loss, e.g. `2.0 * MeanSquaredError`",
        ));
    }
    if input.peek(Token![,]) {
        return Err(Error::new(input.span(), "several losses of one output are joined by `+`"));
    }
    end_of(input, "`+` or `;`", errors)?;
    Ok(LossStatement { output, terms })
}

/// `output:`
fn output(input: ParseStream, keyword: &str, example: &str) -> Result<Ident> {
    let named = |error: Error, output: &str| with_help(error, format!("write `{keyword} {output}: {example};`"));
    if !input.peek(Ident::peek_any) {
        return Err(named(expected(input, "an output's name"), "output"));
    }
    let output = name(input, "an output's name")?;
    // A capital letter begins the name of a loss, and the output is missing.
    let example = if output.to_string().starts_with(char::is_uppercase) { "output" } else { &output.to_string() };
    punctuation::<Token![:]>(input, &format!("`:` and the {keyword}")).map_err(|error| named(error, example))?;
    Ok(output)
}

/// A loss or metric in quotes.
fn not_in_quotes(input: ParseStream, what: &str) -> Result<()> {
    let Some((literal, _)) = input.cursor().literal() else { return Ok(()) };
    let Ok(syn::Lit::Str(text)) = syn::parse_str(&literal.to_string()) else { return Ok(()) };
    let error = expected(input, what);
    let text = text.value();
    let here = if what == "a loss" { elsewhere::loss(&text) } else { elsewhere::metric(&text) };
    Err(match here {
        Some(here) => with_help(error, here),
        None => with_help(error, "write its name without quotes"),
    })
}

fn loss_term(input: ParseStream) -> Result<LossTerm> {
    let number = |input: Cursor<'_>| input.literal().is_some_and(|(literal, _)| !literal.to_string().starts_with('"'));
    let calculated = |input: Cursor<'_>| input.group(Delimiter::Parenthesis).is_some_and(|(inside, ..)| number(inside));
    let weight = if input.peek(Token![-]) || number(input.cursor()) || calculated(input.cursor()) {
        let weight = value::factors(input, "the loss's weight")?;
        punctuation::<Token![*]>(input, "`*` and the loss")?;
        Some(weight)
    } else {
        None
    };
    if weight.is_some() && input.peek(syn::token::Paren) {
        return Err(Error::new(input.span(), "each loss has a weight of its own: `0.5 * A + 0.5 * B`"));
    }
    not_in_quotes(input, "a loss")?;
    Ok(LossTerm { weight, loss: flow::stage(input, "a loss")? })
}

fn metric(input: ParseStream, errors: &mut Errors) -> Result<MetricStatement> {
    input.parse::<keyword::metric>()?;
    let output = output(input, "metric", "Accuracy")?;
    let mut metrics = Vec::new();
    loop {
        not_in_quotes(input, "a metric")?;
        metrics.push(flow::stage(input, "a metric")?);
        if !input.peek(Token![,]) {
            break;
        }
        input.parse::<Token![,]>()?;
    }
    if input.peek(Token![+]) {
        return Err(Error::new(input.span(), "several metrics of one output stand behind commas"));
    }
    end_of(input, "`,` or `;`", errors)?;
    Ok(MetricStatement { output, metrics })
}

/// The `;` behind a flow or a chain.
fn end(input: ParseStream, flow: Option<&Flow>, errors: &mut Errors) -> Result<()> {
    flow::not_another_arrow(input, flow)?;
    if input.peek(Token![;]) && input.peek2(Token![->]) {
        let end = input.span();
        // What follows is a part of this statement.
        recover::skip(input);
        recover::skip(input);
        return Err(with_help(Error::new(end, "this `;` ends the flow, but behind it is an arrow"), "leave it out"));
    }
    end_of(input, "`->` or `;`", errors)
}

fn end_of(input: ParseStream, what: &str, errors: &mut Errors) -> Result<()> {
    if input.peek(Token![;]) {
        return input.parse::<Token![;]>().map(drop);
    }
    // Where nothing but the `;` is missing, the statement is whole, and what follows can rely on it.
    if input.is_empty() {
        errors.error(input.span(), "the last statement needs a `;` at its end");
        return Ok(());
    }
    if recover::statement_begins(input) {
        errors.error(input.span(), format!("missing `;` before this {}", found(input)));
        return Ok(());
    }
    Err(expected(input, what))
}
