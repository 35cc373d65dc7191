//! The items of a block.

use proc_macro2::Span;
use syn::parse::ParseStream;
use syn::{Attribute, Error, Path, Result, Token, Visibility};

use super::{expected, flow, header, in_parentheses, name, placed, recover, statement, value, with_help};
use crate::elsewhere::{self, ITEMS};
use crate::errors::Errors;
use crate::suggest;
use crate::syntax::{
    Announced, Block, Const, ExternConst, ExternNetwork, Input, Item, Network, Output, Template, last_name,
};

/// The words of the language that Rust does not know.
pub(super) mod keyword {
    syn::custom_keyword!(network);
    syn::custom_keyword!(block);
    syn::custom_keyword!(layer);
    syn::custom_keyword!(loss);
    syn::custom_keyword!(metric);
}

/// All items up to the end of the input, whose last token is at `last`.
pub(super) fn items(input: ParseStream, last: Span, block: &mut Block, errors: &mut Errors) {
    while !input.is_empty() {
        let start = input.cursor();
        match item(input, last, block, errors) {
            Ok(item) => block.items.push(item),
            Err(error) => {
                errors.syntax(placed(error, last));
                recover::to_next_item(input, start);
            }
        }
    }
}

fn item(input: ParseStream, last: Span, block: &mut Block, errors: &mut Errors) -> Result<Item> {
    let attributes = input.call(Attribute::parse_outer)?;
    if input.peek(Token![const]) {
        only_documented(&attributes, "a constant")?;
        return constant(input, attributes, block).map(Item::Const);
    }
    if input.peek(Token![extern]) {
        only_documented(&attributes, "an announcement")?;
        return announcement(input, block, errors);
    }
    if input.peek(keyword::block) {
        only_documented(&attributes, "a template")?;
        return template(input, block, errors);
    }
    let start = input.span();
    let visibility = input.parse::<Visibility>()?;
    if !input.peek(keyword::network) {
        return Err(no_item(input, &visibility, start, block));
    }
    let head = (attributes, visibility);
    network(input, head, last, block, errors).map(|network| Item::Network(Box::new(network)))
}

/// The error that no item begins here. What looks like an item's name is known to be declared.
fn no_item(input: ParseStream, visibility: &Visibility, start: Span, block: &mut Block) -> Error {
    let word = input.cursor().ident().map(|(word, _)| word.to_string()).unwrap_or_default();
    if !matches!(visibility, Visibility::Inherited) && ITEMS.contains(&word.as_str()) {
        let error = Error::new(start, format!("only networks have a visibility, but this is `{word}`"));
        return with_help(error, "leave out `pub`");
    }
    let error = expected(input, "`network`, `const`, `extern` or `block`");
    if word.is_empty() {
        return match input.peek(Token![;]) {
            true => with_help(error, "leave it out: nothing stands behind the body of a network or template"),
            false => error,
        };
    }
    if let Some((name, _)) = input.cursor().token_tree().and_then(|(_, rest)| rest.ident()) {
        block.broken.push(name);
    }
    match (elsewhere::item(&word), suggest::nearest(&word, ITEMS.into_iter())) {
        (Some(help), _) => with_help(error, help),
        (None, Some(near)) => Error::new(error.span(), format!("{error}: did you mean `{near}`?")),
        (None, None) => error,
    }
}

/// Doc comments help whoever reads the block; what else there is would be lost.
fn only_documented(attributes: &[Attribute], what: &str) -> Result<()> {
    match attributes.iter().find(|attribute| !attribute.path().is_ident("doc")) {
        None => Ok(()),
        Some(first) => {
            Err(Error::new(first.pound_token.span, format!("{what} can have doc comments, but no other attributes")))
        }
    }
}

fn constant(input: ParseStream, attributes: Vec<Attribute>, block: &mut Block) -> Result<Const> {
    input.parse::<Token![const]>()?;
    let name = name(input, "the constant's name")?;
    let rest = |input: ParseStream| {
        punctuation::<Token![:]>(input, "`: usize`")?;
        let kind = super::name(input, "`usize`")?;
        if kind != "usize" {
            let error = Error::new(kind.span(), format!("a constant is a `usize`, not a `{kind}`"));
            return Err(match kind.to_string().as_str() {
                "f32" | "f64" => with_help(error, "a decimal is written where it is used: `Dropout(0.5)`"),
                _ => error,
            });
        }
        punctuation::<Token![=]>(input, "`=` and the constant's value")?;
        let value = value::value(input, "the constant's value")?;
        punctuation::<Token![;]>(input, "`;`")?;
        Ok(value)
    };
    match rest(input) {
        Ok(value) => Ok(Const { attributes, name, value }),
        Err(error) => {
            block.broken.push(name);
            Err(error)
        }
    }
}

/// A punctuation mark; `what` is what the message calls it.
pub(super) fn punctuation<T: syn::parse::Parse>(input: ParseStream, what: &str) -> Result<()> {
    input.parse::<T>().map(drop).map_err(|_| expected(input, what))
}

fn announcement(input: ParseStream, block: &mut Block, errors: &mut Errors) -> Result<Item> {
    let keyword = input.parse::<Token![extern]>()?.span;
    if input.peek(Token![const]) {
        input.parse::<Token![const]>()?;
        let path = path(input, "the constant's path")?;
        if input.peek(Token![:]) {
            block.broken.extend(path.segments.last().map(|name| name.ident.clone()));
            return Err(with_help(expected(input, "`=` and the constant's value"), "leave out the type"));
        }
        punctuation::<Token![=]>(input, "`=` and the constant's value")?;
        let value = value::value(input, "the constant's value")?;
        punctuation::<Token![;]>(input, "`;`")?;
        return Ok(Item::ExternConst(ExternConst { keyword, path, value }));
    }
    let what = if input.peek(keyword::network) {
        input.parse::<keyword::network>()?;
        Announced::Network
    } else if input.peek(keyword::layer) {
        input.parse::<keyword::layer>()?;
        Announced::Layer
    } else {
        return Err(expected(input, "`const`, `network` or `layer`"));
    };
    let path = path(input, &format!("the {}'s path", what.word()))?;
    let alias = if input.peek(Token![as]) {
        input.parse::<Token![as]>()?;
        Some(name(input, &format!("the {}'s name here", what.word()))?)
    } else {
        None
    };
    let mut lost = header::Lost::default();
    let rest = header::inputs(input, errors, &mut lost).and_then(|inputs| {
        let outputs = header::outputs(input, errors, &mut lost)?;
        punctuation::<Token![;]>(input, "`;`")?;
        if what == Announced::Layer {
            of_layer(&inputs, &outputs)?;
        }
        Ok((inputs, outputs))
    });
    match rest {
        Ok((inputs, outputs)) => {
            Ok(Item::ExternNetwork(ExternNetwork { keyword, what, path, alias, inputs, outputs, broken: lost.any }))
        }
        Err(error) => {
            block.broken.push(alias.unwrap_or_else(|| last_name(&path).clone()));
            Err(error)
        }
    }
}

/// Most inputs of a layer of the program's own, which the runtime has room for.
const MOST_OPERANDS: usize = 6;

/// A layer has fewer inputs and outputs than a network.
fn of_layer(inputs: &[Input], outputs: &[Output]) -> Result<()> {
    if let Some(second) = outputs.get(1) {
        let error = Error::new(second.name.span(), "a layer of your own has one output");
        return Err(with_help(error, "make it two layers, or a network with two outputs"));
    }
    match inputs.get(MOST_OPERANDS) {
        Some(input) => {
            Err(Error::new(input.name.span(), format!("a layer of your own has at most {MOST_OPERANDS} inputs")))
        }
        None => Ok(()),
    }
}

/// A path without generic arguments.
pub(super) fn path(input: ParseStream, what: &str) -> Result<Path> {
    let begins = input.peek(Token![::])
        || input.peek(syn::Ident)
        || input.peek(Token![self])
        || input.peek(Token![super])
        || input.peek(Token![crate]);
    if !begins {
        return Err(expected(input, what));
    }
    let path = Path::parse_mod_style(input);
    path.map_err(|error| Error::new(error.span(), "expected a name behind `::`"))
}

fn template(input: ParseStream, block: &mut Block, errors: &mut Errors) -> Result<Item> {
    let keyword = input.parse::<keyword::block>()?.span;
    let name = name(input, "the template's name")?;
    match template_rest(input, errors) {
        Ok((inputs, constants, statements, result)) => {
            Ok(Item::Template(Template { keyword, name, inputs, constants, statements, result }))
        }
        Err(error) => {
            block.broken.push(name);
            Err(error)
        }
    }
}

type TemplateParts =
    (Vec<proc_macro2::Ident>, Vec<proc_macro2::Ident>, Vec<crate::syntax::Statement>, crate::syntax::Flow);

fn template_rest(input: ParseStream, errors: &mut Errors) -> Result<TemplateParts> {
    let (parameters, _) = in_parentheses(input, "the template's inputs", |input| {
        super::comma_separated(input, |input| {
            let constant = input.peek(Token![const]);
            if constant {
                input.parse::<Token![const]>()?;
            }
            let name = name(input, "a name")?;
            if input.peek(Token![:]) {
                let error = expected(input, "`,`");
                return Err(match constant {
                    true => with_help(error, format!("a template's number has no type: write `const {name}`")),
                    false => with_help(error, "leave out the shape: it is found anew at each use of the template"),
                });
            }
            Ok((constant, name))
        })
    })?;
    let (constants, inputs): (Vec<_>, Vec<_>) = parameters.into_iter().partition(|(constant, _)| *constant);
    let names = |parameters: Vec<(bool, proc_macro2::Ident)>| parameters.into_iter().map(|(_, name)| name).collect();
    if input.peek(Token![->]) {
        let error = expected(input, "`{` and the template's body");
        return Err(with_help(error, "leave out the outputs: what the body ends with is the template's result"));
    }
    let content = body(input, "the template's body")?;
    let mut statements = Vec::new();
    // Two words in a row are a statement whose keyword is misspelt.
    while recover::statement_begins(&content) || content.peek(syn::Ident) && content.peek2(syn::Ident) {
        statements.push(statement::statement_or_broken(&content, errors));
    }
    if content.is_empty() {
        let text = "a template ends with its result, a flow without `let` and `;`, e.g. `(main, x) -> Add`";
        return Err(Error::new(content.span(), text));
    }
    let result = super::whole(&content, |input| {
        if input.peek(Token![return]) {
            let error = expected(input, "the template's result");
            return Err(with_help(error, "leave out `return`: the body ends with the result"));
        }
        let result = flow::flow(input, "the template's result")?;
        if input.peek(Token![;]) {
            let end = input.span();
            recover::skip(input);
            return Err(match input.is_empty() {
                true => Error::new(end, "the result of a template has no `;` behind it"),
                false => with_help(
                    Error::new(end, "the result of a template ends it, but something follows"),
                    "bind what stands before this `;` by `let`, or remove it",
                ),
            });
        }
        flow::not_another_arrow(input, Some(&result))?;
        Ok(result)
    })?;
    Ok((names(inputs), names(constants), statements, result))
}

/// The content of braces.
fn body<'a>(input: ParseStream<'a>, what: &str) -> Result<syn::parse::ParseBuffer<'a>> {
    if !input.peek(syn::token::Brace) {
        return Err(expected(input, &format!("`{{` and {what}")));
    }
    let content;
    syn::braced!(content in input);
    Ok(content)
}

fn network(
    input: ParseStream,
    (attributes, visibility): (Vec<Attribute>, Visibility),
    last: Span,
    block: &mut Block,
    errors: &mut Errors,
) -> Result<Network> {
    let keyword = input.parse::<keyword::network>()?.span;
    let name = name(input, "the network's name")?;
    let mut lost = header::Lost::default();
    let header = header::inputs(input, errors, &mut lost)
        .and_then(|inputs| Ok((inputs, header::outputs(input, errors, &mut lost)?)));
    let (inputs, outputs) = match header {
        Ok(header) => header,
        Err(error) => {
            block.broken.push(name);
            return Err(error);
        }
    };
    let mut network = Network {
        keyword,
        attributes,
        visibility,
        name,
        inputs,
        outputs,
        statements: Vec::new(),
        broken: lost.any,
        lost: lost.names,
    };
    match body(input, "the network's body") {
        Ok(content) => {
            while !content.is_empty() {
                network.statements.push(statement::statement_or_broken(&content, errors));
            }
        }
        Err(error) => {
            // The header is known, so that the network can be used and its types be declared.
            let start = input.cursor();
            errors.syntax(placed(error, last));
            recover::to_next_item(input, start);
            network.broken = true;
        }
    }
    Ok(network)
}
