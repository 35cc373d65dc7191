//! Values: the lengths of axes and the arguments of stages, which have a grammar of their own, because
//! `Dense(8) -> relu` as an argument is no Rust expression.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

use super::Stage;

/// `(256, 3, padding = same)`
#[derive(Clone, Debug)]
pub struct Arguments {
    /// The parentheses.
    pub span: Span,
    /// The arguments in the order of the text.
    pub items: Vec<Argument>,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name, if it has one.
    pub name: Option<Ident>,
    /// Its value.
    pub value: Value,
}

/// A length or an argument's value.
#[derive(Clone, Debug)]
pub enum Value {
    /// `3` or `-3`
    Integer {
        /// The minus sign.
        minus: Option<Span>,
        /// The digits.
        literal: syn::LitInt,
    },
    /// `0.5` or `-0.5`
    Float {
        /// The minus sign.
        minus: Option<Span>,
        /// The digits.
        literal: syn::LitFloat,
    },
    /// `true` or `false`
    Bool(syn::LitBool),
    /// `"bc,cd->bd"`, an equation; for a word it is never right, but what a Keras user writes: `"same"`.
    Text(syn::LitStr),
    /// The name of a constant, or a word such as `same`.
    Word(Ident),
    /// `(1, 2)`; with one element and no comma it is grouping.
    Tuple {
        /// The elements.
        items: Vec<Value>,
        /// The parentheses.
        span: Span,
    },
    /// `a + b - c` or `a * b / c`: operators of one precedence, from left to right. Flat, so that a long sum does not
    /// need a deep recursion.
    Operation {
        /// The first operand.
        first: Box<Value>,
        /// The rest.
        rest: Vec<(Operator, Span, Value)>,
    },
    /// `Dense(8) -> relu`: stages as an argument.
    Chain(Vec<Stage>),
}

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl Operator {
    /// As the user writes it.
    pub fn symbol(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
        }
    }
}

impl Value {
    /// Its place: all of it where the compiler can join spans, else its first token.
    pub fn span(&self) -> Span {
        match self {
            Self::Integer { minus, literal } => join(*minus, literal.span()),
            Self::Float { minus, literal } => join(*minus, literal.span()),
            Self::Bool(literal) => literal.span(),
            Self::Text(literal) => literal.span(),
            Self::Word(name) => name.span(),
            Self::Tuple { span, .. } => *span,
            Self::Operation { first, rest } => {
                let last = rest.last().map_or(first.span(), |(_, _, value)| value.span());
                join(Some(first.span()), last)
            }
            Self::Chain(stages) => stages.first().map_or_else(Span::call_site, |stage| stage.name().span()),
        }
    }

    /// The words in it that may be names of constants.
    pub fn words(&self) -> Vec<&Ident> {
        let mut words = Vec::new();
        let mut open = vec![self];
        while let Some(value) = open.pop() {
            match value {
                Self::Word(name) => words.push(name),
                Self::Tuple { items, .. } => open.extend(items.iter().rev()),
                Self::Operation { first, rest } => {
                    open.extend(rest.iter().rev().map(|(_, _, value)| value));
                    open.push(first);
                }
                Self::Integer { .. } | Self::Float { .. } | Self::Bool(_) | Self::Text(_) | Self::Chain(_) => {}
            }
        }
        words
    }

    /// What stands there: for what is short the text itself, else its kind.
    pub fn found(&self) -> String {
        match self {
            Self::Bool(_) | Self::Word(_) => format!("`{self}`"),
            _ => self.kind().to_owned(),
        }
    }

    /// What kind of thing it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Integer { .. } => "a whole number",
            Self::Float { .. } => "a decimal number",
            Self::Bool(_) => "`true` or `false`",
            Self::Text(_) => "a string",
            Self::Word(_) => "a word",
            Self::Tuple { .. } => "a tuple",
            Self::Operation { .. } => "a calculation",
            Self::Chain(_) => "a chain of stages",
        }
    }
}

/// Two places as one where the compiler can join them, else the first.
fn join(first: Option<Span>, last: Span) -> Span {
    first.map_or(last, |first| first.join(last).unwrap_or(first))
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Integer { minus, literal } => signed(minus, literal),
            Self::Float { minus, literal } => signed(minus, literal),
            Self::Bool(literal) => quote!(#literal),
            Self::Text(literal) => quote!(#literal),
            Self::Word(name) => quote!(#name),
            Self::Tuple { items, .. } => quote!((#(#items),*)),
            Self::Operation { first, rest } => {
                let rest = rest.iter().map(|(operator, _, value)| {
                    let symbol = proc_macro2::Punct::new(operator.symbol(), proc_macro2::Spacing::Alone);
                    quote!(#symbol #value)
                });
                quote!(#first #(#rest)*)
            }
            Self::Chain(stages) => quote!(#(#stages)->*),
        });
    }
}

fn signed(minus: &Option<Span>, literal: &impl ToTokens) -> TokenStream {
    if minus.is_some() { quote!(-#literal) } else { quote!(#literal) }
}

impl ToTokens for Stage {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { path, arguments } = self;
        path.to_tokens(tokens);
        if let Some(Arguments { items, .. }) = arguments {
            tokens.extend(quote!((#(#items),*)));
        }
    }
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { name, value } = self;
        tokens.extend(match name {
            Some(name) => quote!(#name = #value),
            None => quote!(#value),
        });
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer { minus, literal } => write!(f, "{}{literal}", sign(minus)),
            Self::Float { minus, literal } => write!(f, "{}{literal}", sign(minus)),
            Self::Bool(literal) => write!(f, "{}", literal.value),
            Self::Text(literal) => write!(f, "{:?}", literal.value()),
            Self::Word(name) => write!(f, "{name}"),
            Self::Tuple { items, .. } => write!(f, "({})", list(items)),
            Self::Operation { first, rest } => {
                write!(f, "{first}")?;
                rest.iter().try_for_each(|(operator, _, value)| write!(f, " {} {value}", operator.symbol()))
            }
            Self::Chain(stages) => {
                let stages: Vec<_> = stages.iter().map(Stage::to_string).collect();
                write!(f, "{}", stages.join(" -> "))
            }
        }
    }
}

fn sign(minus: &Option<Span>) -> &'static str {
    if minus.is_some() { "-" } else { "" }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let leading = if self.path.leading_colon.is_some() { "::" } else { "" };
        let names: Vec<_> = self.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        write!(f, "{leading}{}", names.join("::"))?;
        match &self.arguments {
            Some(arguments) => write!(f, "({})", list(&arguments.items)),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for Argument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} = {}", self.value),
            None => write!(f, "{}", self.value),
        }
    }
}

/// The items with commas between them.
pub(crate) fn list(items: &[impl std::fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
